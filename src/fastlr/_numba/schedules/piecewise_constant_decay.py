"""PiecewiseConstantDecay (src/cpp/core/schedules/piecewise_constant_decay.hpp)."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from typing import Any

import numpy as np

from fastlr._numba.driver import Kernel
from fastlr._numba.numbers import HostArithmetic


def piecewise_constant_decay(
    dtype: str,
    execution: str,
    integer_boundaries: list[int],
    boundaries: list[float],
    values: list[float],
) -> Kernel:
    """Kernel of a PiecewiseConstantDecay, the same in every execution mode."""
    rates = np.array(values, dtype)
    of_integers = _Steps(np.array(integer_boundaries, np.int64), rates)
    single = HostArithmetic("float32")
    of_singles = _Steps(np.array([single.flush(b) for b in boundaries], np.float32), rates)
    of_doubles = _Steps(np.array(boundaries, np.float64), rates)

    def look_up(steps: Any, out: Any) -> None:
        if steps.dtype.kind == "f":
            flushed = np.where(abs(steps) < np.finfo(steps.dtype).tiny, steps.dtype.type(0), steps)
            out[:] = (of_singles if steps.dtype == np.float32 else of_doubles).look_up(flushed)
        elif steps.dtype == np.uint64:
            largest = np.uint64(2**63 - 1)
            known = of_integers.look_up(np.minimum(steps, largest).astype(np.int64))
            out[:] = np.where(steps > largest, of_integers.rates[-1], known)
        else:
            out[:] = of_integers.look_up(steps.astype(np.int64))

    return Kernel(dtype, look_up, converts=False)


class _Steps:
    """Rates between boundaries in rising order, whatever the order they were given in."""

    def __init__(self, given: Any, values: Any) -> None:
        self.boundaries = np.unique(given)
        if np.all(given[1:] > given[:-1]):
            host = HostArithmetic(values.dtype.name)
            self.rates = np.array([host.flush(value) for value in values], values.dtype)
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

    def look_up(self, steps: Any) -> Any:
        rates = self.rates[np.searchsorted(self.boundaries, steps)]
        return np.where(steps == steps, rates, self.unordered[0])


def _sum(at_most: Any, above: Any, values: Any) -> Any:
    """Keras's sum of indicator times value, over all intervals that a step lies in."""
    host = HostArithmetic(values.dtype.name)
    total = host.real(0)
    terms = [(at_most[0], values[0]), (above[-1], values[-1])]
    terms += [(above[i - 1] and at_most[i], values[i]) for i in range(1, len(at_most))]
    for holds, value in terms:
        total = host.add(total, host.multiply(holds, host.flush(value)))
    return total
