"""Keras's ``InverseTimeDecay``."""

from __future__ import annotations

from fastlr._parameters import Flag, Name, Rate, Real, StepCount
from fastlr.schedules.kernel_schedule import KernelSchedule


class InverseTimeDecay(KernelSchedule, builtin=True):
    """Decay with the inverse of time, smooth or in stairs: Keras's schedule, in bulk.

    ::

        initial / (1 + decay_rate * p)   p = step / decay_steps, its floor with staircase

    where ``initial`` is `initial_learning_rate`.

    Parameters
    ----------
    initial_learning_rate : float
        Rate at step 0. An ``np.float64`` makes the schedule compute in and return float64, as in
        Keras; any other number float32.
    decay_steps : int
        Steps in which the divisor grows by `decay_rate`.
    decay_rate : float
        Growth of the divisor.
    staircase : bool, default False
        Whether the rate changes only every `decay_steps` steps.
    name : str, optional
        Kept for Keras; fastlr makes no use of it.

    Notes
    -----
    Formula: ``keras.optimizers.schedules.InverseTimeDecay``.

    Examples
    --------
    >>> schedule = fastlr.InverseTimeDecay(0.5, 10, 1.0)
    >>> schedule([0, 10, 30])
    array([0.5  , 0.25 , 0.125], dtype=float32)
    """

    __slots__ = ()

    initial_learning_rate: Rate = Rate()
    decay_steps: StepCount = StepCount()
    decay_rate: Real = Real()
    staircase: Flag = Flag(default=False)
    name: Name = Name(default="InverseTimeDecay")

    def _extent(self) -> float:
        to_a_twentieth = 19 / float(self.decay_rate) if self.decay_rate > 0.19 else 100
        return float(self.decay_steps) * max(to_a_twentieth, 2)
