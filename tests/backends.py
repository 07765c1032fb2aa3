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
def load(backend: str) -> dict[str, ModuleType]:
    """The modules of a second copy of the package, with its backend forced."""
    ours = _replaced({"fastlr._core": _core})  # one per process; the copies share it
    before = os.environ.get("FASTLR_BACKEND")
    os.environ["FASTLR_BACKEND"] = backend
    try:
        importlib.import_module("fastlr")
    finally:
        if before is None:
            del os.environ["FASTLR_BACKEND"]
        else:
            os.environ["FASTLR_BACKEND"] = before
        modules = _replaced(ours)
    return modules


@contextmanager
def using(backend: str) -> Iterator[ModuleType]:
    """The package on one of BACKENDS, for the time of a with block, also for what it imports."""
    name, _, isa = backend.partition("-")
    if isa:
        _core.set_isa(isa)
    modules = load(name)
    ours = _replaced(modules)
    try:
        yield modules["fastlr"]
    finally:
        modules.update(_replaced(ours))
        _core.set_isa("auto")


def _replaced(modules: dict[str, ModuleType]) -> dict[str, ModuleType]:
    """Let these be the package's modules; those that were before."""
    names = [name for name in sys.modules if name == "fastlr" or name.startswith("fastlr.")]
    before = {name: sys.modules.pop(name) for name in names}
    sys.modules.update(modules)
    return before


over_backends = pytest.mark.parametrize("backend", BACKENDS)
