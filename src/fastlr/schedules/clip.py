"""A schedule within bounds."""

from __future__ import annotations

from typing import Any

from fastlr._casts import DType, rounded
from fastlr._errors import shown
from fastlr._parameters import Execution, Name, OptionalReal
from fastlr.schedules.composition import Composition, rate_of
from fastlr.schedules.parts import Part


class Clip(Composition, builtin=True):
    """A schedule within bounds, also written ``schedule.clipped(minimum=..., maximum=...)``.

    ::

        min(max(schedule(step), minimum), maximum)

    Parameters
    ----------
    schedule : LearningRateSchedule
        The schedule, whose dtype this one has.
    minimum, maximum : float, optional
        Bounds; None is no bound. In float64 a Python number carries the 24 bits of a float32, as in
        Keras, and an ``np.float64`` all of its own.
    name : str, optional
        Kept as Keras's schedules keep theirs; fastlr makes no use of it.

    Raises
    ------
    ValueError
        If a bound is NaN, infinite or too large, `minimum` is above `maximum` in the
        dtype of `schedule`, or `schedule` is
        nested too deeply.
    TypeError
        If `schedule` is not a fastlr schedule, or a bound not a real number.

    Notes
    -----
    NaN stays NaN. The rate of `schedule` is that of the execution mode asked for.

    Examples
    --------
    >>> schedule = fastlr.ExponentialDecay(1.0, 1, 0.5).clipped(minimum=0.25)
    >>> schedule.table(4)
    array([1.  , 0.5 , 0.25, 0.25], dtype=float32)
    """

    __slots__ = ()

    schedule: Part = Part()
    minimum: OptionalReal = OptionalReal(default=None)
    maximum: OptionalReal = OptionalReal(default=None)
    name: Name = Name(default="Clip")

    @classmethod
    def _cast(cls, config: dict[str, Any], dtype: DType) -> dict[str, Any]:
        arguments = super()._cast(config, dtype)
        minimum, maximum = arguments["minimum"], arguments["maximum"]
        if minimum is not None and maximum is not None and minimum > maximum:
            raise ValueError(
                f"Argument `minimum` must not be above `maximum` in {dtype}. Received: "
                f"minimum={shown(config['minimum'])}, maximum={shown(config['maximum'])}"
            )
        return arguments

    def _rate_at(self, step: Any, execution: Execution) -> float:
        rate = rate_of(self.schedule, step, execution, self._dtype)
        minimum, maximum = self._arguments["minimum"], self._arguments["maximum"]
        if minimum is not None and rate < rounded(minimum, self._dtype):
            rate = rounded(minimum, self._dtype)
        if maximum is not None and rate > rounded(maximum, self._dtype):
            rate = rounded(maximum, self._dtype)
        return rate
