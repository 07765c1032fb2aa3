"""What a picture of a schedule shows: as many points as it has use for."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastlr._errors import received, shown
from fastlr._parameters import Execution, check_above_zero, checked_number
from fastlr._table import step_range
from fastlr.schedules.base import LearningRateSchedule, Mark
from fastlr.schedules.kernel_schedule import KernelSchedule

#: More points than any picture has columns; tables up to this length are drawn step by step.
MOST_POINTS = 20_000
#: Marks beside which the curve is sampled; of more, none is looked at.
MOST_MARKS = 200
#: Marks that are looked at for those within a picture.
_MARKS_TRIED = 100_000


class Curve(NamedTuple):
    """Rates at rising steps."""

    steps: npt.NDArray[np.int64]
    rates: npt.NDArray[np.floating[Any]]
    marks: list[Mark]


def short_name(schedule: LearningRateSchedule, longest: int) -> str:
    """The ``repr`` of a schedule, cut where it has more boundaries than a legend has room for."""
    if isinstance(schedule, KernelSchedule) and type(schedule).__repr__ is KernelSchedule.__repr__:
        name = schedule._described(longest)
    else:
        name = repr(schedule)
    return name if len(name) <= longest else f"{name[: longest - 3]}..."


def default_stop(schedule: LearningRateSchedule) -> int:
    """The step after which nothing new is to be seen."""
    extent = schedule._extent()
    return max(2, math.ceil(extent)) if extent < 2**62 else 2**62


def window(
    schedules: Iterable[LearningRateSchedule], start: int, stop: int | None = None
) -> tuple[int, int]:
    """The steps to draw, from the first to the one to stop before, as Python numbers."""
    for name, value in (("start", start), ("stop", stop)):
        if value is not None and not hasattr(value, "__index__"):
            raise TypeError(f"Argument `{name}` must be an integer. {received(name, value)}")
    first = operator.index(start)
    ends = map(default_stop, schedules)
    last = max(first + 2, *ends) if stop is None else operator.index(stop)
    if last <= first:
        raise ValueError(
            "Argument `stop` must be above `start`. "
            f"Received: start={shown(first)}, stop={shown(last)}"
        )
    step_range(first, last, 1)  # refuses what lies outside of int64
    return first, last


def epoch_length(steps_per_epoch: float | None) -> float:
    """Steps of one unit of the axis."""
    if steps_per_epoch is None:
        return 1.0
    check_above_zero("steps_per_epoch", checked_number("steps_per_epoch", steps_per_epoch))
    if not 1e-100 <= steps_per_epoch <= 1e100:
        raise ValueError(
            "Argument `steps_per_epoch` must be within 1e-100 and 1e100. "
            f"Received: steps_per_epoch={shown(steps_per_epoch)}"
        )
    return float(steps_per_epoch)


def curve(
    schedule: LearningRateSchedule,
    start: int = 0,
    stop: int | None = None,
    execution: Execution = "eager",
    points: int = MOST_POINTS,
) -> Curve:
    """Sample a schedule evenly, and on both sides of its marks, where it may jump."""
    start, stop = window([schedule], start, stop)
    tried = itertools.islice(schedule._marks(start, stop), _MARKS_TRIED)
    inside = (mark for mark in tried if start <= mark.step < stop)
    marks = list(itertools.islice(inside, MOST_MARKS + 1))
    if len(marks) > MOST_MARKS:
        marks = []
    distance = -(-(stop - start) // points)
    steps = np.array(range(start, stop, distance), np.int64)
    if distance > 1:
        around = [math.floor(mark.step) + beside for mark in marks for beside in (-1, 0, 1, 2)]
        near = [step for step in (*around, stop - 1) if start <= step < stop]
        steps = np.union1d(steps, np.array(near, np.int64))
    return Curve(steps, schedule._sampled(steps, execution), marks)
