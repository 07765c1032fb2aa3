"""InverseTimeDecay (src/cpp/core/schedules/inverse_time_decay.hpp)."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc,untyped-decorator"

from __future__ import annotations

from typing import Any, NamedTuple

from fastlr._numba.c_library import floor
from fastlr._numba.driver import Kernel
from fastlr._numba.execution import EAGER, MODES, contracted, quotient
from fastlr._numba.jit import jit
from fastlr._numba.numbers import HostArithmetic, divide, flush


class Constants(NamedTuple):
    """All float32, or all float64."""

    initial: Any
    decay_steps: Any
    decay_rate: Any
    reciprocal: Any
    rate_per_step: Any
    one: Any
    staircase: bool
    mode: int


@jit
def at(c, step):
    """The formula, for any step."""
    s = flush(step)
    if c.staircase:
        p = floor(quotient(c.mode, s, c.decay_steps, c.reciprocal, True))
        divisor = contracted(c.mode, c.decay_rate, p, c.one, True)
    elif c.mode == EAGER:
        p = divide(s, c.decay_steps, True)
        divisor = contracted(c.mode, c.decay_rate, p, c.one, True)
    else:
        divisor = contracted(c.mode, s, c.rate_per_step, c.one, True)
    return divide(c.initial, divisor, True)


@jit
def rates(c, steps, out):
    """out[i] = rate at steps[i]."""
    for i in range(steps.size):
        out[i] = at(c, steps[i])


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
        staircase=staircase,
        mode=MODES[execution],
    )
    return Kernel(dtype, lambda steps, out: rates(constants, steps, out))
