"""InverseTimeDecay (src/cpp/core/schedules/inverse_time_decay.hpp)."""

from __future__ import annotations

from typing import Any, NamedTuple

from fastlr._numba.c_library import floor
from fastlr._numba.driver import Kernel, loops
from fastlr._numba.execution import EAGER, MODES, contracted, quotient
from fastlr._numba.flush_to_zero import HostArithmetic, divide, flush
from fastlr._numba.jit import jit, static


class Constants(NamedTuple):
    """All float32, or all float64."""

    initial: Any
    decay_steps: Any
    decay_rate: Any
    reciprocal: Any
    rate_per_step: Any
    one: Any
    staircase: tuple[int, ...]
    mode: tuple[int, ...]


@jit
def at(c, step, flushed):
    """The formula, for any step."""
    s = flush(step) if flushed else step
    if len(c.staircase):
        p = floor(quotient(c.mode, s, c.decay_steps, c.reciprocal, flushed))
        divisor = contracted(c.mode, c.decay_rate, p, c.one, flushed)
    elif len(c.mode) == EAGER:
        p = divide(s, c.decay_steps, flushed)
        divisor = contracted(c.mode, c.decay_rate, p, c.one, flushed)
    else:
        divisor = contracted(c.mode, s, c.rate_per_step, c.one, flushed)
    return divide(c.initial, divisor, flushed)


flushed_rates, bulk = loops(at)


def _needs_flush(c: Constants) -> bool:
    """Whether an ordinary step may give a subnormal: the furthest gives the largest divisor."""
    initial, rate = abs(float(c.initial)), abs(float(c.decay_rate))
    divisor = 1.0 + rate * (2.0**65 / float(c.decay_steps))
    quotient_vanishes = bool(c.decay_steps > 2.0**60)
    return quotient_vanishes or (initial != 0 and not initial / divisor > 2.0**-120)


def inverse_time_decay(
    dtype: str,
    execution: str,
    initial_learning_rate: float,
    decay_steps: float,
    decay_rate: float,
    staircase: bool,
) -> Kernel:
    """Kernel of an InverseTimeDecay."""
    host = HostArithmetic(dtype)
    reciprocal = host.divide(1, decay_steps)
    constants = Constants(
        initial=host.flush(initial_learning_rate),
        decay_steps=host.real(decay_steps),
        decay_rate=host.flush(decay_rate),
        reciprocal=reciprocal,
        rate_per_step=host.multiply(host.flush(decay_rate), reciprocal),
        one=host.real(1),
        staircase=static(staircase),
        mode=MODES[execution],
    )
    block = flushed_rates if dtype == "float64" or _needs_flush(constants) else bulk
    return Kernel(dtype, block, constants)
