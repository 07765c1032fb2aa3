"""Recipes: the schedules that people train with most, from their totals and rates.

Each function returns a composition of this package's schedules, which can be looked at, saved and
changed like any other. They share a few rules:

- `total_steps` includes the warmup, and the rate at a phase's last step is the first of the next
  phase: `peak` at step `warmup_steps`, `end` at step `total_steps` and at all later ones.
- `start`, `peak` and `end` are rates, not ratios. Their unit is that of the optimizer's rate.
- The warmup is linear from `start` at step 0. With ``warmup_steps=0`` there is none, and `start`
  has no effect.
- The schedule computes in float32, or in float64 where `peak` is an ``np.float64``.
- Each phase is computed with the formula of its schedule, rounding by rounding. For totals up to
  2**24 in float32, rates differ from the formulas below by at most 2**-21 of the largest rate.
  Constant phases are exact, and so are `start`, `peak` and `end` at the ends of the phases where
  `start` and `end` are 0; a cosine's other `end` may be two float32 steps off.
- Steps below 0 give what the first phase gives for them.

Counts are integers (``TypeError`` otherwise) and rates finite real numbers; a ``ValueError`` names
the argument that does not go together with the others.

>>> import fastlr
>>> fastlr.recipes.linear_with_warmup(1.0, total_steps=6, warmup_steps=2).table(7)
array([0.  , 0.5 , 1.  , 0.75, 0.5 , 0.25, 0.  ], dtype=float32)
"""

from __future__ import annotations

from typing import Any, Literal, SupportsFloat, SupportsIndex, get_args

import numpy as np

from fastlr._casts import DType, to_dtype
from fastlr._errors import received, shown
from fastlr._parameters import checked_integer, checked_number, dtype_of
from fastlr.schedules.base import LearningRateSchedule
from fastlr.schedules.constant import Constant
from fastlr.schedules.cosine_decay import CosineDecay
from fastlr.schedules.inverse_square_root_decay import InverseSquareRootDecay
from fastlr.schedules.join import Join
from fastlr.schedules.polynomial_decay import PolynomialDecay
from fastlr.schedules.table import Table

__all__ = [
    "cosine_with_warmup",
    "inverse_sqrt_with_warmup",
    "linear_with_warmup",
    "one_cycle",
    "warmup_stable_decay",
]

