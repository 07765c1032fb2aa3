"""CosineDecayRestarts (src/cpp/core/schedules/cosine_decay_restarts.hpp)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fastlr._numba.c_library import floor, fma, log, power
from fastlr._numba.cosine import FIRST_ANGLE, LAST_ANGLE, QUARTER_PI, cosine, in_any_quadrant
from fastlr._numba.driver import INNER_BLOCK, Kernel, extent
from fastlr._numba.execution import GRAPH, MODES, XLA, contracted, quotient
from fastlr._numba.flush_to_zero import HostArithmetic, add, divide, flush, multiply, subtract
from fastlr._numba.jit import jit, static
from fastlr._numba.power import exp2, library_power_is_fused, log2
from fastlr._numba.xla_log import xla_logarithm

#: The first angles that cosf counts to its second and third quadrant.
QUADRANT_1_ANGLE = QUARTER_PI
QUADRANT_2_ANGLE = np.float32(float.fromhex("0x1.2d97c8p+1"))


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
    last_known: Any  # the last step whose period need not be found by itself
    half: Any
    one: Any
    pi: Any
    has_power: bool  # m_mul**n is ours where it is normal
    log2_m: Any
    regular: tuple[int, ...]  # t_mul is 1: periods of one length
    mode: tuple[int, ...]


class Period(NamedTuple):
    """What is constant from one restart to the next."""

    start: Any
    length: Any
    inverse_length: Any
    height: Any


@jit
def library_log(x):
    """The C library's logarithm of a constant."""
    return flush(log(x))


@jit
def restarts_before(c, step, periods):
    """Number of the period of a step."""
    if len(c.regular):
        return floor(periods)
    if len(c.mode) == XLA:
        grown = flush(fma(step, c.growth, c.one))
        return floor(multiply(np.float32(xla_logarithm(np.float32(grown))), c.inverse_log_t, True))
    grown = subtract(c.one, multiply(periods, c.one_less_t, True), True)
    return floor(quotient(c.mode, flush(log(grown)), c.log_t, c.inverse_log_t, True))


@jit
def restarts_at(c, step):
    """The same, from the step alone."""
    return restarts_before(c, step, quotient(c.mode, step, c.first_decay_steps, c.reciprocal, True))


@jit
def period_after(c, restarts):
    """The period that so many restarts precede."""
    height = flush(power(c.m_mul, restarts))
    if len(c.regular):
        return Period(restarts, c.one, c.one, height)
    length = flush(power(c.t_mul, restarts))
    if len(c.mode) == XLA:
        start = multiply(subtract(c.one, length, True), -c.inverse_one_less_t, True)
        return Period(start, length, flush(power(c.t_mul, -restarts)), height)
    start = quotient(
        c.mode, subtract(c.one, length, True), c.one_less_t, c.inverse_one_less_t, True
    )
    return Period(start, length, c.one, height)


@jit
def fraction(c, period, step, flushed):
    """How much of its period has passed at a step."""
    if len(c.mode) == XLA and len(c.regular) == 0:
        if c.reciprocal == 1:
            # XLA drops the multiplication by 1, and fuses the product of `start` instead.
            passed = fma(subtract(c.one, period.length, True), -c.inverse_one_less_t, step)
        else:
            passed = fma(step, c.reciprocal, period.start)
        return multiply(flush(passed) if flushed else passed, period.inverse_length, flushed)
    periods = quotient(c.mode, step, c.first_decay_steps, c.reciprocal, flushed)
    passed = subtract(periods, period.start, flushed)
    return passed if len(c.regular) else divide(passed, period.length, flushed)


@jit
def rate(c, height, raised, flushed):
    """Rate from 1 + cos; the graph optimiser moves constants through the products."""
    if len(c.mode) == GRAPH:
        if c.alpha == 0:
            return multiply(multiply(height, c.half_initial, flushed), raised, flushed)
        falling = multiply(multiply(height, c.half_span, flushed), raised, flushed)
        return multiply(c.initial, add(falling, c.alpha, flushed), flushed)
    inner, outer = multiply(c.half, height, flushed), c.span
    if len(c.mode) == XLA and abs(c.span) == c.one:
        # XLA drops the multiplication by 1 or -1, and fuses the one before it with the sum.
        inner, outer = c.one, c.span * inner
    falling = multiply(inner, raised, flushed)
    return multiply(c.initial, contracted(c.mode, outer, falling, c.alpha, flushed), flushed)


@jit
def at(c, step):
    """The formula, for any step."""
    s = flush(step)
    periods = quotient(c.mode, s, c.first_decay_steps, c.reciprocal, True)
    restarts = restarts_before(c, s, periods)
    period = period_after(c, restarts)
    angle = multiply(c.pi, fraction(c, period, s, True), True)
    return rate(c, period.height, add(c.one, cosine(angle), True), True)


@jit
def rates(c, out):
    """out[i] = rate at step out[i], one after the other."""
    for i in range(out.size):
        out[i] = at(c, out[i])


