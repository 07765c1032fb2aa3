"""Table (src/cpp/core/schedules/table.hpp)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastlr._numba.driver import Kernel
from fastlr._numba.integer_steps import IntegerStepsKernel, flush_all
from fastlr._numba.jit import jit


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


class _LookUp(IntegerStepsKernel):
    def __init__(self, dtype: str, values: Any) -> None:
        super().__init__(dtype)
        self._values = values.copy()
        flush_all(self._values)

    def fill_integers(self, steps: Any, out: Any) -> None:
        look_up(self._values, steps, out)

    def fill_numbers(self, steps: Any, out: Any) -> None:
        look_up_numbers(self._values, steps, out)


def table(dtype: str, execution: str, values: Any) -> Kernel:
    """Kernel of a Table, which is the same in every execution mode."""
    return _LookUp(dtype, values)
