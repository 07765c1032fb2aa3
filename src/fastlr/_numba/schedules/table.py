"""Table (src/cpp/core/schedules/table.hpp)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastlr._numba.driver import Kernel
from fastlr._numba.integer_steps import IntegerStepsKernel, flush_all
from fastlr._numba.jit import jit
from fastlr._numba.single_steps import SingleSteps, array_at, number, on_stack


@jit
def look_up(values, steps, out):
    """out[i] = value of the integer steps[i]."""
    last = values.size - 1
    for i in range(steps.size):
        out[i] = values[min(max(steps[i], 0), last)]


@jit
def look_up_numbers(values, steps, out):
    """out[i] = value of steps[i], cut towards zero; NaN where it is."""
    last = values.size - 1
    for i in range(steps.size):
        step = np.float64(steps[i])
        if step >= 1:
            out[i] = values[last if step >= last else np.int64(step)]
        else:
            out[i] = values[0] if step < 1 else steps[i]


@jit
def at_integer(constants, step, zero):
    steps, out = on_stack(step), on_stack(zero)
    look_up(array_at(*constants, zero), steps, out)
    return out[0]


@jit
def at_number(constants, step, zero):
    steps, out = on_stack(number(step, zero)), on_stack(zero)
    look_up_numbers(array_at(*constants, zero), steps, out)
    return out[0]


class _LookUp(IntegerStepsKernel):
    def __init__(self, dtype: str, values: Any) -> None:
        super().__init__(dtype)
        self._values = values.copy()
        flush_all(self._values)

    def fill_integers(self, steps: Any, out: Any) -> None:
        look_up(self._values, steps, out)

    def fill_numbers(self, steps: Any, out: Any) -> None:
        look_up_numbers(self._values, steps, out)

    def _single_steps(self) -> tuple[SingleSteps, tuple[Any, ...]]:
        constants = self._values.ctypes.data, self._values.size
        return SingleSteps(at_integer, at_number, at_number), constants


def table(dtype: str, execution: str, values: Any) -> Kernel:
    """Kernel of a Table, which is the same in every execution mode."""
    return _LookUp(dtype, values)
