"""A schedule that begins elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastlr._first_step import shifted_ranges
from fastlr._parameters import Execution, Integer, Name
from fastlr.schedules.base import Mark
from fastlr.schedules.composition import Composition, moved, rate_of
from fastlr.schedules.parts import Part


class Shift(Composition, builtin=True):
    """A schedule that begins at another of its steps, also written ``schedule.shifted(steps)``.

    ::

        schedule(step + steps)

    Parameters
    ----------
    schedule : LearningRateSchedule
        The schedule, whose dtype this one has.
    steps : int
        What is added to each step, within 2**53; negative for a delay.
    name : str, optional
        Kept as Keras's schedules keep theirs; fastlr makes no use of it.

    Raises
    ------
    ValueError
        If `steps` is beyond 2**53, or `schedule` is nested too deeply.
    TypeError
        If `schedule` is not a fastlr schedule, or `steps` not an integer.

    Notes
    -----
    Integer steps are added exactly, and stay within int64; other steps are added as numbers of the
    dtype, with one rounding. The rate is that of the execution mode asked for.

    Examples
    --------
    >>> schedule = fastlr.ExponentialDecay(0.5, 1, 0.5).shifted(1)  # as loops that count from 1
    >>> schedule.table(3)
    array([0.25  , 0.125 , 0.0625], dtype=float32)
    """

    __slots__ = ()

    schedule: Part = Part()
    steps: Integer = Integer()
    name: Name = Name(default="Shift")

    def _rate_at(self, step: Any, execution: Execution) -> float:
        there = moved(step, self.steps, self._dtype)
        return rate_of(self.schedule, there, execution, self._dtype)

    def _changes(self, start: int, stop: int) -> Iterator[range]:
        within = self.schedule._changes(start + self.steps, stop + self.steps)
        return shifted_ranges(within, -self.steps)

    def _extent(self) -> float:
        return max(self.schedule._extent() - self.steps, 1.0)

    def _marks(self, start: float, stop: float) -> Iterator[Mark]:
        for step, what in self.schedule._marks(start + self.steps, stop + self.steps):
            yield Mark(step - self.steps, what)
