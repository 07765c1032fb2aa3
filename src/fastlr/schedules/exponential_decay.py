"""Keras's ``ExponentialDecay``."""

from __future__ import annotations

import math

from fastlr._parameters import Flag, Name, Rate, Real, StepCount
from fastlr.schedules.kernel_schedule import KernelSchedule


class ExponentialDecay(KernelSchedule, builtin=True):
    """Exponential decay, smooth or in stairs: Keras's schedule, in bulk.

    ::

        initial * decay_rate ** p        p = step / decay_steps, its floor with staircase

    where ``initial`` is `initial_learning_rate`.

    Parameters
    ----------
    initial_learning_rate : float
        Rate at step 0. An ``np.float64`` makes the schedule compute in and return float64, as in
        Keras; any other number float32.
    decay_steps : int
        Steps in which the rate is multiplied by `decay_rate` once.
    decay_rate : float
        Factor of the decay.
    staircase : bool, default False
        Whether the rate changes only every `decay_steps` steps.
    name : str, optional
        Kept for Keras; fastlr makes no use of it.

    Notes
    -----
    Formula: ``keras.optimizers.schedules.ExponentialDecay``; the power is the C library's.

    Examples
    --------
    >>> schedule = fastlr.ExponentialDecay(0.5, 10, 0.25, staircase=True)
    >>> schedule([0, 9, 10, 20])
    array([0.5    , 0.5    , 0.125  , 0.03125], dtype=float32)
    """

    __slots__ = ()

    initial_learning_rate: Rate = Rate()
    decay_steps: StepCount = StepCount()
    decay_rate: Real = Real()
    staircase: Flag = Flag(default=False)
    name: Name = Name(default="ExponentialDecay")

    def _extent(self) -> float:
        shrinks = 0 < self.decay_rate < 1
        to_a_twentieth = math.log(0.05) / math.log(float(self.decay_rate)) if shrinks else 5
        return float(self.decay_steps) * min(max(to_a_twentieth, 2), 100)
