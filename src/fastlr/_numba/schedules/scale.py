"""Scale (src/cpp/core/compositions/scale.hpp)."""

from __future__ import annotations

from fastlr._numba.driver import Kernel, KernelOfRates
from fastlr._numba.flush_to_zero import HostArithmetic, multiply
from fastlr._numba.jit import jit


@jit
def scaled(factor, rates):
    """Multiply rates in place."""
    for i in range(rates.size):
        rates[i] = multiply(factor, rates[i], True)


def scale(dtype: str, execution: str, schedule: Kernel, factor: float) -> Kernel:
    """Kernel of a Scale, from that of its part."""
    real = HostArithmetic(dtype).flush(factor)
    return KernelOfRates(dtype, schedule, scaled, real)
