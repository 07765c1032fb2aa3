"""Scale (src/cpp/core/schedules/scale.hpp)."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc,untyped-decorator"

from __future__ import annotations

from typing import Any

from fastlr._numba.driver import Kernel
from fastlr._numba.jit import jit
from fastlr._numba.numbers import HostArithmetic, multiply


@jit
def scaled(factor, rates):
    """Multiply rates in place."""
    for i in range(rates.size):
        rates[i] = multiply(factor, rates[i], True)


class _Scale(Kernel):
    def __init__(self, dtype: str, part: Kernel, factor: float) -> None:
        real = HostArithmetic(dtype).flush(factor)
        super().__init__(dtype, lambda rates: scaled(real, rates))
        self._part = part

    def fill_range(self, start: int, step: int, out: Any) -> None:
        self._part.fill_range(start, step, out)
        self._block(out)

    def fill(self, steps: Any, out: Any) -> None:
        self._part.fill(steps, out)
        self._block(out)


def scale(dtype: str, execution: str, schedule: Kernel, factor: float) -> Kernel:
    """Kernel of a Scale, from that of its part."""
    return _Scale(dtype, schedule, factor)
