"""ExponentialDecay (src/cpp/core/schedules/exponential_decay.hpp)."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc,untyped-decorator"

from __future__ import annotations

from typing import Any, NamedTuple

from fastlr._numba.c_library import floor, power
from fastlr._numba.driver import Kernel
from fastlr._numba.execution import MODES, quotient
from fastlr._numba.jit import jit
from fastlr._numba.numbers import HostArithmetic, flush, multiply


class Constants(NamedTuple):
    """All float32, or all float64."""

    initial: Any
    decay_steps: Any
    decay_rate: Any
    reciprocal: Any
    staircase: bool
    mode: int


@jit
def at(c, step):
    """The formula, for any step."""
    p = quotient(c.mode, flush(step), c.decay_steps, c.reciprocal, True)
    p = floor(p) if c.staircase else p
    return multiply(c.initial, flush(power(c.decay_rate, p)), True)


@jit
def rates(c, steps, out):
    """out[i] = rate at steps[i]."""
    for i in range(steps.size):
        out[i] = at(c, steps[i])


def exponential_decay(
    dtype: str,
    execution: str,
    initial_learning_rate: float,
    decay_steps: float,
    decay_rate: float,
    staircase: bool,
) -> Kernel:
    """Kernel of an ExponentialDecay."""
    host = HostArithmetic(dtype)
    constants = Constants(
        initial=host.flush(initial_learning_rate),
        decay_steps=host.real(decay_steps),
        decay_rate=host.flush(decay_rate),
        reciprocal=host.divide(1, decay_steps),
        staircase=staircase,
        mode=MODES[execution],
    )
    return Kernel(dtype, lambda steps, out: rates(constants, steps, out))
