"""The examples in docstrings, and that every public name has what a reader needs."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import fastlr
import fastlr.dask
import fastlr.jax
import fastlr.keras
import fastlr.torch

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


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (module, name)
        for module in (fastlr, fastlr.dask, fastlr.jax, fastlr.keras, fastlr.torch)
        for name in module.__all__
    ],
)
def test_public_names_are_documented(module, name):
    thing = getattr(module, name)
    if inspect.isclass(thing) or inspect.isfunction(thing):
        methods = [
            member
            for method, member in inspect.getmembers(thing, inspect.isfunction)
            # Methods of Keras's are documented there; callbacks' are never called by name.
            if member.__module__.startswith("fastlr")
            and not method.startswith(("_", "on_", "set_model"))
        ]
        for documented in [thing, *methods]:
            text = inspect.getdoc(documented)
            assert text, documented
            assert ">>> " in text or documented.__name__.endswith("_config"), documented
