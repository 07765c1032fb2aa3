"""Constant (src/cpp/core/schedules/constant.hpp)."""

from __future__ import annotations

from fastlr._numba.driver import Kernel
from fastlr._numba.flush_to_zero import HostArithmetic
from fastlr._numba.jit import jit


@jit
def fill(rate, out):
    """out[i] = rate."""
    out[:] = rate


def constant(dtype: str, execution: str, learning_rate: float) -> Kernel:
    """Kernel of a Constant, which is the same in every execution mode."""
    rate = HostArithmetic(dtype).flush(learning_rate)
    return Kernel(dtype, fill, rate)