@jit
def raised_at(c, fraction):
    """1 + cos at a fraction of a period, without branches."""
    angle = c.pi * fraction
    return c.one + in_any_quadrant(angle, angle >= QUADRANT_1_ANGLE, angle >= QUADRANT_2_ANGLE)


@jit
def in_period(c, period, out):
    """The formula without branches, for steps of one period."""
    for i in range(out.size):
        raised = raised_at(c, fraction(c, period, out[i], False))
        out[i] = rate(c, period.height, raised, False)


@jit
def in_regular_periods(c, height, out):
    """The same for steps of any period, where all have the same length and height."""
    for i in range(out.size):
        periods = quotient(c.mode, out[i], c.first_decay_steps, c.reciprocal, False)
        out[i] = rate(c, height, raised_at(c, periods - floor(periods)), False)


@jit
def in_falling_periods(c, out):
    """The same for steps of any period, where all have the same length and a normal height."""
    for i in range(out.size):
        periods = quotient(c.mode, out[i], c.first_decay_steps, c.reciprocal, False)
        restarts = floor(periods)
        height = exp2(np.float64(restarts) * c.log2_m)
        out[i] = rate(c, height, raised_at(c, periods - restarts), False)


@jit
def is_low(x, exact_zero):
    return exact_zero != 0 and not x > 2.0**-110


@jit
def height_needs_flush(c, height):
    """Whether a rate of this height may be subnormal on the way: 1 + cos is 0 or above 2**-25."""
    h = abs(np.float64(height)) * 2.0**-26
    span, initial = abs(np.float64(c.half_span)), abs(np.float64(c.initial))
    alpha = abs(np.float64(c.alpha))
    if is_low(alpha * initial * 2.0**-26, alpha * initial):
        return True
    if h == 0:
        return False
    return (
        not h < np.inf
        or is_low(h, 1.0)
        or is_low(h * span, span)
        or is_low(h * span * initial, span * initial)
        or is_low(h * initial, initial)
    )


@jit
def is_plain(c, period, step):
    """Whether the formula without branches holds for a step of this period."""
    angle = c.pi * fraction(c, period, step, False)
    is_proven = angle >= FIRST_ANGLE and angle <= LAST_ANGLE
    return is_proven and not height_needs_flush(c, period.height)


@jit
def bulk(c, out):
    """out[i] = rate at step out[i], where periods do not become shorter."""
    for i in range(0, out.size, INNER_BLOCK):
        in_block(c, out[i : i + INNER_BLOCK])


@jit
def in_block(c, out):
    """The same, by a formula that holds for all these steps."""
    low, high, any_needs_flush = extent(out)
    if any_needs_flush or not (low >= 0 and high <= c.last_known):
        rates(c, out)
        return
    first, last = restarts_at(c, low), restarts_at(c, high)
    if not (first >= 0 and last < 2.0**40) or (first != last and not len(c.regular)):
        rates(c, out)
        return
    early, late = period_after(c, first), period_after(c, last)
    if not (is_plain(c, early, low) and is_plain(c, late, high)):
        rates(c, out)
    elif first == last:
        in_period(c, early, out)
    elif c.m_mul == 1 or (c.m_mul > 0 and early.height == 0 and late.height == 0):
        in_regular_periods(c, early.height, out)
    elif c.has_power and early.height != 0 and late.height != 0:
        in_falling_periods(c, out)
    else:
        rates(c, out)


def _is_known(c: Constants) -> bool:
    """Whether no operation on an ordinary step but the last ones can give a subnormal."""
    return bool(
        c.t_mul >= 1
        and c.first_decay_steps < 2.0**60
        and abs(c.alpha) < 2.0**30
        and abs(c.initial) < 2.0**30
    )


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
    m = host.flush(m_mul)
    has_power = bool(
        dtype == "float32" and m >= np.finfo(np.float32).tiny and library_power_is_fused()
    )
    log_t = host.real(library_log(t))
    one_less_t, span = host.subtract(one, t), host.subtract(one, small_alpha)
    reciprocal = host.divide(one, first_decay_steps)
    growth = -host.multiply(reciprocal, one_less_t)
    # The logarithms are proven monotone up to 1e30.
    last_known = min(2.0**62, 2.0**99 / float(growth)) if growth > 0 else 2.0**62
    constants = Constants(
        initial=initial,
        half_initial=host.multiply(half, initial),
        first_decay_steps=host.real(first_decay_steps),
        t_mul=t,
        m_mul=m,
        alpha=small_alpha,
        span=span,
        half_span=host.multiply(half, span),
        one_less_t=one_less_t,
        log_t=log_t,
        reciprocal=reciprocal,
        inverse_one_less_t=host.divide(one, one_less_t),
        inverse_log_t=host.divide(one, log_t),
        growth=growth,
        last_known=np.float32(last_known),
        half=half,
        one=one,
        pi=host.real(np.pi),
        has_power=has_power,
        log2_m=np.float64(log2(m) if has_power else 0),
        regular=static(int(t == 1)),
        mode=MODES[execution],
    )
    block = rates if dtype == "float64" or not _is_known(constants) else bulk
    return Kernel(dtype, block, constants)
