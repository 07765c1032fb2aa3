"""The examples in docstrings, and that every public name has what a reader needs."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import fastlr

MODULES = [
    module.name
    for module in pkgutil.walk_packages(fastlr.__path__, "fastlr.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", ["fastlr", *MODULES])
def test_examples(name):
    module = importlib.import_module(name)
    results = doctest.testmod(module, extraglobs={"fastlr": fastlr, "np": np})
    assert results.failed == 0


@pytest.mark.parametrize("name", fastlr.__all__)
def test_public_names_are_documented(name):
    thing = getattr(fastlr, name)
    if inspect.isclass(thing) or inspect.isfunction(thing):
        methods = [
            member
            for method, member in inspect.getmembers(thing, inspect.isfunction)
            if not method.startswith("_")
        ]
        for documented in [thing, *methods]:
            text = inspect.getdoc(documented)
            assert text, documented
            assert ">>> " in text or documented.__name__ == "get_config", documented
