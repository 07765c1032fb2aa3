"""Clip (src/cpp/core/schedules/clip.hpp)."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc,untyped-decorator"

from __future__ import annotations

import math
from typing import Any

from fastlr._numba.driver import Kernel
from fastlr._numba.jit import jit
from fastlr._numba.numbers import HostArithmetic


@jit
def clipped(minimum, maximum, rates):
    """Bring rates within bounds, in place; NaN stays."""
    for i in range(rates.size):
        rate = rates[i]
        rate = minimum if rate < minimum else rate
        rates[i] = maximum if rate > maximum else rate


class _Clip(Kernel):
    def __init__(self, dtype: str, part: Kernel, minimum: float, maximum: float) -> None:
        host = HostArithmetic(dtype)
        low, high = host.flush(minimum), host.flush(maximum)
        super().__init__(dtype, lambda rates: clipped(low, high, rates))
        self._part = part

    def fill_range(self, start: int, step: int, out: Any) -> None:
        self._part.fill_range(start, step, out)
        self._block(out)

    def fill(self, steps: Any, out: Any) -> None:
        self._part.fill(steps, out)
        self._block(out)


def clip(
    dtype: str, execution: str, schedule: Kernel, minimum: float | None, maximum: float | None
) -> Kernel:
    """Kernel of a Clip, from that of its part; a bound that is not there is infinite."""
    return _Clip(
        dtype,
        schedule,
        -math.inf if minimum is None else minimum,
        math.inf if maximum is None else maximum,
    )
