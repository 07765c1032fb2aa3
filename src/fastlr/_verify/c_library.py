"""The core's own functions and the C library of this machine, over whole intervals of floats."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

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