Shape = Literal["linear", "cosine", "sqrt"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

#: Steps of a cooldown that is a table: 400 MB of float32.
MOST_TABULATED = 10**8


def linear_with_warmup(
    peak: SupportsFloat,
    total_steps: SupportsIndex,
    warmup_steps: SupportsIndex,
    *,
    start: SupportsFloat = 0.0,
    end: SupportsFloat = 0.0,
) -> LearningRateSchedule:
    """Linear warmup, then linear decay: the recipe of BERT and of most fine-tuning.

    ::

        s <  warmup_steps:  start + (peak - start) * s / warmup_steps
        s >= warmup_steps:  peak + (end - peak) * (s - warmup_steps) / (total_steps - warmup_steps)

    Parameters
    ----------
    peak : float
        Rate at step `warmup_steps`.
    total_steps : int
        Steps until `end`, warmup included.
    warmup_steps : int
        Steps from `start` to `peak`; 0 or more, and fewer than `total_steps`.
    start : float, default 0.0
        Rate at step 0.
    end : float, default 0.0
        Rate at step `total_steps` and later.

    Returns
    -------
    LearningRateSchedule
        A `Join` of two `PolynomialDecay`; without a warmup, the second of them.

    Raises
    ------
    ValueError
        If `warmup_steps` is below 0 or not below `total_steps`, or a rate is NaN, infinite or too
        large.
    TypeError
        If a number of steps is not an integer, or a rate not a real number.

    Notes
    -----
    Formula: Devlin et al., "BERT", 2019, appendix A.2; ``get_linear_schedule_with_warmup`` of
    transformers.

    Examples
    --------
    >>> schedule = fastlr.recipes.linear_with_warmup(1.0, total_steps=6, warmup_steps=2)
    >>> schedule.table(7)
    array([0.  , 0.5 , 1.  , 0.75, 0.5 , 0.25, 0.  ], dtype=float32)
    """
    decay_steps, warmup = _phases(total_steps, warmup_steps)
    decay = PolynomialDecay(
        _rate("peak", peak, peak), decay_steps, end_learning_rate=_rate("end", end, peak)
    )
    first = _rate("start", start, peak)
    return decay.with_warmup(warmup, first) if warmup else decay


def cosine_with_warmup(
    peak: SupportsFloat,
    total_steps: SupportsIndex,
    warmup_steps: SupportsIndex,
    *,
    start: SupportsFloat = 0.0,
    end: SupportsFloat = 0.0,
) -> CosineDecay:
    """Linear warmup, then half a cosine: what most large models were trained with.

    ::

        s <  warmup_steps:  start + (peak - start) * s / warmup_steps
        s >= warmup_steps:  end + (peak - end) * 0.5 * (1 + cos(pi * f))
                            f = (s - warmup_steps) / (total_steps - warmup_steps)

    Parameters
    ----------
    peak : float
        Rate at step `warmup_steps`; not 0 if `end` is another rate.
    total_steps : int
        Steps until `end`, warmup included.
    warmup_steps : int
        Steps from `start` to `peak`; 0 or more, and fewer than `total_steps`.
    start : float, default 0.0
        Rate at step 0.
    end : float, default 0.0
        Rate at step `total_steps` and later.

    Returns
    -------
    CosineDecay
        Keras's own schedule, so that Keras can train with it: ``fastlr.keras.to_keras(schedule)``.

    Raises
    ------
    ValueError
        If `warmup_steps` is below 0 or not below `total_steps`, a rate is NaN, infinite or too
        large, or `peak` is 0 where `end` is not.
    TypeError
        If a number of steps is not an integer, or a rate not a real number.

    Notes
    -----
    Formula: ``keras.optimizers.schedules.CosineDecay`` with ``alpha = end / peak``, after
    Loshchilov and Hutter, "SGDR", ICLR 2017. Because of that fraction the last rate may differ from
    `end`, by one float32 step where both are float32 numbers, and by two where they are rounded.

    Examples
    --------
    >>> schedule = fastlr.recipes.cosine_with_warmup(1.0, 6, 2, end=0.1)
    >>> schedule.table(7).round(4)
    array([0.    , 0.5   , 1.    , 0.8682, 0.55  , 0.2318, 0.1   ],
          dtype=float32)
    """
    decay_steps, warmup = _phases(total_steps, warmup_steps)
    top, alpha = _rate("peak", peak, peak), _fraction("end", end, peak)
    first = _rate("start", start, peak)
    if warmup == 0:
        return CosineDecay(top, decay_steps, alpha=alpha)
    return CosineDecay(first, decay_steps, alpha=alpha, warmup_target=top, warmup_steps=warmup)


def inverse_sqrt_with_warmup(
    peak: SupportsFloat, warmup_steps: SupportsIndex, *, start: SupportsFloat = 0.0
) -> LearningRateSchedule:
    """Linear warmup, then decay with the inverse square root of the step: no total to choose.

    ::

        s <  warmup_steps:  start + (peak - start) * s / warmup_steps
        s >= warmup_steps:  peak * sqrt(warmup_steps / s)

    Parameters
    ----------
    peak : float
        Rate at step `warmup_steps`.
    warmup_steps : int
        Steps from `start` to `peak`, at least 1: the decay is measured in them.
    start : float, default 0.0
        Rate at step 0.

    Returns
    -------
    LearningRateSchedule
        A `Join` of `PolynomialDecay` and `InverseSquareRootDecay`.

    Raises
    ------
    ValueError
        If `warmup_steps` is below 1, or a rate is NaN, infinite or too large.
    TypeError
        If `warmup_steps` is not an integer, or a rate not a real number.

    Notes
    -----
    Formula: Vaswani et al., "Attention Is All You Need", 2017, section 5.3, whose peak is
    ``(d_model * warmup_steps) ** -0.5``. The decay counts from the end of the warmup, as
    ``peak / sqrt(1 + s / warmup_steps)``, which is the same.

    Examples
    --------
    >>> fastlr.recipes.inverse_sqrt_with_warmup(1.0, warmup_steps=4)([0, 2, 4, 16])
    array([0. , 0.5, 1. , 0.5], dtype=float32)
    """
    warmup = _count("warmup_steps", warmup_steps, 1)
    decay = InverseSquareRootDecay(_rate("peak", peak, peak), warmup)
    return decay.with_warmup(warmup, _rate("start", start, peak))


def warmup_stable_decay(
    peak: SupportsFloat,
    warmup_steps: SupportsIndex,
    stable_steps: SupportsIndex,
    decay_steps: SupportsIndex,
    *,
    start: SupportsFloat = 0.0,
    end: SupportsFloat = 0.0,
    shape: Shape = "linear",
) -> LearningRateSchedule:
    """Linear warmup, a constant rate, then a cooldown (WSD): training that can be extended.

    ::

        s < W:      start + (peak - start) * s / W    W = warmup_steps
        s < W + S:  peak                              S = stable_steps
        else:       end + (peak - end) * g(f)         f = min((s - W - S) / decay_steps, 1)

        g(f) = 1 - f  ("linear"),  0.5 * (1 + cos(pi * f))  ("cosine"),  1 - sqrt(f)  ("sqrt")

    Parameters
    ----------
    peak : float
        Rate from step `warmup_steps` to step ``warmup_steps + stable_steps``; not 0 if `shape` is
        ``"cosine"`` and `end` is another rate.
    warmup_steps : int
        Steps from `start` to `peak`; 0 or more.
    stable_steps : int
        Steps at `peak`; 0 or more.
    decay_steps : int
        Steps from `peak` to `end`; at least 1, and at most 10**8 if `shape` is ``"sqrt"``.
    start : float, default 0.0
        Rate at step 0.
    end : float, default 0.0
        Rate at the end of the cooldown and later.
    shape : {"linear", "cosine", "sqrt"}
        The curve of the cooldown.

    Returns
    -------
    LearningRateSchedule
        A `Join` of `PolynomialDecay`, `Constant`, and `PolynomialDecay` or `CosineDecay`, without
        the phases that have no steps. For ``"sqrt"``, which no class has, the cooldown is a `Table`
        of ``decay_steps + 1`` rates, computed in float64 and rounded once.

    Raises
    ------
    ValueError
        If a number of steps is too small, or too large for a table, a rate is NaN, infinite or too
        large, `shape` is another, or `peak` is 0 where a cosine ends elsewhere.
    TypeError
        If a number of steps is not an integer, or a rate not a real number.

    Notes
    -----
    Formula: Hu et al., "MiniCPM", 2024; the square root after Hägele et al., "Scaling Laws and
    Compute-Optimal Training Beyond Fixed Training Durations", 2024.

    A table of a long cooldown makes a long config: about 20 bytes a step as JSON.

    Examples
    --------
    >>> fastlr.recipes.warmup_stable_decay(1.0, 2, 3, 4).table(10)
    array([0.  , 0.5 , 1.  , 1.  , 1.  , 1.  , 0.75, 0.5 , 0.25, 0.  ],
          dtype=float32)
    """
    warmup = _count("warmup_steps", warmup_steps, 0)
    stable = _count("stable_steps", stable_steps, 0)
    top, first = _rate("peak", peak, peak), _rate("start", start, peak)
    parts: list[LearningRateSchedule] = []
    boundaries = []
    if warmup:
        parts.append(PolynomialDecay(first, warmup, end_learning_rate=top))
        boundaries.append(warmup)
    if stable:
        parts.append(Constant(top))
        boundaries.append(warmup + stable)
    cooldown = _cooldown(peak, _count("decay_steps", decay_steps, 1), end, shape)
    return Join([*parts, cooldown], boundaries) if parts else cooldown


def one_cycle(
    peak: SupportsFloat,
    total_steps: SupportsIndex,
    *,
    warmup_fraction: SupportsFloat = 0.3,
    start: SupportsFloat | None = None,
    end: SupportsFloat | None = None,
) -> LearningRateSchedule:
    """Half a cosine up and half a cosine down: super-convergence, as torch and optax have it.

    ::

        s <  W:  start + (peak - start) * 0.5 * (1 - cos(pi * s / W))
        s >= W:  end + (peak - end) * 0.5 * (1 + cos(pi * f))
                 f = min((s - W) / (total_steps - W), 1)

    Parameters
    ----------
    peak : float
        Rate at step `W`; not 0.
    total_steps : int
        Steps until `end`, the rise included.
    warmup_fraction : float, default 0.3
        The part of `total_steps` in which the rate rises, at least 0 and below 1:
        ``W = round(warmup_fraction * total_steps)``.
    start : float, optional
        Rate at step 0, by default ``peak / 25``.
    end : float, optional
        Rate at step `total_steps` and later, by default ``peak / 250000``.

    Returns
    -------
    LearningRateSchedule
        A `Join` of two `CosineDecay`, the first of them shifted so that its mirror image is seen;
        without a rise, the second.

    Raises
    ------
    ValueError
        If `total_steps` is below 1, `warmup_fraction` leaves no step for the fall, `peak` is 0, or
        a rate is NaN, infinite or too large.
    TypeError
        If `total_steps` is not an integer, or another argument not a real number.

    Notes
    -----
    Formula: Smith and Topin, "Super-Convergence", 2017, with cosines and the defaults of
    ``torch.optim.lr_scheduler.OneCycleLR``. That one begins to fall at step
    ``0.3 * total_steps - 1`` and ends at step ``total_steps - 1``.

    Examples
    --------
    >>> schedule = fastlr.recipes.one_cycle(1.0, 10, warmup_fraction=0.4)
    >>> schedule([0, 2, 4, 7, 10]).round(4)
    array([0.04, 0.52, 1.  , 0.5 , 0.  ], dtype=float32)
    """
    total = _count("total_steps", total_steps, 1)
    fraction = checked_number("warmup_fraction", warmup_fraction)
    rise = round(float(fraction) * total) if 0 <= fraction < 1 else total
    if rise == total:
        raise ValueError(
            "Argument `warmup_fraction` must be at least 0 and leave a step for the fall. "
            f"Received: warmup_fraction={shown(warmup_fraction)}, total_steps={total}"
        )
    top = _rate("peak", peak, peak)
    if top == 0:
        raise ValueError(f"Argument `peak` must not be 0. {received('peak', peak)}")
    fall = CosineDecay(
        top, total - rise, alpha=_fraction("end", top / 250000 if end is None else end, peak)
    )
    alpha = _fraction("start", top / 25 if start is None else start, peak)
    if rise == 0:
        return fall
    return Join([CosineDecay(top, rise, alpha=alpha).shifted(-rise), fall], [rise])


def _cooldown(
    peak: SupportsFloat, steps: int, end: SupportsFloat, shape: Shape
) -> LearningRateSchedule:
    """From the peak to the end of a recipe, in one of three shapes."""
    top, last = _rate("peak", peak, peak), _rate("end", end, peak)
    if shape == "linear":
        return PolynomialDecay(top, steps, end_learning_rate=last)
    if shape == "cosine":
        return CosineDecay(top, steps, alpha=_fraction("end", end, peak))
    if shape == "sqrt":
        if steps > MOST_TABULATED:
            raise ValueError(
                f"Argument `decay_steps` must be at most {MOST_TABULATED} where `shape` makes a "
                f"table. Received: shape='sqrt', decay_steps={shown(steps)}"
            )
        done = np.sqrt(np.arange(steps + 1) / steps)
        rates = float(last) + (float(top) - float(last)) * (1.0 - done)
        return Table(rates.astype(dtype_of("peak", peak)))
    raise ValueError(
        f"Argument `shape` must be one of {', '.join(map(repr, SHAPES))}. "
        f"Received: shape={shown(shape)}"
    )


def _phases(total_steps: Any, warmup_steps: Any) -> tuple[int, int]:
    """Steps of the decay and of the warmup."""
    total = _count("total_steps", total_steps, 1)
    warmup = _count("warmup_steps", warmup_steps, 0)
    if warmup >= total:
        raise ValueError(
            "Argument `warmup_steps` must be below `total_steps`, which include the warmup. "
            f"Received: warmup_steps={warmup}, total_steps={total}"
        )
    return total - warmup, warmup


def _count(name: str, value: Any, least: int) -> int:
    """A number of steps."""
    count = checked_integer(name, value)
    if count < least:
        raise ValueError(f"Argument `{name}` must be at least {least}. {received(name, value)}")
    return count


def _rate(name: str, value: Any, peak: Any) -> float:
    """A rate in the type that makes a schedule compute in the precision of the peak."""
    dtype: DType = dtype_of("peak", checked_number("peak", peak))
    number = checked_number(name, value)
    to_dtype(name, number, dtype)  # which refuses what is too large
    return np.float64(number) if dtype == "float64" else float(number)


def _fraction(name: str, value: Any, peak: Any) -> float:
    """A rate as a fraction of the peak."""
    rate, top = _rate(name, value, peak), _rate("peak", peak, peak)
    if rate == 0:
        return 0.0
    if top == 0:
        raise ValueError(
            f"Argument `peak` must not be 0 where `{name}` is not: a cosine decays to a fraction "
            f"of it. Received: peak={shown(peak)}, {name}={shown(value)}"
        )
    return rate / top
