"""Checks of constructor arguments, and their conversion to the precision of a schedule."""

from __future__ import annotations

import math
import operator
from typing import Any, Generic, Literal, TypeVar, overload

import numpy as np

DType = Literal["float32", "float64"]
Number = int | float | np.integer[Any] | np.floating[Any]
T = TypeVar("T")


class Parameter(Generic[T]):
    """A constructor argument as an attribute: readable, not writable, as it was given."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Parameter[T]: ...
    @overload
    def __get__(self, instance: Any, owner: type) -> T: ...
    def __get__(self, instance: Any, owner: type) -> Parameter[T] | T:
        if instance is None:
            return self
        value: T = copied(instance._config[self.name])
        return value

    def __delete__(self, instance: object) -> None:
        raise AttributeError(
            f"a schedule is immutable: {type(instance).__name__}.{self.name} cannot be deleted"
        )

    def __set__(self, instance: object, value: object) -> None:
        raise AttributeError(
            f"a schedule is immutable: {type(instance).__name__}.{self.name} cannot be set. "
            "Make another one: from_config({**schedule.get_config(), ...})"
        )


def copied(value: Any) -> Any:
    """A list as a copy, so that changing it does not change the schedule it came from."""
    return list(value) if isinstance(value, list) else value


def _received(name: str, value: object) -> str:
    return f"Received: {name}={value!r} (type {type(value).__name__})"


def check_number(name: str, value: object) -> None:
    """Refuse what is not one finite real number."""
    if not isinstance(value, (int, float, np.integer, np.floating, np.bool_)):
        raise TypeError(f"Argument `{name}` must be a real number. {_received(name, value)}")
    # An int is finite, however large.
    if not isinstance(value, int) and not np.isfinite(value):
        raise ValueError(f"Argument `{name}` must be finite. {_received(name, value)}")


def check_positive(name: str, value: Any) -> None:
    """Refuse what is not one finite number above zero, in Keras's words."""
    check_number(name, value)
    if value <= 0:
        raise ValueError(f"Argument `{name}` must be > 0. Received: {name}={value}")


def check_flag(name: str, value: object) -> None:
    """Refuse what is not True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"Argument `{name}` must be True or False. {_received(name, value)}")


def check_name(name: object) -> None:
    """Refuse names that Keras refuses; None is the default of tf_keras."""
    if name is not None and not isinstance(name, str):
        raise TypeError(f"Argument `name` must be a string. {_received('name', name)}")
    if name is not None and "/" in name:
        raise ValueError(f"Argument `name` cannot contain the character `/`. Received: name={name}")


def dtype_of(initial_learning_rate: object, name: str = "initial_learning_rate") -> DType:
    """Precision of a schedule, which follows its initial learning rate as in Keras."""
    if isinstance(initial_learning_rate, (bool, np.bool_)):
        raise TypeError(
            f"Argument `{name}` must be a real number. " + _received(name, initial_learning_rate)
        )
    if isinstance(initial_learning_rate, np.generic):
        if isinstance(initial_learning_rate, np.float64):
            return "float64"
        if not isinstance(initial_learning_rate, np.float32):
            raise TypeError(
                f"Argument `{name}` must be a Python number, np.float32 or np.float64. "
                + _received(name, initial_learning_rate)
            )
    check_number(name, initial_learning_rate)
    return "float32"


def rounded_once(value: int) -> float:
    """The float32 nearest to an integer of any size, as a float: one rounding, ties to even.

    >>> rounded_once(2**24 + 1), rounded_once(2**24 + 3), rounded_once(-10**400)
    (16777216.0, 16777220.0, -inf)
    """
    # Keep 40 bits, the last of them set where anything below was: more than float32 needs to round
    # as it would have rounded the whole number, few enough for a double to hold them exactly.
    magnitude, sign = abs(value), 1 if value >= 0 else -1
    excess = magnitude.bit_length() - 40
    if excess <= 0:
        return float(np.float32(value))
    if excess > 128:
        return sign * math.inf
    top = (magnitude >> excess) | ((magnitude & ((1 << excess) - 1)) != 0)
    with np.errstate(over="ignore"):
        return sign * float(np.float32(math.ldexp(top, excess)))


def to_dtype(name: str, value: Any, dtype: DType) -> float:
    """A parameter in the precision of its schedule, as a float; ValueError if it is too large."""
    with np.errstate(over="ignore"):
        if dtype == "float64":
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
        elif isinstance(value, (int, np.integer)):
            number = rounded_once(operator.index(value))
        else:
            number = float(np.float32(value))
    if not math.isfinite(number):
        raise ValueError(f"Argument `{name}` must fit {dtype}. {_received(name, value)}")
    return number


def cast(name: str, value: Any, dtype: DType) -> float:
    """A parameter as ``keras.ops.cast`` makes it.

    Keras turns a Python float into a float32 tensor before it widens it, so that in a float64
    schedule such a parameter carries only the 24 bits of a float32.
    """
    if type(value) is float:
        value = to_dtype(name, value, "float32")
        return through_float32(value)
    if isinstance(value, np.float32):
        return through_float32(float(value))
    return to_dtype(name, value, dtype)


def one_minus(value: Any) -> float:
    """1 - value as Keras computes it in Python, before either becomes a tensor.

    A NumPy integer or half-precision number counts as the number it holds; Keras would let it wrap
    around, or round the difference to 11 bits.
    """
    if isinstance(value, np.float32):
        return float(np.float32(1) - value)
    if isinstance(value, (int, np.integer)):
        return float(1 - operator.index(value))
    return 1.0 - float(value)


def cast_positive(name: str, value: Any, dtype: DType) -> float:
    """Cast a parameter that must be above zero, before and after its rounding.

    Keras takes a number that rounds to zero, divides by it, and returns NaN for every step.
    """
    check_positive(name, value)
    number = cast(name, value, dtype)
    if number < np.finfo(dtype).tiny:
        raise ValueError(f"Argument `{name}` is 0 in {dtype}. {_received(name, value)}")
    return number


def through_float32(value: float) -> float:
    """What TensorFlow makes of a Python float: a float32, subnormals zero, whatever comes next."""
    with np.errstate(over="ignore", under="ignore"):
        single = np.float32(value)
    tiny = abs(single) < np.finfo(np.float32).tiny
    return math.copysign(0.0, single) if tiny else float(single)
