"""Join (src/cpp/core/compositions/join.hpp)."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np

from fastlr._numba.driver import Kernel
from fastlr._numba.integer_steps import (
    IntegerStepsKernel,
    fill_moved,
    fill_moved_range,
    fits,
    integer_moved,
    number_moved,
)
from fastlr._numba.jit import jit
from fastlr._numba.single_steps import SingleSteps, array_at, call_integer, call_real, number


@jit
def group(parts, ends, order):
    """Write the positions of part 0, then those of part 1, ... to `order`, and where each ends."""
    ends[:] = 0
    for i in range(parts.size):
        ends[parts[i]] += 1
    for part in range(1, ends.size):
        ends[part] += ends[part - 1]
    for i in range(parts.size - 1, -1, -1):
        ends[parts[i]] -= 1
        order[ends[parts[i]]] = i
    for i in range(parts.size):
        ends[parts[i]] += 1


@jit
def part_of(boundaries, step):
    """Count the boundaries at or before a step; NaN is after all."""
    first, last = 0, boundaries.size
    while first < last:
        middle = (first + last) // 2
        if step < boundaries[middle]:
            last = middle
        else:
            first = middle + 1
    return first


@jit
def at_integer(constants, step, zero):
    parts, boundaries, _, size = constants
    boundaries = array_at(boundaries, size, step)
    part = part_of(boundaries, step)
    there = step
    if part:
        there = integer_moved(step, -boundaries[part - 1])
    return call_integer(array_at(parts, size + 1, size)[part], there, zero)


@jit
def at_number(constants, step, zero):
    parts, _, boundaries, size = constants
    boundaries, there = array_at(boundaries, size, zero), number(step, zero)
    part = part_of(boundaries, there)
    if part:
        there = number_moved(there, -boundaries[part - 1])
    return call_real(array_at(parts, size + 1, size)[part], there, zero)


class _Join(IntegerStepsKernel):
    """Ranges are cut at the boundaries, arrays are grouped by part."""

    def __init__(self, dtype: str, parts: list[Kernel], boundaries: list[int]) -> None:
        super().__init__(dtype)
        self._parts = parts
        self._boundaries = boundaries
        self._integers = np.array(boundaries, np.int64)
        self._numbers = self.numbers(self._integers)

    def fill_range(self, start: int, step: int, out: Any) -> None:
        if not fits(start, step, out.size):  # two steps that are further apart than int64 counts
            super().fill_range(start, step, out)
            return
        begin, last = 0, self._part_of(start + step * (out.size - 1))
        towards = 1 if step > 0 else -1
        for part in range(self._part_of(start), last + towards, towards):
            end = out.size if part == last else self._first_after(part, start, step)
            if begin < end:
                by = -self._boundaries[part - 1] if part else 0
                first = start + begin * step
                fill_moved_range(self._parts[part], first, step, by, out[begin:end])
                begin = end

    def _part_of(self, step: int) -> int:
        return bisect_right(self._boundaries, step)

    def _first_after(self, part: int, start: int, step: int) -> int:
        """Index of the first step of a range that is past a part."""
        if step > 0:
            return -((start - self._boundaries[part]) // step)
        return (start - self._boundaries[part - 1]) // -step + 1

    def fill_integers(self, steps: Any, out: Any) -> None:
        self._fill(steps, self._integers, out)

    def fill_numbers(self, steps: Any, out: Any) -> None:
        self._fill(steps, self._numbers, out)

    def _fill(self, steps: Any, boundaries: Any, out: Any) -> None:
        parts = np.searchsorted(boundaries, steps, side="right")  # NaN is sorted last
        ends, order = np.empty(len(self._parts), np.int64), np.empty(steps.size, np.int64)
        group(parts, ends, order)
        begin = 0
        for part in np.flatnonzero(np.diff(ends, prepend=0)):
            own = order[begin : ends[part]]
            rates = np.empty(own.size, self._dtype)
            if part:
                fill_moved(self._parts[part], steps[own], -boundaries[part - 1], rates)
            else:
                self._parts[0].fill(steps[own], rates)
            out[own] = rates
            begin = ends[part]

    def _single_steps(self) -> tuple[SingleSteps, tuple[Any, ...]]:
        self._addresses = np.array([part.step_functions() for part in self._parts], np.int64)
        arrays = self._addresses, self._integers, self._numbers
        constants = *(array.ctypes.data for array in arrays), len(self._boundaries)
        return SingleSteps(at_integer, at_number, at_number), constants


def join(dtype: str, execution: str, schedules: list[Kernel], boundaries: list[int]) -> Kernel:
    """Kernel of a Join, from those of its parts."""
    return _Join(dtype, schedules, boundaries)
