"""Schedules one after another."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import numpy as np

from fastlr._casts import DType, to_dtype
from fastlr._errors import received, shown, type_name
from fastlr._first_step import shifted_ranges, with_ends
from fastlr._parameters import Execution, Name, RisingIntegers, checked_integer, checked_number
from fastlr.schedules.base import LearningRateSchedule, Mark
from fastlr.schedules.composition import Composition, as_number, is_int64, moved, rate_of
from fastlr.schedules.constant import Constant
from fastlr.schedules.parts import Parts
from fastlr.schedules.polynomial_decay import PolynomialDecay
from fastlr.schedules.table import Table

#: Steps of one part that are searched, one by one in places, where nobody has said where to stop.
LONGEST_SEARCH = 2**40


class Join(Composition, builtin=True):
    """Schedules one after another, each counting its steps from its own beginning.

    ::

        schedules[0](step)                        if step < boundaries[0]
        schedules[i](step - boundaries[i - 1])    if boundaries[i - 1] <= step < boundaries[i]

    Parameters
    ----------
    schedules : sequence of LearningRateSchedule
        The parts, of one dtype, which the schedule has, too.
    boundaries : sequence of int
        First steps of all parts but the first, rising, within 2**53; one fewer than `schedules`.
    name : str, optional
        Kept as Keras's schedules keep theirs; fastlr makes no use of it.

    Raises
    ------
    ValueError
        If there are no schedules, their dtypes differ, the numbers of schedules and boundaries do
        not go together, `boundaries` do not rise, or the parts are nested too deeply.
    TypeError
        If a part is not a fastlr schedule, or a boundary not an integer.

    Notes
    -----
    Semantics: ``optax.join_schedules``. Integer steps are compared and subtracted as integers,
    other steps as numbers of the dtype, with one rounding. A NaN step goes to the last part. Rates
    are those of the parts in the execution mode asked for.

    There may be any number of parts, but ``fastlr.deserialize`` and C read configs of at most
    10,000 keys: about 1,000 parts. ``pickle`` has no such limit.

    Examples
    --------
    >>> warmup = fastlr.PolynomialDecay(0.0, 4, end_learning_rate=1.0)
    >>> fastlr.Join([warmup, fastlr.Constant(1.0), fastlr.Constant(0.5)], [4, 6]).table(8)
    array([0.  , 0.25, 0.5 , 0.75, 1.  , 1.  , 0.5 , 0.5 ], dtype=float32)
    """

    __slots__ = ()

    schedules: Parts = Parts()
    boundaries: RisingIntegers = RisingIntegers()
    name: Name = Name(default="Join")

    @classmethod
    def _check(cls, config: dict[str, Any]) -> None:
        schedules, boundaries = config["schedules"], config["boundaries"]
        if len(boundaries) != len(schedules) - 1:
            raise ValueError(
                "The length of `boundaries` should be 1 less than the length of `schedules`. "
                f"Received: boundaries={shown(boundaries)} of length {len(boundaries)}, and "
                f"schedules of length {len(schedules)}"
            )

    def _rate_at(self, step: Any, execution: Execution) -> float:
        boundaries: list[Any] = self._config["boundaries"]
        compared = boundaries
        if not is_int64(step):
            step = as_number(step, self._dtype)
            compared = [as_number(boundary, self._dtype) for boundary in boundaries]
        part = bisect_right(compared, step)  # for NaN the last
        if part:
            step = moved(step, -boundaries[part - 1], self._dtype)
        return rate_of(self._parts()[part], step, execution, self._dtype)

    def _changes(self, start: int, stop: int) -> Iterator[range]:
        begins: list[int] = [start, *self.boundaries]
        zeros: list[int] = [0, *self.boundaries]
        ends: list[int] = [*self.boundaries, stop]
        for part, zero, begin, end in zip(self.schedules, zeros, begins, ends, strict=True):
            first, after = max(begin, start), min(end, stop)
            if first < after:
                within = part._changes(first - zero, after - zero)
                yield from with_ends(first, after, shifted_ranges(within, zero))

    def _needs_stop(self) -> str | None:
        begins, ends = [0, *self.boundaries], self.boundaries
        reason = self.schedules[-1]._needs_stop()
        for part, begin, end in zip(self.schedules, begins, ends, strict=False):
            if end - begin > LONGEST_SEARCH:
                reason = reason or part._needs_stop()
        return reason

    def _extent(self) -> float:
        return max([0, *self.boundaries][-1] + self.schedules[-1]._extent(), 1.0)

    def _marks(self, start: float, stop: float) -> Iterator[Mark]:
        begins: list[float] = [-math.inf, *self.boundaries]
        for part, begin, end in zip(self.schedules, begins, [*begins[1:], math.inf], strict=True):
            if begin == -math.inf:
                zero = 0.0
            else:
                zero = begin
                yield Mark(begin, type_name(part))
            for step, what in part._marks(max(start, begin) - zero, min(stop, end) - zero):
                if begin < step + zero < end:
                    yield Mark(step + zero, what)


def warmed_up(schedule: LearningRateSchedule, steps: Any, start: Any) -> Join:
    """A schedule after a linear warmup."""
    count = checked_integer("steps", steps)
    if count < 1:
        raise ValueError(f"Argument `steps` must be > 0. {received('steps', steps)}")
    dtype: DType = schedule._dtype
    first = to_dtype("start", checked_number("start", start), dtype)
    real = np.float64 if dtype == "float64" else float
    warmup = PolynomialDecay(
        real(first), count, end_learning_rate=real(rate_of(schedule, 0, "eager", dtype))
    )
    return Join([warmup, schedule], [count])


def held(schedule: LearningRateSchedule, steps: int) -> LearningRateSchedule:
    """A schedule that stays, from `steps` on, at the rate of the step before."""
    if isinstance(schedule, Table) and len(schedule.values) <= steps:
        return schedule
    dtype: DType = schedule._dtype
    real = np.float64 if dtype == "float64" else float
    last = real(rate_of(schedule, steps - 1, "eager", dtype))
    return Join([schedule, Constant(last)], [steps])
