"""Shift (src/cpp/core/compositions/shift.hpp)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastlr._numba.driver import Kernel
from fastlr._numba.integer_steps import (
    IntegerStepsKernel,
    fill_moved,
    fill_moved_range,
    integer_moved,
    number_moved,
)
from fastlr._numba.jit import jit
from fastlr._numba.single_steps import SingleSteps, call_integer, call_real, number


@jit
def at_integer(constants, step, zero):
    part, by, _ = constants
    return call_integer(part, integer_moved(step, by), zero)


@jit
def at_number(constants, step, zero):
    part, _, by = constants
    return call_real(part, number_moved(number(step, zero), by), zero)


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

    def _single_steps(self) -> tuple[SingleSteps, tuple[Any, ...]]:
        constants = self._part.step_functions(), self._steps, self._number
        return SingleSteps(at_integer, at_number, at_number), constants


def shift(dtype: str, execution: str, schedule: Kernel, steps: int) -> Kernel:
    """Kernel of a Shift, from that of its part."""
    return _Shift(dtype, schedule, steps)
