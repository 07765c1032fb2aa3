"""Keras's ``PolynomialDecay``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastlr._casts import DType, to_dtype
from fastlr._parameters import Flag, Name, Rate, Real, StepCount
from fastlr.schedules.base import Mark, restarts
from fastlr.schedules.kernel_schedule import KernelSchedule


class PolynomialDecay(KernelSchedule, builtin=True):
    """Polynomial decay to an end rate, once or in cycles: Keras's schedule, in bulk.

    ::

        (initial - end) * (1 - s / D) ** power + end

    where ``initial`` is `initial_learning_rate` and ``end`` is `end_learning_rate`. Without
    `cycle`, ``s = min(step, decay_steps)`` and ``D = decay_steps``; with it, ``s`` is the step and
    ``D`` the first multiple of `decay_steps` not below it.

    Parameters
    ----------
    initial_learning_rate : float
        Rate at step 0. An ``np.float64`` makes the schedule compute in and return float64, as in
        Keras; any other number float32.
    decay_steps : int
        Steps to the end rate.
    end_learning_rate : float, default 0.0001
        Rate at the end.
    power : float, default 1.0
        Power of the polynomial; 1.0 is a straight line.
    cycle : bool, default False
        Whether the decay starts again, each time from a lower rate and over more steps.
    name : str, optional
        Kept for Keras; fastlr makes no use of it.

    Notes
    -----
    Formula: ``keras.optimizers.schedules.PolynomialDecay``; the power is the C library's.

    In ``execution="xla"`` a power that is not whole gives NaN at the last step for about half of
    all `decay_steps` (3, 5, 6, 7, ...), as a jit-compiled training does.

    Examples
    --------
    >>> schedule = fastlr.PolynomialDecay(1.0, 10, end_learning_rate=0.0, power=2.0)
    >>> schedule([0, 5, 10, 11])
    array([1.  , 0.25, 0.  , 0.  ], dtype=float32)
    """

    __slots__ = ()

    initial_learning_rate: Rate = Rate()
    decay_steps: StepCount = StepCount()
    end_learning_rate: Real = Real(default=0.0001)
    power: Real = Real(default=1.0)
    cycle: Flag = Flag(default=False)
    name: Name = Name(default="PolynomialDecay")

    @classmethod
    def _derived(
        cls, config: dict[str, Any], arguments: dict[str, Any], dtype: DType
    ) -> dict[str, Any]:
        # Cycles are counted with the number itself, which TensorFlow does not cast first.
        return {"steps_per_cycle": to_dtype("decay_steps", config["decay_steps"], dtype)}

    def _extent(self) -> float:
        return float(self.decay_steps) * (3 if self.cycle else 1.1)

    def _marks(self, start: float, stop: float) -> Iterable[Mark]:
        period = float(self.decay_steps)
        return restarts(period, start, stop) if self.cycle else [Mark(period, "decay ends")]
