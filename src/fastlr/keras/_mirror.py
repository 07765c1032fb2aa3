"""The fastlr schedule that has the very bits of a Keras schedule, where there is one.

fastlr refuses some arguments that Keras takes, and deliberately differs for others (see
docs/exactness.md). There the Keras face leaves the computation to Keras.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from fastlr._errors import received, shown
from fastlr.schedules.base import SCHEDULES, KernelSchedule

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
    if "values" in config:
        _check_piecewise(config["boundaries"], config["values"])
        rate = config["values"][0]
    else:
        rate = config["initial_learning_rate"]
        for name, value in config.items():
            _check_argument(name, value)
    # A backend has its own idea of what np.float64 becomes, and some follow floatx.
    theirs = keras.backend.standardize_dtype(keras.ops.convert_to_tensor(rate).dtype)
    if theirs != schedule._dtype:
        raise ValueError(
            f"Keras computes this schedule in {theirs}, fastlr in {schedule._dtype}. "
            f"Received: a rate of {rate!r} (type {type(rate).__name__})"
        )
    return schedule


def _check_argument(name: str, value: Any) -> None:
    if name == "initial_learning_rate" and not isinstance(value, _RATES):
        raise ValueError(
            f"Argument `{name}` must be a float: Keras computes in the type of an int, fastlr "
            f"does not. {received(name, value)}"
        )
    is_count = isinstance(value, np.integer) and name.endswith("_steps")
    if isinstance(value, np.generic) and not is_count and not isinstance(value, _RATES):
        raise ValueError(
            f"Argument `{name}` must be a Python number, np.float32 or np.float64. "
            + received(name, value)
        )
    if isinstance(value, _RATES) and 0 < abs(value) < _TINY:
        raise ValueError(f"Argument `{name}` is subnormal. Received: {name}={value!r}")


def _check_piecewise(boundaries: Any, values: Any) -> None:
    if len({type(value) for value in values}) > 1 or type(values[0]) not in _RATES:
        raise ValueError(
            "Argument `values` must be floats of one type: Keras computes in the type of the first."
            f" Received: values={shown(values)}"
        )
    if len(boundaries) == 0:
        raise ValueError("Argument `boundaries` is empty: Keras fails without a boundary")
    if not all(_INT32.min <= boundary <= _INT32.max for boundary in boundaries):
        raise ValueError(
            "Argument `boundaries` must lie within int32, beyond which Keras wraps them around "
            f"for some steps. Received: boundaries={shown(boundaries)}"
        )
