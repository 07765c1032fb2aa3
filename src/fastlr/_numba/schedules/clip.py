"""Clip (src/cpp/core/compositions/clip.hpp)."""

from __future__ import annotations

import math

from fastlr._numba.driver import Kernel, KernelOfRates
from fastlr._numba.flush_to_zero import HostArithmetic
from fastlr._numba.jit import jit


@jit
def clipped(minimum, maximum, rates):
    """Bring rates within bounds, in place; NaN stays."""
    for i in range(rates.size):
        rate = rates[i]
        rate = minimum if rate < minimum else rate
        rates[i] = maximum if rate > maximum else rate


def clip(
    dtype: str, execution: str, schedule: Kernel, minimum: float | None, maximum: float | None
) -> Kernel:
    """Kernel of a Clip, from that of its part."""
    host = HostArithmetic(dtype)
    low = host.flush(-math.inf if minimum is None else minimum)
    high = host.flush(math.inf if maximum is None else maximum)
    return KernelOfRates(dtype, schedule, clipped, low, high)
