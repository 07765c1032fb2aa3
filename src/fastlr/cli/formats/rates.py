"""A table of any length, computed a piece at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from fastlr._many import tables
from fastlr._parameters import Execution
from fastlr.schedules.kernel_schedule import KernelSchedule

#: Rates per piece: few enough that they are written from the cache they were computed into, enough
#: for several threads.
PIECE = 1 << 20

#: Steps, and the rates at them: a row for each schedule.
Piece = tuple[range, npt.NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class RateTable:
    """The rates of schedules, all of one dtype, at `count` steps from `start`, `step` apart."""

    schedules: Sequence[KernelSchedule]
    start: int
    step: int
    count: int
    execution: Execution = "eager"
    threads: int | None = None
    advance: Callable[[int], None] = lambda count: None
    #: What the columns of rates are called where a format has names for them.
    names: Sequence[str] = ("learning_rate",)
    #: Length of an epoch, where a format with columns has one of epochs.
    steps_per_epoch: float | None = None

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of the rates."""
        return np.dtype(self.schedules[0]._dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """The steps; before them the schedules, where there are several."""
        return (self.count,) if len(self.schedules) == 1 else (len(self.schedules), self.count)

    @property
    def size(self) -> int:
        """Bytes of the rates."""
        return math.prod(self.shape) * self.dtype.itemsize

    def telling(self, advance: Callable[[int], None]) -> RateTable:
        """The same table; `advance` is told how many rates of it were consumed."""
        return replace(self, advance=advance)

    def rows(self) -> Iterator[RateTable]:
        """A table of each schedule."""
        return (replace(self, schedules=[schedule]) for schedule in self.schedules)

    def pieces(self, length: int = PIECE) -> Iterator[Piece]:
        """All schedules at some steps, then at the next, each in the memory of the one before."""
        length = max(1, length // len(self.schedules))
        buffer = np.empty((len(self.schedules), min(length, self.count)), self.dtype)
        for first in range(0, self.count, length):
            out = buffer[:, : self.count - first]
            start, size = self.start + first * self.step, out.shape[1]
            # Not `range(start, stop, step)[i:j]`: a range longer than int64 cannot be sliced.
            steps = range(start, start + size * self.step, self.step)
            tables(
                self.schedules,
                steps.start,
                steps.stop,
                steps.step,
                out=out,
                threads=self.threads,
                execution=self.execution,
            )
            yield steps, out
            self.advance(out.size)

    def epochs(self, steps: range) -> list[list[float]]:
        """The column of epochs at some steps, if there is one."""
        length = self.steps_per_epoch
        return [] if length is None else [[step / length for step in steps]]
