"""The proof: the cosine of every float32 that schedules reach is the C library's, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

from fastlr import _core

#: The floats of [0, pi]: their bit patterns are consecutive.
FLOATS = int(np.float32(np.pi).view(np.uint32)) + 1

#: All that is proven: what rounding adds below 0 and above pi too.
FIRST, LAST = -np.nextafter(np.float32(np.pi / 4), np.float32(0)), np.float32(3.92)


@pytest.mark.parametrize("form", ["by_quadrant", "selected"])
@pytest.mark.parametrize("isa", _core.isas())
def test_compiled_core(isa, form, count_compared, capsys):
    _core.set_isa(isa)
    try:
        proof = _core.prove_cosine(form, 0, np.pi)
        below = _core.prove_cosine(form, FIRST, -0.0)
        above = _core.prove_cosine(form, np.nextafter(np.float32(np.pi), np.float32(4)), LAST)
    finally:
        _core.set_isa("auto")
    with capsys.disabled():
        print(
            f"\ncosf on [0, pi], {isa}, {form}: {proof['compared']:,} values compared, "
            f"{proof['different']} differ"
        )
    assert proof["compared"] == FLOATS == 1_078_530_012
    for part in (proof, below, above):
        assert part["compared"] > 0
        assert part["different"] == 0, f"first at {part['first_difference'].hex()}"
        count_compared("cosine and the C library's cosf, exhaustive", part["compared"])


def test_numba(count_compared, capsys):
    """The fallback's cosine, in the two forms that its kernels use, against the same cosf."""
    import numba

    from fastlr._numba.cosine import cosine, in_quadrant, quadrant
    from fastlr._numba.driver import from_ordinal, ordinal

    library = numba.types.ExternalFunction("cosf", numba.float32(numba.float32))

    @numba.njit
    def count_differences(floats):
        differences = 0
        for position in range(floats):
            angle = from_ordinal(position)
            theirs = ordinal(library(angle))
            which = quadrant(angle)
            if which == 0:
                known = in_quadrant(angle, 0)
            elif which == 1:
                known = in_quadrant(angle, 1)
            else:
                known = in_quadrant(angle, 2)
            differences += ordinal(cosine(angle)) != theirs
            differences += ordinal(known) != theirs
        return differences

    different = count_differences(FLOATS)
    with capsys.disabled():
        print(f"\ncosf on [0, pi], numba, both forms: {FLOATS:,} values, {different} differ")
    assert different == 0
    count_compared("cosine and the C library's cosf, exhaustive", 2 * FLOATS)
