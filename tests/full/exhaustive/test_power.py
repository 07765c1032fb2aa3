"""The proof: powers and logarithms that the core evaluates itself have the C library's bits."""

from __future__ import annotations

import numpy as np
import pytest

from fastlr import _core
from fastlr._verify.c_library import own_powers, prove

OWN = own_powers()


def check(proof, what, count_compared, capsys):
    with capsys.disabled():
        print(f"\n{what}: {proof['compared']:,} values compared, {proof['different']} differ")
    assert proof["compared"] > 0
    assert proof["different"] == 0, f"first at {proof['first_difference'].hex()}"
    count_compared("powers and logarithms, exhaustive", proof["compared"])


def test_the_library_runs_the_variant_that_the_kernels_are():
    others = [isa for isa in _core.isas() if isa != "baseline"]
    assert bool(others) == _core.library_power_is_fused()


@pytest.mark.parametrize("base", [0.96, 0.5, 0.1, 0.999, 1.5, 0.9, 4.0])
def test_powers_of_a_constant(base, count_compared, capsys):
    """As in ExponentialDecay: every exponent from 0 to 64 whose power is a normal float."""
    proof = prove(OWN[-1], _core.prove_power_of, base, 0.0, 64.0)
    check(proof, f"powf({base}, p), p in [0, 64], {OWN[-1]}", count_compared, capsys)


@pytest.mark.parametrize("exponent", [0.5, 0.9, 1.0, 2.0, 3.3, 1.5])
def test_powers_to_a_constant(exponent, count_compared, capsys):
    """As in PolynomialDecay: every normal base up to 1."""
    proof = prove(OWN[-1], _core.prove_power_to, exponent, 2.0**-126, 1.0)
    check(proof, f"powf(x, {exponent}), x in (0, 1], {OWN[-1]}", count_compared, capsys)


@pytest.mark.parametrize("isa", OWN[:-1])
def test_other_instruction_sets(isa, count_compared, capsys):
    proof = prove(isa, _core.prove_power_of, 0.96, 0.0, 64.0)
    check(proof, f"powf(0.96, p), p in [0, 64], {isa}", count_compared, capsys)
    proof = prove(isa, _core.prove_power_to, 0.9, 2.0**-126, 1.0)
    check(proof, f"powf(x, 0.9), x in (0, 1], {isa}", count_compared, capsys)


def test_a_power_of_one_is_its_base(count_compared, capsys):
    """Why PolynomialDecay(power=1) needs no power at all."""
    import numba

    from fastlr._numba.driver import from_ordinal, ordinal

    library = numba.types.ExternalFunction("powf", numba.float32(numba.float32, numba.float32))

    @numba.njit
    def count_differences(first, last):
        differences = 0
        for position in range(first, last + 1):
            x = from_ordinal(position)
            differences += ordinal(library(x, numba.float32(1))) != position
        return differences

    first, last = ordinal(np.float32(2.0**-126)), ordinal(np.float32(1))
    differences = count_differences(first, last)
    proof = {"compared": last - first + 1, "different": differences, "first_difference": 0.0}
    check(proof, "powf(x, 1) and x, x in (0, 1]", count_compared, capsys)


@pytest.mark.parametrize("of_xla", [False, True], ids=["C library", "XLA"])
def test_logarithms_are_monotone(of_xla, count_compared, capsys):
    """Why the periods of CosineDecayRestarts can be bisected: no float is out of order."""
    proof = _core.prove_monotone_logarithm(of_xla, 1.0, np.float32(1e30))
    check(proof, f"{'XLA' if of_xla else 'logf'} monotone on [1, 1e30]", count_compared, capsys)
