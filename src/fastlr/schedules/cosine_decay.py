"""Keras's ``CosineDecay``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastlr._casts import DType, one_minus, to_dtype
from fastlr._errors import shown
from fastlr._parameters import Name, OptionalReal, Rate, Real, StepCount
from fastlr.schedules.base import Mark
from fastlr.schedules.kernel_schedule import KernelSchedule


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

    initial_learning_rate: Rate = Rate()
    decay_steps: StepCount = StepCount()
    alpha: Real = Real(default=0.0, cast=to_dtype)
    name: Name = Name(default="CosineDecay")
    warmup_target: OptionalReal = OptionalReal(default=None)
    warmup_steps: Real = Real(default=0)

    @classmethod
    def _derived(
        cls, config: dict[str, Any], arguments: dict[str, Any], dtype: DType
    ) -> dict[str, Any]:
        return {"one_minus_alpha": to_dtype("alpha", one_minus(config["alpha"]), dtype)}

    def _has_condition(self) -> bool:
        return self.warmup_target is not None

    def _without_effect(self) -> str | None:
        if self._config["warmup_steps"] == 0 or self.warmup_target is not None:
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
