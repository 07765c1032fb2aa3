"""Schedules that keep integer steps as integers (src/cpp/core/evaluation/steps.hpp)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastlr._numba.driver import Kernel, convert, convert_flushed, range_steps
from fastlr._numba.flush_to_zero import add, flush
from fastlr._numba.jit import jit
from fastlr._numba.single_steps import on_stack
from fastlr._steps import INT64_MAX, INT64_MIN


@jit
def flush_all(numbers):
    """Make zeros of subnormal numbers, in place."""
    for i in range(numbers.size):
        numbers[i] = flush(numbers[i])


@jit
def add_integers(steps, by, out):
    """out[i] = steps[i] + by, within int64."""
    last = INT64_MAX - by if by > 0 else INT64_MAX
    first = INT64_MIN - by if by < 0 else INT64_MIN
    for i in range(steps.size):
        out[i] = min(max(steps[i], first), last) + by


@jit
def add_number(steps, by, out):
    """out[i] = steps[i] + by, rounded once."""
    for i in range(steps.size):
        out[i] = add(steps[i], by, True)


class IntegerStepsKernel(Kernel):
    """Integers that fit int64 stay integers; other steps are numbers of the schedule's dtype."""

    def __init__(self, dtype: str) -> None:
        super().__init__(dtype, lambda out: None)

    def fill_integers(self, steps: Any, out: Any) -> None:
        """out[i] = rate at the int64 steps[i]."""
        raise NotImplementedError

    def fill_numbers(self, steps: Any, out: Any) -> None:
        """out[i] = rate at steps[i], numbers of the schedule's dtype."""
        raise NotImplementedError

    def fill_range(self, start: int, step: int, out: Any) -> None:
        self.fill_integers(steps_of_range(start, step, out.size), out)

    def fill(self, steps: Any, out: Any) -> None:
        if steps.dtype.kind == "f":
            self.fill_numbers(self.numbers(steps), out)
        elif steps.dtype != np.uint64:
            self.fill_integers(steps.astype(np.int64, copy=False), out)
        else:
            self.fill_integers(np.minimum(steps, INT64_MAX).astype(np.int64), out)
            beyond = steps > INT64_MAX
            if beyond.any():
                rates = np.empty(np.count_nonzero(beyond), self._dtype)
                self.fill_numbers(self.numbers(steps[beyond]), rates)
                out[beyond] = rates

    def numbers(self, steps: Any) -> Any:
        """Steps as numbers of the schedule's dtype, rounded once, subnormals zero."""
        numbers = np.empty(steps.size, self._dtype)
        widens = steps.dtype == np.float32 and self._dtype == np.float64
        (convert_flushed if widens else convert)(steps, numbers)
        flush_all(numbers)
        return numbers


def steps_of_range(start: int, step: int, count: int) -> Any:
    """The int64 steps start, start + step, ..."""
    steps = np.empty(count, np.int64)
    range_steps(start, step, steps)
    return steps


def fits(start: int, step: int, count: int) -> bool:
    """Whether all steps of a range are int64 numbers."""
    last = start + step * (count - 1)
    return min(start, last) >= INT64_MIN and max(start, last) <= INT64_MAX


def fill_moved_range(part: Kernel, start: int, step: int, by: int, out: Any) -> None:
    """out[i] = the part's rate at start + i * step + by, within int64."""
    if fits(start + by, step, out.size):
        part.fill_range(start + by, step, out)
    else:
        fill_moved(part, steps_of_range(start, step, out.size), by, out)


def fill_moved(part: Kernel, steps: Any, by: Any, out: Any) -> None:
    """out[i] = the part's rate at steps[i] + by: both integers, or both numbers of one dtype."""
    there = np.empty_like(steps)
    (add_integers if steps.dtype == np.int64 else add_number)(steps, by, there)
    part.fill(there, out)


@jit
def integer_moved(step, by):
    """Move one step as `add_integers` does."""
    there = on_stack(step)
    add_integers(there, by, there)
    return there[0]


@jit
def number_moved(step, by):
    """Move one step, a number of the type of `by`, as `add_number` does."""
    return add(step, by, True)
