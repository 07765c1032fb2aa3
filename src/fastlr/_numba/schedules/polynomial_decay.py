"""PolynomialDecay (src/cpp/core/schedules/polynomial_decay.hpp)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from fastlr._numba.c_library import ceil, fma, power, sqrt
from fastlr._numba.driver import INNER_BLOCK, Kernel, extent
from fastlr._numba.execution import GRAPH, MODES, XLA, contracted, quotient
from fastlr._numba.flush_to_zero import (
    HostArithmetic,
    add,
    divide,
    flush,
    minimum,
    multiply,
    subtract,
)
from fastlr._numba.jit import jit, static
from fastlr._numba.power import exp2, library, library_power_is_fused, log2

GENERAL, LINEAR, SQUARED, CUBED, ROOTED, INVERTED, INVERSE_ROOTED = range(7)
SQUARED_INTO_END, CUBED_INTO_END = range(7, 9)
LARGEST_EXPONENT = 96


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
    whole: Any  # t at step 0
    form: tuple[int, ...]
    cycle: tuple[int, ...]
    mode: tuple[int, ...]


@jit
def remaining_after_end(decay_steps, reciprocal, whole):
    """Part still to come beyond the end under XLA, which fuses it where D is not below 2**24."""
    if decay_steps < 2**24:
        return subtract(whole, multiply(decay_steps, reciprocal, True), True)
    return flush(fma(-decay_steps, reciprocal, whole))


class Ends(NamedTuple):
    """What the formula without branches leaves out."""

    after: Any  # rate beyond the end
    at_end: Any  # rate at the end
    zero_powered: Any  # 0**power
    sign_below_zero: Any  # what (-t)**power is times t**power
    zero: Any


@jit
def remaining(c, step, flushed):
    """Part of the decay that is still to come."""
    if len(c.mode) == XLA:
        within = fma(-step, c.reciprocal, c.whole)
        within = flush(within) if flushed else within
        return c.remaining_after if c.decay_steps < step else within
    clamped = minimum(step, c.decay_steps)
    passed = quotient(c.mode, clamped, c.decay_steps, c.reciprocal, flushed)
    return subtract(c.whole, passed, flushed)


@jit
def remaining_of_cycle(c, step):
    """The same, where the decay starts again."""
    cycles = ceil(quotient(c.mode, step, c.steps_per_cycle, c.reciprocal, True))
    multiplier = c.one if step == 0 else cycles
    passed = divide(step, multiply(c.decay_steps, multiplier, True), True)
    return subtract(c.whole, passed, True)


@jit
def cycle_of(c, step):
    """Number of the cycle of a step that is not negative: only step 0 is in no cycle."""
    cycles = ceil(quotient(c.mode, step, c.steps_per_cycle, c.reciprocal, False))
    return c.one if cycles < c.one else cycles


@jit
def plain_remaining(c, step):
    """The same part, where no subnormal can arise and no cyclic step is negative."""
    if len(c.cycle):
        return c.whole - step / (c.decay_steps * cycle_of(c, step))
    return remaining(c, step, False)


@jit
def product(c, factor, flushed):
    return contracted(c.mode, c.range, factor, c.end, flushed)


@jit
def rewritten(c, t, flushed):
    """Rate where t**power is not left to powf."""
    form = len(c.form)
    if form == SQUARED:
        return product(c, multiply(t, t, flushed), flushed)
    if form == CUBED:
        square = multiply(t, t, flushed)
        if len(c.mode) == GRAPH:
            return add(multiply(multiply(c.range, t, flushed), square, flushed), c.end, flushed)
        return product(c, multiply(square, t, flushed), flushed)
    if form == ROOTED:
        # LLVM makes a square root of pow(t, 0.5) but for -inf, which cycles have before step 0.
        is_infinite = len(c.mode) == XLA and t == -math.inf
        return product(c, -t if is_infinite else sqrt(t), flushed)
    if form == INVERTED:
        return product(c, divide(c.one, t, flushed), flushed)
    if form == INVERSE_ROOTED:
        return product(c, divide(c.one, sqrt(t), flushed), flushed)
    if form == SQUARED_INTO_END:
        return contracted(c.mode, c.range * t, t, c.end, flushed)
    if form == CUBED_INTO_END:
        return contracted(c.mode, c.range * multiply(t, t, flushed), t, c.end, flushed)
    return product(c, t, flushed)


@jit
def at(c, step):
    """The formula, for any step."""
    s = flush(step)
    t = remaining_of_cycle(c, s) if len(c.cycle) else remaining(c, s, True)
    if len(c.form) == GENERAL:
        return product(c, flush(power(t, c.power)), True)
    return rewritten(c, t, True)


@jit
def rates(c, out):
    """out[i] = rate at step out[i]."""
    for i in range(out.size):
        out[i] = at(c, out[i])


@jit
def powered(c, ends, t):
    """t**power for a t that is 0, a multiple of 2**-24, or by rounding one multiple below 0."""
    size = exp2(np.float64(c.power) * log2(abs(t)))
    below = ends.sign_below_zero * size if t < ends.zero else size
    return ends.zero_powered if t == ends.zero else below


@jit
def plain_at(c, ends, step):
    """The formula without branches."""
    t = plain_remaining(c, step)
    if len(c.form) == GENERAL:
        rate = product(c, powered(c, ends, t), False)
    else:
        rate = rewritten(c, t, False)
    if len(c.cycle):
        return rate
    if len(c.mode) == XLA:  # the fused operation leaves t at its rounding error
        rate = ends.at_end if step == c.decay_steps else rate
    return ends.after if step > c.decay_steps else rate


@jit
def plain_rates(c, ends, out):
    """out[i] = rate at step out[i], without branches."""
    for i in range(out.size):
        out[i] = plain_at(c, ends, out[i])


@jit
def has_known_power(c, t):
    """Whether powf is ours for this t, unless t is not above zero."""
    if not t > 0:
        return True
    return t < 2.0**64 and abs(np.float64(c.power) * log2(t)) < LARGEST_EXPONENT


@jit
def is_plain(c, step):
    """Whether the formula without branches holds for a step, and all between it and another."""
    # Before step 0, t grows without bound, and a negative power of it may vanish.
    if (len(c.cycle) or c.power < 0) and not step >= 0:
        return False
    if len(c.form) != GENERAL or (len(c.cycle) == 0 and step >= c.decay_steps):
        return True
    if len(c.cycle) and not cycle_of(c, step) < 2.0**30:
        return False
    return has_known_power(c, plain_remaining(c, step))


@jit
def bulk(c, ends, out):
    """out[i] = rate at step out[i]."""
    for i in range(0, out.size, INNER_BLOCK):
        block = out[i : i + INNER_BLOCK]
        low, high, any_needs_flush = extent(block)
        if not any_needs_flush and is_plain(c, low) and is_plain(c, high):
            plain_rates(c, ends, block)
        else:
            rates(c, block)


def _form(mode: str, power: Any) -> int:
    """What becomes of t**power: graph and XLA rewrite some powers."""
    if power == 1:  # powf(t, 1) is t, for every float
        return LINEAR
    if mode == "eager":
        return GENERAL
    rewritten = {2: SQUARED, 3: CUBED, 0.5: ROOTED}
    if mode == "graph":
        rewritten |= {-1: INVERTED, -0.5: INVERSE_ROOTED}
    return rewritten.get(float(power), GENERAL)


def _is_known(c: Constants) -> bool:
    """Whether no product of an ordinary step can be subnormal, and powf is ours where it counts."""

    def is_safe(x: Any, limit: float) -> bool:
        return bool(x == 0 or abs(x) > limit)

    # The smallest t is about 2**-24.
    if not abs(c.power) <= np.float32(3.6):
        return False
    smallest = 2.0 ** (-26 * abs(float(c.power)) - 24)
    return bool(
        is_safe(c.range, 2.0**-120 / smallest)
        and abs(c.range) < 2.0**30
        and is_safe(c.end, 2.0**-60)
        and c.decay_steps < 2.0**60
        and (len(c.form) != GENERAL or library_power_is_fused())
    )


def _ends(c: Constants) -> Ends:
    real = np.float32
    whole = math.floor(c.power) == c.power
    sign = (-1 if c.power % 2 else 1) if whole else math.nan
    return Ends(
        after=real(at(c, np.finfo(real).max)),
        at_end=real(at(c, c.decay_steps)),
        zero_powered=real(flush(real(library(real(0), c.power)))),
        sign_below_zero=real(sign),
        zero=real(0),
    )


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
    span = host.subtract(host.flush(initial_learning_rate), end)
    steps, reciprocal, one = host.real(decay_steps), host.divide(1, decay_steps), host.real(1)
    form, whole = _form(execution, host.flush(power)), one
    if execution != "eager" and abs(span) == 1:
        # Grappler and XLA drop a multiplication by 1 (XLA also by -1), and what it kept apart grows
        # together: constants, 1 * (1 - q) + end = (1 + end) - q, and under XLA 1 * (t * t) + end.
        if form == LINEAR and span == 1:
            whole, end = host.add(one, end), host.real(0)
        elif execution == "xla":
            form = {SQUARED: SQUARED_INTO_END, CUBED: CUBED_INTO_END}.get(form, form)
    constants = Constants(
        range=span,
        end=end,
        decay_steps=steps,
        steps_per_cycle=host.real(steps_per_cycle),
        power=host.flush(power),
        reciprocal=reciprocal,
        remaining_after=host.real(remaining_after_end(steps, reciprocal, whole)),
        one=one,
        whole=whole,
        form=static(form),
        cycle=static(cycle),
        mode=MODES[execution],
    )
    if dtype == "float64" or not _is_known(constants):
        return Kernel(dtype, rates, constants)
    ends = _ends(constants)
    return Kernel(dtype, bulk, constants, ends)
