"""The core's own functions and the C library of this machine, over whole intervals of floats."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import ctypes
import importlib
import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from fastlr._verify.backends import core

#: What the kernels of schedules evaluate: the quadrant known, or selected for each angle.
COSINE_FORMS = ("by_quadrant", "selected")


def prove(isa: str, function: Any, *arguments: Any) -> dict[str, Any]:
    """What a proof of the core finds for the kernels of one instruction set."""
    compiled = core()
    compiled.set_isa(isa)
    try:
        found: dict[str, Any] = function(*arguments)
    finally:
        compiled.set_isa("auto")
    return found


def own_powers() -> list[str]:
    """The instruction sets whose kernels have a power of their own; others call the library."""
    compiled = core()
    if compiled is None or not compiled.library_power_is_fused():
        return []
    return [isa for isa in compiled.isas() if isa != "baseline"]


#: Two powers in which the fused variant of the C library's powf differs from the other one, and
#: what the fused one gives.
_FUSED_POWERS = (
    ("0x1.8p0", "0x1.808f96p+5", "0x1.160d5cp+28"),
    ("0x1.ccccccp-1", "0x1.624d3ap-2", "0x1.edabep-1"),
)


def library_power_is_fused() -> bool:
    """Whether the C library has the powf that the kernels copy, found without the kernels."""
    power = ctypes.CDLL("ucrtbase" if os.name == "nt" else None).powf
    power.restype, power.argtypes = ctypes.c_float, [ctypes.c_float, ctypes.c_float]
    return all(
        power(float.fromhex(x), float.fromhex(y)) == float.fromhex(fused)
        for x, y, fused in _FUSED_POWERS
    )


def power_users() -> dict[str, Callable[[], bool]]:
    """By backend, whether its start-up check lets its kernels use a power of their own."""
    users = {}
    if core() is not None:
        users["cpp"] = core().library_power_is_fused
    if find_spec("numba"):
        users["numba"] = importlib.import_module("fastlr._numba.power").library_power_is_fused
    return users


def check_start_up(own_power_is_used: Callable[[], bool]) -> dict[str, Any]:
    """Whether a backend uses its own power exactly where the C library has the same."""
    fits = bool(own_power_is_used()) == library_power_is_fused()
    return {"compared": 1, "different": int(not fits), "first_difference": 1.5}


def prove_numba_power() -> dict[str, Any]:
    """The fallback's power and the C library's, for every 16th float x in (0, 1], x**0.9."""
    import numba

    from fastlr._numba.driver import from_ordinal, ordinal
    from fastlr._numba.power import library, ours

    exponent = np.float32(0.9)

    def count_differences(first: Any, last: Any) -> Any:
        differences, where = 0, last
        for position in range(first, last + 1, 16):
            x = from_ordinal(position)
            if ordinal(ours(x, exponent)) != ordinal(library(x, exponent)):
                where = position if differences == 0 else where
                differences += 1
        return differences, where

    first, last = (int(np.float32(x).view(np.uint32)) for x in (2.0**-126, 1.0))
    different, where = numba.njit(count_differences)(first, last)
    return {
        "compared": (last - first) // 16 + 1,
        "different": int(different),
        "first_difference": float(np.uint32(where).view(np.float32)),
    }


def prove_numba_cosine() -> dict[str, Any]:
    """The same for the fallback's cosine, in the two forms that its kernels use, on [0, pi]."""
    import numba

    from fastlr._numba.cosine import cosine, in_quadrant, quadrant
    from fastlr._numba.driver import from_ordinal, ordinal

    library = numba.types.ExternalFunction("cosf", numba.float32(numba.float32))

    def count_differences(first: Any, last: Any) -> Any:
        differences, where = 0, last
        for position in range(first, last + 1):
            angle = from_ordinal(position)
            theirs = ordinal(library(angle))
            which = quadrant(angle)
            if which == 0:
                known = in_quadrant(angle, 0)
            elif which == 1:
                known = in_quadrant(angle, 1)
            else:
                known = in_quadrant(angle, 2)
            differ = int(ordinal(cosine(angle)) != theirs) + int(ordinal(known) != theirs)
            if differ and differences == 0:
                where = position
            differences += differ
        return differences, where

    last = int(np.float32(np.pi).view(np.uint32))
    different, where = numba.njit(count_differences)(0, last)
    return {
        "compared": 2 * (last + 1),
        "different": int(different),
        "first_difference": float(np.uint32(where).view(np.float32)),
    }
