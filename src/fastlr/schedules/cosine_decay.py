"""Keras's ``CosineDecay``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import SupportsFloat

from fastlr._errors import shown
from fastlr._parameters import (
    Parameter,
    cast,
    cast_positive,
    check_name,
    check_number,
    dtype_of,
    one_minus,
    scalar,
    to_dtype,
)
from fastlr.schedules.base import KernelSchedule, Mark


class CosineDecay(KernelSchedule, builtin=True):
    """Cosine decay with optional linear warmup: Keras's schedule, in bulk.

    With ``s = min(step, warmup_steps + decay_steps)``::

        s <  warmup_steps:  (warmup_target - initial) * (s / warmup_steps) + initial
        s >= warmup_steps:  peak * ((1 - alpha) * 0.5 * (1 + cos(pi * f)) + alpha)
                            f = (s - warmup_steps) / decay_steps

    where ``initial`` is `initial_learning_rate` and ``peak`` is `warmup_target`. Without a
    `warmup_target` there is no warmup: `warmup_steps` is ignored, with a ``UserWarning``, and
    ``peak`` is ``initial``.

    Parameters
    ----------
    initial_learning_rate : float
        Rate at step 0. An ``np.float64`` makes the schedule compute in and return float64, as in
        Keras; any other number float32.
    decay_steps : int
        Steps from the peak to the end, warmup not included.
    alpha : float, default 0.0
        Rate at the end, as a fraction of the peak.
    name : str, optional
        Kept for Keras; fastlr makes no use of it.
    warmup_target : float, optional
        Rate at the end of the warmup.
    warmup_steps : int, default 0
        Steps of the warmup.

    Calls
    -----
    ``schedule(steps, *, execution="eager")`` takes a real number and returns a ``float``, or takes
    a range, a sequence or an array of real numbers, of any dtype, shape and order, and returns a
    new C-contiguous array of that shape. The numbers are float32, or float64 where
    `initial_learning_rate` is an ``np.float64``. `execution` is one of ``"eager"``,
    ``"graph"`` and ``"xla"``, the mode of Keras whose bits are wanted. Text, complex numbers,
    objects and None are a ``TypeError``; another mode is a ``ValueError``; a mode without an exact
    formula (float64 outside eager) is a ``NotImplementedError``.

    Raises
    ------
    ValueError
        If `decay_steps` is not above 0, or a number is NaN, infinite or too large.
    TypeError
        If an argument is not a real number, or `initial_learning_rate` is a NumPy scalar of
        another type than float32 and float64.

    Notes
    -----
    Formula: ``keras.optimizers.schedules.CosineDecay``, after Loshchilov and Hutter, "SGDR:
    Stochastic Gradient Descent with Warm Restarts", ICLR 2017. Each operation is one rounding in
    Keras's order, so the results are Keras's bits.

    Steps below 0 and beyond the end, fractional steps and NaN give what Keras gives.

    Examples
    --------
    >>> schedule = fastlr.CosineDecay(0.0, 900, warmup_target=0.1, warmup_steps=100)
    >>> schedule([0, 50, 100, 550, 1000])
    array([0.  , 0.05, 0.1 , 0.05, 0.  ], dtype=float32)
    """

    __slots__ = ()

    initial_learning_rate = Parameter[float]()
    decay_steps = Parameter[int]()
    alpha = Parameter[float]()
    name = Parameter[str | None]()
    warmup_target = Parameter[float | None]()
    warmup_steps = Parameter[int]()

    def __init__(
        self,
        initial_learning_rate: SupportsFloat,
        decay_steps: SupportsFloat,
        alpha: SupportsFloat = 0.0,
        name: str | None = "CosineDecay",
        warmup_target: SupportsFloat | None = None,
        warmup_steps: SupportsFloat = 0,
    ) -> None:
        initial_learning_rate = scalar(initial_learning_rate)
        decay_steps = scalar(decay_steps)
        alpha = scalar(alpha)
        warmup_target = scalar(warmup_target)
        warmup_steps = scalar(warmup_steps)
        dtype = dtype_of(initial_learning_rate)
        check_number("alpha", alpha)
        check_name(name)
        check_number("warmup_steps", warmup_steps)
        if warmup_target is not None:
            check_number("warmup_target", warmup_target)
        self._set_up(
            dtype,
            {
                "initial_learning_rate": initial_learning_rate,
                "decay_steps": decay_steps,
                "alpha": alpha,
                "name": name,
                "warmup_target": warmup_target,
                "warmup_steps": warmup_steps,
            },
            initial_learning_rate=to_dtype("initial_learning_rate", initial_learning_rate, dtype),
            decay_steps=cast_positive("decay_steps", decay_steps, dtype),
            alpha=to_dtype("alpha", alpha, dtype),
            one_minus_alpha=one_minus(alpha),
            warmup_target=(
                None if warmup_target is None else cast("warmup_target", warmup_target, dtype)
            ),
            warmup_steps=cast("warmup_steps", warmup_steps, dtype),
        )

    def _without_effect(self) -> str | None:
        if self.warmup_target is not None or self.warmup_steps == 0:
            return None
        return (
            "Argument `warmup_steps` has no effect without `warmup_target`, as in Keras. "
            f"Received: warmup_steps={shown(self.warmup_steps)}, warmup_target=None. "
            "Give the rate at the end of the warmup as `warmup_target`."
        )

    def _warmup(self) -> float:
        return 0.0 if self.warmup_target is None else max(0.0, float(self.warmup_steps))

    def _extent(self) -> float:
        return 1.1 * (self._warmup() + float(self.decay_steps))

    def _marks(self, start: float, stop: float) -> Iterator[Mark]:
        warmup = self._warmup()
        if warmup > 0:
            yield Mark(warmup, "warmup ends")
        yield Mark(warmup + float(self.decay_steps), "decay ends")
