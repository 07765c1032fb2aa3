"""InverseSquareRootDecay (src/cpp/core/schedules/inverse_square_root_decay.hpp)."""

from __future__ import annotations

from typing import Any, NamedTuple

from fastlr._numba.c_library import sqrt
from fastlr._numba.driver import Kernel, loops
from fastlr._numba.flush_to_zero import HostArithmetic, add, divide, flush
from fastlr._numba.jit import jit


class Constants(NamedTuple):
    """All float32, or all float64."""

    initial: Any
    decay_steps: Any
    zero: Any
    one: Any


@jit
def at(c, step, flushed):
    """The formula, for any step."""
    s = flush(step) if flushed else step
    quotient = divide(c.zero if s < c.zero else s, c.decay_steps, flushed)
    return divide(c.initial, sqrt(add(c.one, quotient, flushed)), flushed)


flushed_rates, bulk = loops(at)


def _needs_flush(c: Constants) -> bool:
    """Whether an ordinary step may give a subnormal: the furthest gives the largest divisor."""
    initial, divisor = abs(float(c.initial)), (1.0 + 2.0**65 / float(c.decay_steps)) ** 0.5
    quotient_vanishes = bool(c.decay_steps > 2.0**60)
    return quotient_vanishes or (initial != 0 and not initial / divisor > 2.0**-120)


def inverse_square_root_decay(
    dtype: str, execution: str, initial_learning_rate: float, decay_steps: float
) -> Kernel:
    """Kernel of an InverseSquareRootDecay, which is the same in every execution mode."""
    host = HostArithmetic(dtype)
    constants = Constants(
        initial=host.flush(initial_learning_rate),
        decay_steps=host.real(decay_steps),
        zero=host.real(0),
        one=host.real(1),
    )
    block = flushed_rates if dtype == "float64" or _needs_flush(constants) else bulk
    return Kernel(dtype, block, constants)
