"""The fastlr schedule that has the very bits of a Keras schedule, where there is one.

fastlr refuses some arguments that Keras takes, and deliberately differs for others (see
docs/exactness.md). There the Keras face leaves the computation to Keras.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from fastlr._errors import received
from fastlr.schedules.kernel_schedule import SCHEDULES, KernelSchedule

_RATES = (float, np.float32, np.float64)
_INT32 = np.iinfo(np.int32)
_TINY = float(np.finfo(np.float32).tiny)


def mirror(class_name: str, config: Mapping[str, Any]) -> KernelSchedule:
    """The schedule with the bits that Keras computes from a config.

    Raises
    ------
    ValueError, TypeError
        Where Keras would compute something else, saying why.
    """
    schedule = SCHEDULES[class_name](**config)
    if config["name"] is None:
        raise ValueError("Argument `name` must be a string: Keras fails without one")
    for name, value in config.items():
        if isinstance(value, np.ndarray) and value.ndim == 0:
            raise TypeError(f"Argument `{name}` must be a number. {received(name, value)}")
        if name == schedule._dtype_argument:
            _check_rates(name, value, schedule._dtype)
        if not _is_sequence(value):
            _check_number(name, value)
        elif name != schedule._dtype_argument:
            _check_steps(name, value)
    return schedule


def _is_sequence(value: object) -> bool:
    return isinstance(value, (list, tuple, np.ndarray))


def _check_rates(name: str, value: Any, dtype: str) -> None:
    """Refuse rates whose type makes Keras compute in another one than fastlr."""
    rates = value if _is_sequence(value) else [value]
    if len({type(rate) for rate in rates}) > 1 or type(rates[0]) not in _RATES:
        raise ValueError(
            f"Argument `{name}` must be of one type of floats: Keras computes in the type of the "
            f"first rate, fastlr in float32 or float64. {received(name, value)}"
        )
    # A backend has its own idea of what np.float64 becomes, and some follow floatx.
    theirs = keras.backend.standardize_dtype(keras.ops.convert_to_tensor(rates[0]).dtype)
    if theirs != dtype:
        raise ValueError(
            f"Keras computes this schedule in {theirs}, fastlr in {dtype}. {received(name, value)}"
        )


def _check_number(name: str, value: Any) -> None:
    """Refuse numbers that Keras takes with another value or type than fastlr."""
    is_count = isinstance(value, np.integer) and name.endswith("_steps")
    if isinstance(value, np.generic) and not is_count and not isinstance(value, _RATES):
        raise ValueError(
            f"Argument `{name}` must be a Python number, np.float32 or np.float64. "
            + received(name, value)
        )
    if isinstance(value, _RATES) and 0 < abs(value) < _TINY:
        raise ValueError(f"Argument `{name}` is subnormal. {received(name, value)}")


def _check_steps(name: str, steps: Any) -> None:
    """Refuse steps that Keras cannot compare with others, or compares wrapped around."""
    if len(steps) == 0:
        raise ValueError(f"Argument `{name}` is empty: Keras fails without one")
    if not all(_INT32.min <= step <= _INT32.max for step in steps):
        raise ValueError(
            f"Argument `{name}` must lie within int32, beyond which Keras wraps them around "
            f"for some steps. {received(name, steps)}"
        )
