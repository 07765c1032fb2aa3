"""CosineDecayRestarts (src/cpp/core/schedules/cosine_decay_restarts.hpp)."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc,untyped-decorator"

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fastlr._numba.c_library import floor, fma, log, power
from fastlr._numba.cosine import cosine
from fastlr._numba.driver import Kernel
from fastlr._numba.execution import GRAPH, MODES, XLA, contracted, quotient
from fastlr._numba.jit import jit
from fastlr._numba.numbers import HostArithmetic, add, divide, flush, multiply, subtract
from fastlr._numba.xla_log import xla_logarithm


class Constants(NamedTuple):
    """All float32, or all float64."""

    initial: Any
    half_initial: Any
    first_decay_steps: Any
    t_mul: Any
    m_mul: Any
    alpha: Any
    span: Any  # 1 - alpha
    half_span: Any
    one_less_t: Any
    log_t: Any
    reciprocal: Any
    inverse_one_less_t: Any
    inverse_log_t: Any
    growth: Any  # (t_mul - 1) / first_decay_steps, folded
    half: Any
    one: Any
    pi: Any
    mode: int


@jit
def library_log(x):
    """The C library's logarithm of a constant."""
    return flush(log(x))


@jit
def restarts_before(c, step, periods):
    """Number of the period of a step."""
    if c.t_mul == 1:
        return floor(periods)
    if c.mode == XLA:
        grown = flush(fma(step, c.growth, c.one))
        return floor(multiply(np.float32(xla_logarithm(np.float32(grown))), c.inverse_log_t, True))
    grown = subtract(c.one, multiply(periods, c.one_less_t, True), True)
    return floor(quotient(c.mode, flush(log(grown)), c.log_t, c.inverse_log_t, True))


@jit
def fraction(c, step, periods, restarts):
    """How much of its period has passed at a step."""
    if c.t_mul == 1:
        return subtract(periods, restarts, True)
    length = flush(power(c.t_mul, restarts))
    if c.mode == XLA:
        start = multiply(subtract(c.one, length, True), -c.inverse_one_less_t, True)
        passed = flush(fma(step, c.reciprocal, start))
        return multiply(passed, flush(power(c.t_mul, -restarts)), True)
    start = quotient(
        c.mode, subtract(c.one, length, True), c.one_less_t, c.inverse_one_less_t, True
    )
    return divide(subtract(periods, start, True), length, True)


@jit
def rate(c, height, cosine):
    """Rate from the cosine; the graph optimiser moves constants through the products."""
    raised = add(c.one, cosine, True)
    if c.mode == GRAPH:
        if c.alpha == 0:
            return multiply(multiply(height, c.half_initial, True), raised, True)
        falling = multiply(multiply(height, c.half_span, True), raised, True)
        return multiply(c.initial, add(falling, c.alpha, True), True)
    falling = multiply(multiply(c.half, height, True), raised, True)
    return multiply(c.initial, contracted(c.mode, c.span, falling, c.alpha, True), True)


@jit
def at(c, step):
    """The formula, for any step."""
    s = flush(step)
    periods = quotient(c.mode, s, c.first_decay_steps, c.reciprocal, True)
    restarts = restarts_before(c, s, periods)
    angle = multiply(c.pi, fraction(c, s, periods, restarts), True)
    return rate(c, flush(power(c.m_mul, restarts)), cosine(angle))


@jit
def rates(c, steps, out):
    """out[i] = rate at steps[i]."""
    for i in range(steps.size):
        out[i] = at(c, steps[i])


def cosine_decay_restarts(
    dtype: str,
    execution: str,
    initial_learning_rate: float,
    first_decay_steps: float,
    t_mul: float,
    m_mul: float,
    alpha: float,
) -> Kernel:
    """Kernel of a CosineDecayRestarts."""
    host = HostArithmetic(dtype)
    one, half = host.real(1), host.real(0.5)
    initial, t, small_alpha = map(host.flush, (initial_learning_rate, t_mul, alpha))
    log_t = host.real(library_log(t))
    one_less_t, span = host.subtract(one, t), host.subtract(one, small_alpha)
    reciprocal = host.divide(one, first_decay_steps)
    constants = Constants(
        initial=initial,
        half_initial=host.multiply(half, initial),
        first_decay_steps=host.real(first_decay_steps),
        t_mul=t,
        m_mul=host.flush(m_mul),
        alpha=small_alpha,
        span=span,
        half_span=host.multiply(half, span),
        one_less_t=one_less_t,
        log_t=log_t,
        reciprocal=reciprocal,
        inverse_one_less_t=host.divide(one, one_less_t),
        inverse_log_t=host.divide(one, log_t),
        growth=-host.multiply(reciprocal, one_less_t),
        half=half,
        one=one,
        pi=host.real(np.pi),
        mode=MODES[execution],
    )
    return Kernel(dtype, lambda steps, out: rates(constants, steps, out))
