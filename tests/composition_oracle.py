"""What compositions return: their parts' own rates, composed one step at a time in NumPy.

The innermost parts are asked by scalar calls of the package, which other suites compare with Keras.
Each operation of a composition itself is done here, with one rounding in its dtype, and what is
subnormal then is zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

import fastlr
from fastlr._casts import rounded_once

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

#: An int within int64, or else any number: a float32, a float64 or an int beyond int64.
Step = Any


@dataclass(frozen=True)
class Rates:
    """A schedule: the type of its rates, and the rate at a step in an execution mode."""

    real: Any
    at: Callable[[Step, str], Any]


def expected(
    class_name: str, config: Mapping[str, Any], steps: list[Any], execution: str = "eager"
) -> npt.NDArray[Any]:
    """The rates of a composition, or another schedule, at steps of any kind."""
    with np.errstate(all="ignore"):
        rates = rates_of({"class_name": class_name, "config": config})
        return np.array([rates.at(_arrived(step), execution) for step in steps], rates.real)


def rates_of(part: Mapping[str, Any]) -> Rates:
    """Of a schedule as `fastlr.serialize` writes it; its numbers may be NumPy's."""
    make = _COMPOSITIONS.get(part["class_name"])
    return make(**part["config"]) if make else _single(part)


def _single(part: Mapping[str, Any]) -> Rates:
    schedule = fastlr.deserialize(part)
    real = schedule.table(0).dtype.type
    return Rates(real, lambda step, execution: real(schedule(step, execution=execution)))


def _constant(learning_rate: Any, name: Any = None) -> Rates:
    real = _real_of(learning_rate)
    rate = _parameter(real, learning_rate)
    return Rates(real, lambda step, execution: rate)


def _table(values: Any, name: Any = None) -> Rates:
    real = _real_of(values[0])
    rates = [_parameter(real, value) for value in values]

    def at(step: Step, execution: str) -> Any:
        whole = step if _is_integer(step) else _number(real, step)
        if np.isnan(whole):
            return real(np.nan)
        return rates[int(min(max(whole, 0), len(rates) - 1))]  # int() cuts towards zero

    return Rates(real, at)


def _join(schedules: Any, boundaries: Any, name: Any = None) -> Rates:
    parts = [rates_of(part) for part in schedules]
    real = parts[0].real
    numbers = [_number(real, boundary) for boundary in boundaries]

    def at(step: Step, execution: str) -> Any:
        if _is_integer(step):
            part = sum(boundary <= step for boundary in boundaries)
            passed = _saturated(step - boundaries[part - 1]) if part else step
        else:
            step = _number(real, step)
            part = sum(not step < boundary for boundary in numbers)  # NaN: the last
            passed = _flushed(real, step - numbers[part - 1]) if part else step
        return parts[part].at(passed, execution)

    return Rates(real, at)


def _scale(schedule: Any, factor: Any, name: Any = None) -> Rates:
    part = rates_of(schedule)
    scale = _parameter(part.real, factor)
    return Rates(
        part.real, lambda step, execution: _product(part.real, scale, part.at(step, execution))
    )


def _shift(schedule: Any, steps: int, name: Any = None) -> Rates:
    part = rates_of(schedule)
    real = part.real

    def at(step: Step, execution: str) -> Any:
        if _is_integer(step):
            return part.at(_saturated(step + steps), execution)
        return part.at(_flushed(real, _number(real, step) + _number(real, steps)), execution)

    return Rates(real, at)


def _clip(schedule: Any, minimum: Any = None, maximum: Any = None, name: Any = None) -> Rates:
    part = rates_of(schedule)
    low, high = (
        None if bound is None else _parameter(part.real, bound) for bound in (minimum, maximum)
    )

    def at(step: Step, execution: str) -> Any:
        rate = part.at(step, execution)
        rate = low if low is not None and rate < low else rate
        return high if high is not None and rate > high else rate

    return Rates(part.real, at)


_COMPOSITIONS: dict[str, Callable[..., Rates]] = {
    "Constant": _constant,
    "Table": _table,
    "Join": _join,
    "Scale": _scale,
    "Shift": _shift,
    "Clip": _clip,
}

# ---- Numbers ------------------------------------------------------------------------------------


def _arrived(step: Any) -> Step:
    """A step as schedules get it: TensorFlow makes a float32 of a Python float."""
    if isinstance(step, (int, np.integer, np.bool_)):
        return int(step)
    return np.float32(step) if type(step) in (float, np.float16) else step


def _is_integer(step: Step) -> bool:
    return isinstance(step, int) and INT64_MIN <= step <= INT64_MAX


def _saturated(step: int) -> int:
    return min(max(step, INT64_MIN), INT64_MAX)


def _number(real: Any, step: Step) -> Any:
    """An int or one of NumPy's floats as a number of the composition's type, rounded once."""
    if isinstance(step, int):
        if real is np.float32:
            return real(rounded_once(step))
        return real(step) if abs(step) < 2**1000 else real(np.copysign(np.inf, step > 0 or -1))
    return _flushed(real, real(_flushed(type(step), step)))


def _real_of(number: Any) -> Any:
    return np.float64 if isinstance(number, np.float64) else np.float32


def _parameter(real: Any, number: Any) -> Any:
    """As Keras casts parameters: Python floats are float32 first."""
    return _number(real, np.float32(number) if type(number) is float else number)


def _flushed(real: Any, x: Any) -> Any:
    return real(np.copysign(0, x)) if abs(x) < np.finfo(real).tiny else real(x)


def _product(real: Any, a: Any, b: Any) -> Any:
    """Zero where it is tiny after rounding to the 24 bits of a float32 with any exponent."""
    exact = np.float64(_flushed(real, a)) * np.float64(_flushed(real, b))
    if real is np.float64:
        return _flushed(real, exact)
    return real(np.copysign(0, exact) if abs(exact) < 2.0**-126 - 2.0**-151 else exact)
