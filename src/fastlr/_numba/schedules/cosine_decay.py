"""CosineDecay (src/cpp/core/schedules/cosine_decay.hpp)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fastlr._numba.cosine import cosine, in_any_quadrant, in_quadrant, quadrant
from fastlr._numba.driver import INNER_BLOCK, Kernel, extent, first_float
from fastlr._numba.execution import GRAPH, MODES, XLA, contracted
from fastlr._numba.flush_to_zero import (
    HostArithmetic,
    add,
    divide,
    flush,
    minimum,
    multiply,
    step_needs_flush,
    subtract,
)
from fastlr._numba.jit import jit


class Constants(NamedTuple):
    """All float32, or all float64."""

    initial: Any
    target: Any
    rise: Any
    decay_steps: Any
    warmup_steps: Any
    last: Any
    half_span: Any
    alpha: Any
    rise_per_step: Any
    angle_per_step: Any
    pi: Any
    one: Any
    has_warmup: bool
    adds_cosine: bool  # alpha is 1 + alpha: see the C++
    shares_sum: bool  # XLA fuses no product with the sum: see the C++
    mode: tuple[int, ...]


class Pieces(NamedTuple):
    """First steps of the quadrants of the cosine, and the rate from the last step on."""

    zero: Any
    quadrant_1: Any
    quadrant_2: Any
    after: Any


@jit
def warmup(c, step, flushed):
    if c.shares_sum:
        return add(multiply(c.rise_per_step, step, flushed), c.initial, flushed)
    if len(c.mode) == XLA:
        return contracted(c.mode, step, c.rise_per_step, c.initial, flushed)
    return add(multiply(c.rise, divide(step, c.warmup_steps, flushed), flushed), c.initial, flushed)


@jit
def angle(c, step, flushed):
    decaying = subtract(step, c.warmup_steps, flushed)
    if len(c.mode) == XLA or (len(c.mode) == GRAPH and not c.has_warmup):
        return multiply(decaying, c.angle_per_step, flushed)
    return multiply(c.pi, divide(decaying, c.decay_steps, flushed), flushed)


@jit
def decayed(c, cosine, flushed):
    if c.adds_cosine:
        return multiply(c.target, add(cosine, c.alpha, flushed), flushed)
    raised = c.one + cosine
    if c.shares_sum:
        falling = add(multiply(c.half_span, raised, flushed), c.alpha, flushed)
    else:
        falling = contracted(c.mode, c.half_span, raised, c.alpha, flushed)
    return multiply(c.target, falling, flushed)


@jit
def at(c, step, flushed):
    """The formula, for any step."""
    clamped = minimum(flush(step) if flushed else step, c.last)
    if c.has_warmup and clamped < c.warmup_steps:
        return warmup(c, clamped, flushed)
    return decayed(c, cosine(angle(c, clamped, flushed)), flushed)


@jit
def rates(c, flushed, out):
    """out[i] = rate at step out[i], one after the other."""
    for i in range(out.size):
        step = out[i]
        out[i] = at(c, step, True) if flushed or step_needs_flush(step) else at(c, step, False)


@jit
def in_warmup(c, out):
    """The formula without branches, for steps of the warmup."""
    for i in range(out.size):
        out[i] = warmup(c, out[i], False)


@jit
def in_piece(c, out, which):
    """The formula without branches, for steps in one quadrant; callers pass a literal."""
    for i in range(out.size):
        out[i] = decayed(c, in_quadrant(angle(c, out[i], False), which), False)


@jit
def after_warmup(c, pieces, step):
    """The formula without branches, for a step that is neither before zero nor in the warmup."""
    value = in_any_quadrant(
        angle(c, minimum(step, c.last), False),
        step >= pieces.quadrant_1,
        step >= pieces.quadrant_2,
    )
    return pieces.after if step >= c.last else decayed(c, value, False)


@jit
def blended(c, pieces, out):
    """The formula without branches, for steps that are not before zero."""
    for i in range(out.size):
        early, late = warmup(c, out[i], False), after_warmup(c, pieces, out[i])
        out[i] = early if out[i] < c.warmup_steps else late


@jit
def blended_after_warmup(c, pieces, out):
    """The formula without branches, for steps that are neither before zero nor in the warmup."""
    for i in range(out.size):
        out[i] = after_warmup(c, pieces, out[i])


@jit
def bulk(c, pieces, out):
    """out[i] = rate at step out[i], where no subnormal can arise from integer steps."""
    for i in range(0, out.size, INNER_BLOCK):
        in_block(c, pieces, out[i : i + INNER_BLOCK])


@jit
def in_block(c, pieces, out):
    """The same, by a formula that holds for all these steps."""
    low, high, any_needs_flush = extent(out)
    if any_needs_flush or (low < pieces.zero and not c.has_warmup):
        rates(c, False, out)
    elif low >= c.last:
        out[:] = pieces.after
    elif c.has_warmup and high < c.warmup_steps:
        in_warmup(c, out)
    elif low < c.warmup_steps:
        blended(c, pieces, out)
    elif high < pieces.quadrant_1:
        in_piece(c, out, 0)
    elif low >= pieces.quadrant_1 and high < pieces.quadrant_2:
        in_piece(c, out, 1)
    elif low >= pieces.quadrant_2 and high < c.last:
        in_piece(c, out, 2)
    else:
        blended_after_warmup(c, pieces, out)


@jit
def reaches(c, step, which):
    return quadrant(angle(c, step, False)) >= which


def _needs_flush(c: Constants) -> bool:
    """Whether an operation on an ordinary step may give a subnormal."""

    def below(x: Any, limit: float) -> bool:
        return bool(x != 0 and abs(x) < limit)

    # Where alpha and the cosine term nearly cancel, a unit in alpha's last place is left.
    smallest = 2.0**-26 * float(abs(c.alpha) if c.alpha != 0 else abs(c.half_span))
    return (
        below(c.target, 2.0**-120 / smallest)
        or below(c.half_span, 2.0**-90)
        or (
            c.has_warmup
            and (below(c.rise, 2.0**-60) or below(c.initial, 2.0**-60) or c.warmup_steps > 2.0**40)
        )
    )


def cosine_decay(
    dtype: str,
    execution: str,
    initial_learning_rate: float,
    decay_steps: float,
    alpha: float,
    one_minus_alpha: float,
    warmup_target: float | None,
    warmup_steps: float,
) -> Kernel:
    """Kernel of a CosineDecay."""
    host = HostArithmetic(dtype)
    real, one, pi = host.real, host.real(1), host.real(np.pi)
    has_warmup = warmup_target is not None
    initial = host.flush(initial_learning_rate)
    target = host.flush(warmup_target) if has_warmup else initial
    rise = host.subtract(target, initial)
    decay = host.flush(decay_steps)
    warm = host.flush(warmup_steps) if has_warmup else real(0)
    half_span, alpha = real(0.5) * real(one_minus_alpha), host.flush(alpha)
    if alpha == 0 and (execution == "xla" or (execution == "graph" and not has_warmup)):
        # Without an alpha only products are left, and the half meets the rate, which it may flush.
        target = host.multiply(2, host.multiply(0.5, target))
    adds_cosine = bool(execution == "xla" and half_span == 1)
    shares_sum = (
        execution == "xla"
        and has_warmup
        and not adds_cosine
        and bool(
            (target == 1 and alpha == initial) or (target == 2 and alpha == 0 and initial == 1)
        )
    )
    constants = Constants(
        initial=initial,
        target=target,
        rise=rise,
        decay_steps=decay,
        warmup_steps=warm,
        last=host.add(decay, warm),
        half_span=half_span,
        alpha=host.add(one, alpha) if adds_cosine else alpha,
        rise_per_step=host.multiply(rise, host.divide(one, warm)),
        angle_per_step=host.multiply(pi, host.divide(one, decay)),
        pi=pi,
        one=one,
        has_warmup=has_warmup,
        adds_cosine=adds_cosine,
        shares_sum=shares_sum,
        mode=MODES[execution],
    )
    if dtype == "float64" or _needs_flush(constants):
        flushed = _needs_flush(constants)
        return Kernel(dtype, rates, constants, flushed)
    pieces = Pieces(
        zero=real(0),
        quadrant_1=_first_of_quadrant(constants, 1),
        quadrant_2=_first_of_quadrant(constants, 2),
        after=real(at(constants, constants.last, False)),
    )
    return Kernel(dtype, bulk, constants, pieces)


def _first_of_quadrant(c: Constants, which: int) -> Any:
    """First step of a quadrant, between warmup and end."""
    return first_float(c.warmup_steps, c.last, lambda step: reaches(c, step, which))
