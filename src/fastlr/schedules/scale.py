"""A schedule times a number."""

from __future__ import annotations

from typing import Any

from fastlr._casts import rounded
from fastlr._parameters import Execution, Name, Real
from fastlr.schedules.composition import Composition, rate_of
from fastlr.schedules.parts import Part


class Scale(Composition, builtin=True):
    """A schedule times a number, also written ``factor * schedule``.

    ::

        factor * schedule(step)

    Parameters
    ----------
    schedule : LearningRateSchedule
        The schedule, whose dtype this one has.
    factor : float
        The number. In float64 a Python number carries the 24 bits of a float32, as in Keras, and an
        ``np.float64`` all of its own.
    name : str, optional
        Kept as Keras's schedules keep theirs; fastlr makes no use of it.

    Raises
    ------
    ValueError
        If `factor` is NaN, infinite or too large, or `schedule` is nested too deeply.
    TypeError
        If `schedule` is not a fastlr schedule, or `factor` not a real number.

    Notes
    -----
    One rounding in the dtype, subnormals zero. The rate of `schedule` is that of the execution mode
    asked for.

    Examples
    --------
    >>> schedule = 0.5 * fastlr.CosineDecay(0.1, 1000)
    >>> schedule
    Scale(schedule=CosineDecay(initial_learning_rate=0.1, decay_steps=1000), factor=0.5)
    >>> schedule(0)
    0.05000000074505806
    """

    __slots__ = ()

    schedule: Part = Part()
    factor: Real = Real()
    name: Name = Name(default="Scale")

    def _rate_at(self, step: Any, execution: Execution) -> float:
        factor = rounded(self._arguments["factor"], self._dtype)
        rate = rate_of(self.schedule, step, execution, self._dtype)
        return rounded(factor * rate, self._dtype)
