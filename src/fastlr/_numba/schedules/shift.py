"""Shift (src/cpp/core/compositions/shift.hpp)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastlr._numba.driver import Kernel
from fastlr._numba.integer_steps import IntegerStepsKernel, fill_moved, fill_moved_range


class _Shift(IntegerStepsKernel):
    def __init__(self, dtype: str, part: Kernel, steps: int) -> None:
        super().__init__(dtype)
        self._part = part
        self._steps = steps
        self._number = self.numbers(np.array([steps]))[0]

    def fill_range(self, start: int, step: int, out: Any) -> None:
        fill_moved_range(self._part, start, step, self._steps, out)

    def fill_integers(self, steps: Any, out: Any) -> None:
        fill_moved(self._part, steps, self._steps, out)

    def fill_numbers(self, steps: Any, out: Any) -> None:
        fill_moved(self._part, steps, self._number, out)


def shift(dtype: str, execution: str, schedule: Kernel, steps: int) -> Kernel:
    """Kernel of a Shift, from that of its part."""
    return _Shift(dtype, schedule, steps)
