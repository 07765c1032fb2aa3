"""PolynomialDecay (src/cpp/core/schedules/polynomial_decay.hpp)."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc,untyped-decorator"

from __future__ import annotations

from typing import Any, NamedTuple

from fastlr._numba.c_library import ceil, fma, power, sqrt
from fastlr._numba.driver import Kernel
from fastlr._numba.execution import EAGER, GRAPH, MODES, XLA, contracted, quotient
from fastlr._numba.jit import jit
from fastlr._numba.numbers import HostArithmetic, add, divide, flush, minimum, multiply, subtract


class Constants(NamedTuple):
    """All float32, or all float64."""

    range: Any  # initial - end
    end: Any
    decay_steps: Any
    steps_per_cycle: Any
    power: Any
    reciprocal: Any
    remaining_after: Any  # t beyond the end, under XLA
    one: Any
    cycle: bool
    mode: int


@jit
def remaining_after_end(decay_steps, reciprocal, one):
    """Part still to come beyond the end under XLA, which fuses it where D is not below 2**24."""
    if decay_steps < 2**24:
        return subtract(one, multiply(decay_steps, reciprocal, True), True)
    return flush(fma(-decay_steps, reciprocal, one))


@jit
def remaining(c, step):
    """Part of the decay that is still to come."""
    if c.mode == XLA:
        if c.decay_steps < step:
            return c.remaining_after
        return flush(fma(-step, c.reciprocal, c.one))
    clamped = minimum(step, c.decay_steps)
    passed = quotient(c.mode, clamped, c.decay_steps, c.reciprocal, True)
    return subtract(c.one, passed, True)


@jit
def remaining_of_cycle(c, step):
    """The same, where the decay starts again."""
    cycles = ceil(quotient(c.mode, step, c.steps_per_cycle, c.reciprocal, True))
    multiplier = c.one if step == 0 else cycles
    passed = divide(step, multiply(c.decay_steps, multiplier, True), True)
    return subtract(c.one, passed, True)


@jit
def powered(c, t):
    """t**power; graph and XLA rewrite some powers."""
    if c.mode != EAGER:
        if c.power == 2:
            return multiply(t, t, True)
        if c.power == 3:
            return multiply(multiply(t, t, True), t, True)
        if c.power == 0.5:
            return sqrt(t)
        if c.mode == GRAPH and c.power == -1:
            return divide(c.one, t, True)
        if c.mode == GRAPH and c.power == -0.5:
            return divide(c.one, sqrt(t), True)
    return flush(power(t, c.power))


@jit
def at(c, step):
    """The formula, for any step."""
    s = flush(step)
    t = remaining_of_cycle(c, s) if c.cycle else remaining(c, s)
    if c.mode == GRAPH and c.power == 3:
        cube = multiply(multiply(c.range, t, True), multiply(t, t, True), True)
        return add(cube, c.end, True)
    return contracted(c.mode, c.range, powered(c, t), c.end, True)


@jit
def rates(c, steps, out):
    """out[i] = rate at steps[i]."""
    for i in range(steps.size):
        out[i] = at(c, steps[i])


def polynomial_decay(
    dtype: str,
    execution: str,
    initial_learning_rate: float,
    decay_steps: float,
    end_learning_rate: float,
    power: float,
    cycle: bool,
    steps_per_cycle: float,
) -> Kernel:
    """Kernel of a PolynomialDecay."""
    host = HostArithmetic(dtype)
    end = host.flush(end_learning_rate)
    steps, reciprocal, one = host.real(decay_steps), host.divide(1, decay_steps), host.real(1)
    constants = Constants(
        range=host.subtract(host.flush(initial_learning_rate), end),
        end=end,
        decay_steps=steps,
        steps_per_cycle=host.real(steps_per_cycle),
        power=host.flush(power),
        reciprocal=reciprocal,
        remaining_after=host.real(remaining_after_end(steps, reciprocal, one)),
        one=one,
        cycle=cycle,
        mode=MODES[execution],
    )
    return Kernel(dtype, lambda steps, out: rates(constants, steps, out))
