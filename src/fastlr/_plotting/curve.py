"""What a picture of a schedule shows: as many points as it has use for."""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastlr.schedules.base import KernelSchedule, Mark

#: More points than any picture has columns; tables up to this length are drawn step by step.
MOST_POINTS = 20_000
#: More marks would hide the curve; they are all left out then.
MOST_MARKS = 200


class Curve(NamedTuple):
    """Rates at rising steps."""

    steps: npt.NDArray[np.int64]
    rates: npt.NDArray[np.floating[Any]]
    marks: list[Mark]


def short_name(schedule: KernelSchedule, longest: int) -> str:
    """The ``repr`` of a schedule, cut where it has more boundaries than a legend has room for."""
    name = repr(schedule)
    return name if len(name) <= longest else f"{name[: longest - 3]}..."


def default_stop(schedule: KernelSchedule) -> int:
    """The step after which nothing new is to be seen."""
    return min(2**62, max(2, math.ceil(schedule._extent())))


def curve(
    schedule: KernelSchedule,
    start: int = 0,
    stop: int | None = None,
    execution: str = "eager",
    points: int = MOST_POINTS,
) -> Curve:
    """Sample a schedule evenly, and on both sides of its marks, where it may jump."""
    if stop is None:
        stop = max(default_stop(schedule), start + 2)
    if stop <= start:
        raise ValueError(
            f"Argument `stop` must be above `start`. Received: start={start}, stop={stop}"
        )
    inside = (mark for mark in schedule._marks(stop) if start <= mark.step < stop)
    marks = list(itertools.islice(inside, MOST_MARKS + 1))
    if len(marks) > MOST_MARKS:
        marks = []
    distance = -(-(stop - start) // points)
    steps = np.arange(start, stop, distance, dtype=np.int64)
    if distance > 1:
        around = [math.floor(mark.step) + beside for mark in marks for beside in (-1, 0, 1, 2)]
        near = [step for step in (*around, stop - 1) if start <= step < stop]
        steps = np.union1d(steps, np.array(near, np.int64))
    # Not `schedule(steps)`: a subclass may have overridden it, and pictures are of the schedule.
    return Curve(steps, KernelSchedule._evaluate(schedule, steps, execution), marks)
