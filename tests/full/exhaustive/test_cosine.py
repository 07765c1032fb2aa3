"""The proof: the cosine of every float32 that schedules reach is the C library's, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

from fastlr import _core
from fastlr._verify import c_library

#: The floats of [0, pi]: their bit patterns are consecutive.
FLOATS = int(np.float32(np.pi).view(np.uint32)) + 1

#: All that is proven: what rounding adds below 0 and above pi too.
FIRST, LAST = -np.nextafter(np.float32(np.pi / 4), np.float32(0)), np.float32(3.92)


@pytest.mark.parametrize("form", c_library.COSINE_FORMS)
@pytest.mark.parametrize("isa", _core.isas())
def test_compiled_core(isa, form, count_compared, capsys):
    above_pi = np.nextafter(np.float32(np.pi), np.float32(4))
    proof, below, above = (
        c_library.prove(isa, _core.prove_cosine, form, first, last)
        for first, last in [(0, np.pi), (FIRST, -0.0), (above_pi, LAST)]
    )
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
    proof = c_library.prove_numba_cosine()
    compared, different = proof["compared"], proof["different"]
    with capsys.disabled():
        print(f"\ncosf on [0, pi], numba, both forms: {compared:,} values, {different} differ")
    assert compared == 2 * FLOATS
    assert different == 0
    count_compared("cosine and the C library's cosf, exhaustive", compared)
