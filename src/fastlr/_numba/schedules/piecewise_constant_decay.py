"""PiecewiseConstantDecay (src/cpp/core/schedules/piecewise_constant_decay.hpp)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastlr._casts import through_float32
from fastlr._numba.driver import INNER_BLOCK, Kernel, convert_flushed, range_steps
from fastlr._numba.flush_to_zero import HostArithmetic, flush
from fastlr._numba.jit import jit
from fastlr._numba.single_steps import SingleSteps, array_at, on_stack

#: With more boundaries than this inside a block of steps, a search per step is faster.
MOST_BLENDED = 16


def piecewise_constant_decay(
    dtype: str,
    execution: str,
    integer_boundaries: list[int],
    boundaries: list[float],
    values: list[float],
) -> Kernel:
    """Kernel of a PiecewiseConstantDecay, the same in every execution mode."""
    rates = np.array(values, dtype)
    of_integers = _Intervals(np.array(integer_boundaries, np.int64), rates)
    # Not by NumPy's cast, which warns of boundaries beyond the largest float32.
    of_singles = _Intervals(np.array([*map(through_float32, boundaries)], np.float32), rates)
    of_doubles = _Intervals(np.array(boundaries, np.float64), rates)

    return _LookUp(dtype, of_integers, of_singles, of_doubles)


class _LookUp(Kernel):
    """Steps are compared in their own type."""

    def __init__(
        self, dtype: str, integers: _Intervals, singles: _Intervals, doubles: _Intervals
    ) -> None:
        super().__init__(dtype, lambda out: None)
        self._integers, self._singles, self._doubles = integers, singles, doubles

    def fill_range(self, start: int, step: int, out: Any) -> None:
        steps = np.empty(out.size, np.int64)
        range_steps(start, step, steps)
        self._integers.look_up(steps, out)

    def fill(self, steps: Any, out: Any) -> None:
        if steps.dtype.kind == "f":
            flushed = np.empty_like(steps)
            convert_flushed(steps, flushed)
            (self._singles if steps.dtype == np.float32 else self._doubles).look_up(flushed, out)
        elif steps.dtype == np.uint64:
            largest = np.uint64(2**63 - 1)
            self._integers.look_up(np.minimum(steps, largest).astype(np.int64), out)
            out[steps > largest] = self._integers.rates[-1]
        else:
            self._integers.look_up(steps, out)

    def _single_steps(self) -> tuple[SingleSteps, tuple[Any, ...]]:
        of_real = self._singles if self._dtype == np.float32 else self._doubles
        constants = tuple(each.constants for each in (self._integers, self._singles, of_real))
        return SingleSteps(at_integer, at_single, at_real), constants


@jit
def limits(steps):
    """Find the smallest and the largest step, and whether none is NaN."""
    low, high, ordered = steps[0], steps[0], True
    for i in range(steps.size):
        low = steps[i] if steps[i] < low else low
        high = steps[i] if steps[i] > high else high
        ordered &= steps[i] == steps[i]
    return low, high, ordered


@jit
def piece(boundaries, step):
    """Count the boundaries below a step."""
    first, last = 0, boundaries.size
    while first < last:
        middle = (first + last) // 2
        if boundaries[middle] < step:
            first = middle + 1
        else:
            last = middle
    return first


@jit
def blended(boundaries, rates, steps, out):
    """out[i] = rate at steps[i], without branches."""
    out[:] = rates[0]
    for k in range(boundaries.size):
        boundary, rate = boundaries[k], rates[k + 1]
        for i in range(steps.size):
            out[i] = rate if steps[i] > boundary else out[i]


@jit
def searched(boundaries, rates, unordered, steps, out):
    """out[i] = rate at steps[i], one after the other."""
    for i in range(steps.size):
        step = steps[i]
        out[i] = rates[piece(boundaries, step)] if step == step else unordered


@jit
def look_up(boundaries, rates, unordered, steps, out):
    """out[i] = rate at steps[i]."""
    for i in range(0, steps.size, INNER_BLOCK):
        block, rates_of_block = steps[i : i + INNER_BLOCK], out[i : i + INNER_BLOCK]
        low, high, ordered = limits(block)
        first, last = piece(boundaries, low), piece(boundaries, high)
        if ordered and last - first <= MOST_BLENDED:
            blended(boundaries[first:last], rates[first : last + 1], block, rates_of_block)
        else:
            searched(boundaries, rates, unordered, block, rates_of_block)


@jit
def rate_at(constants, step, zero):
    boundaries, rates, size, unordered = constants
    steps, out = on_stack(step), on_stack(zero)
    look_up(
        array_at(boundaries, size, step), array_at(rates, size + 1, zero), unordered, steps, out
    )
    return out[0]


@jit
def at_integer(constants, step, zero):
    return rate_at(constants[0], step, zero)


@jit
def at_single(constants, step, zero):
    return rate_at(constants[1], flush(step), zero)


@jit
def at_real(constants, step, zero):
    return rate_at(constants[2], flush(step), zero)


class _Intervals:
    """Rates between boundaries in rising order, whatever the order they were given in."""

    def __init__(self, given: Any, values: Any) -> None:
        self.boundaries, first = np.unique(given, return_index=True)
        if np.all(given[1:] >= given[:-1]):
            host = HostArithmetic(values.dtype.name)
            # Keras adds the rate to zeros, so that none is -0.
            used = [*values[first], values[-1]]
            self.rates = np.array([host.flush(value) + 0 for value in used], values.dtype)
            self.unordered = self.rates if given.size == 0 else np.zeros(1, values.dtype)
            return
        with np.errstate(all="ignore"):
            self.rates = np.array(
                [
                    *(_sum(step <= given, step > given, values) for step in self.boundaries),
                    _sum(np.zeros(given.size, bool), np.ones(given.size, bool), values),
                ],
                values.dtype,
            )
            none = np.zeros(given.size, bool)
            self.unordered = np.array([_sum(none, none, values)], values.dtype)

    def look_up(self, steps: Any, out: Any) -> None:
        look_up(self.boundaries, self.rates, self.unordered[0], steps, out)

    @property
    def constants(self) -> tuple[Any, ...]:
        """The same as numbers."""
        boundaries, rates = self.boundaries, self.rates
        return boundaries.ctypes.data, rates.ctypes.data, boundaries.size, self.unordered[0]


def _sum(at_most: Any, above: Any, values: Any) -> Any:
    """Keras's sum of indicator times value, over all intervals that a step lies in."""
    host = HostArithmetic(values.dtype.name)
    total = host.real(0)
    within = values[1:-1][above[:-1] & at_most[1:]]  # the others add zeros
    for value in [*values[:1][at_most[:1]], *values[-1:][above[-1:]], *within]:
        total = host.add(total, host.flush(value))
    return total
