"""A table of any length, computed a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from fastlr._parameters import Execution
from fastlr.schedules.kernel_schedule import KernelSchedule

#: Rates per piece: few enough that they are written from the cache they were computed into, enough
#: for several threads.
PIECE = 1 << 20

Piece = tuple[range, npt.NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class RateTable:
    """The rates at `count` steps from `start`, `step` apart."""

    schedule: KernelSchedule
    start: int
    step: int
    count: int
    execution: Execution = "eager"
    threads: int | None = None
    advance: Callable[[int], None] = lambda count: None

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of the rates."""
        return np.dtype(self.schedule._dtype)

    @property
    def size(self) -> int:
        """Bytes of the rates."""
        return self.count * self.dtype.itemsize

    def telling(self, advance: Callable[[int], None]) -> RateTable:
        """The same table; `advance` is told how many rates of it were consumed."""
        return replace(self, advance=advance)

    def pieces(self, length: int = PIECE) -> Iterator[Piece]:
        """Steps and rates, one piece after the other, each in the memory of the one before."""
        buffer = np.empty(min(length, self.count), self.dtype)
        for first in range(0, self.count, length):
            out = buffer[: self.count - first]
            start = self.start + first * self.step
            # Not `range(start, stop, step)[i:j]`: a range longer than int64 cannot be sliced.
            steps = range(start, start + len(out) * self.step, self.step)
            self.schedule.table(
                steps.start,
                steps.stop,
                steps.step,
                out=out,
                threads=self.threads,
                execution=self.execution,
            )
            yield steps, out
            self.advance(len(out))
