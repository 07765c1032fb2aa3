"""Every backend as a copy of the package of its own: tests take them as data."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType

import pytest

from fastlr import _core

#: The compiled core on each instruction set of this machine, and the fallback: not with
#: FASTLR_TEST_FALLBACK=0, for platforms where Numba has no wheel.
BACKENDS = [f"cpp-{isa}" for isa in _core.isas()]
if os.environ.get("FASTLR_TEST_FALLBACK") != "0":
    BACKENDS.append("numba")


@cache
def load(backend: str) -> ModuleType:
    """A second copy of the package, with its backend forced."""
    ours = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "fastlr"}
    for name in ours:
        del sys.modules[name]
    # The extension is one per process; the copies share it.
    sys.modules["fastlr._core"] = _core
    before = os.environ.get("FASTLR_BACKEND")
    os.environ["FASTLR_BACKEND"] = backend
    try:
        return importlib.import_module("fastlr")
    finally:
        if before is None:
            del os.environ["FASTLR_BACKEND"]
        else:
            os.environ["FASTLR_BACKEND"] = before
        for name in [name for name in sys.modules if name.split(".")[0] == "fastlr"]:
            del sys.modules[name]
        sys.modules.update(ours)


@contextmanager
def using(backend: str) -> Iterator[ModuleType]:
    """The package on one of BACKENDS, for the time of a with block."""
    name, _, isa = backend.partition("-")
    if isa:
        _core.set_isa(isa)
    try:
        yield load(name)
    finally:
        _core.set_isa("auto")


over_backends = pytest.mark.parametrize("backend", BACKENDS)
