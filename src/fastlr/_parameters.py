"""Checks of constructor arguments, and their conversion to the precision of a schedule."""

from __future__ import annotations

import math
import operator
import struct
from typing import Any, Generic, Literal, TypeVar, overload

import numpy as np

from fastlr._errors import received, shown

DType = Literal["float32", "float64"]
Execution = Literal["eager", "graph", "xla"]
Number = int | float | np.integer[Any] | np.floating[Any]
T = TypeVar("T")

_FLOAT32 = struct.Struct("f")
_SMALLEST_NORMAL = 2.0**-126
_NUMPY_TYPES = frozenset(np.sctypeDict.values())


class Parameter(Generic[T]):
    """A constructor argument as an attribute: readable, not writable, as it was given."""

    #: Given by the class. Not by ``__set_name__``: before Python 3.12 Ctrl-C within it comes out as
    #: a RuntimeError.
    name: str

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


def scalar(value: Any) -> Any:
    """The NumPy number in an array or tensor without dimensions; anything else as it is."""
    if isinstance(value, np.generic) or getattr(value, "shape", None) != ():
        return value
    return np.asarray(value)[()] if hasattr(value, "__array__") else value


def exact_int(value: Any) -> int:
    """The int that an integer of any type is, without what a subclass of int may override."""
    return int.__index__(operator.index(value))


def plain(value: Any) -> Any:
    """A number of Python's or NumPy's without what a subclass of its type may override."""
    if isinstance(value, np.generic):  # np.float64 is a float, too
        if type(value) in _NUMPY_TYPES or not isinstance(value, np.number):
            return value
        return np.generic.__array__(value)[()]
    if isinstance(value, int):
        return int.__index__(value)
    return float.__float__(value) if isinstance(value, float) else value


def check_number(name: str, value: object) -> None:
    """Refuse what is not one finite real number."""
    if not isinstance(value, (int, float, np.integer, np.floating, np.bool_)):
        raise TypeError(f"Argument `{name}` must be a real number. {received(name, value)}")
    # An int is finite, however large.
    if not isinstance(value, int) and not np.isfinite(plain(value)):
        raise ValueError(f"Argument `{name}` must be finite. {received(name, value)}")


def check_positive(name: str, value: Any) -> None:
    """Refuse what is not one finite number above zero, in Keras's words."""
    check_number(name, value)
    if plain(value) <= 0:
        raise ValueError(f"Argument `{name}` must be > 0. Received: {name}={shown(value)}")


def check_flag(name: str, value: object) -> None:
    """Refuse what is not True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"Argument `{name}` must be True or False. {received(name, value)}")


def check_name(name: object) -> None:
    """Refuse names that Keras refuses; None is the default of tf_keras."""
    if name is not None and not isinstance(name, str):
        raise TypeError(f"Argument `name` must be a string. {received('name', name)}")
    if name is not None and "/" in name:
        raise ValueError(
            f"Argument `name` cannot contain the character `/`. Received: name={shown(name)}"
        )


def dtype_of(initial_learning_rate: object, name: str = "initial_learning_rate") -> DType:
    """Precision of a schedule, which follows its initial learning rate as in Keras."""
    if isinstance(initial_learning_rate, (bool, np.bool_)):
        raise TypeError(
            f"Argument `{name}` must be a real number. " + received(name, initial_learning_rate)
        )
    if isinstance(initial_learning_rate, np.generic):
        if isinstance(initial_learning_rate, np.float64):
            return "float64"
        if not isinstance(initial_learning_rate, np.float32):
            raise TypeError(
                f"Argument `{name}` must be a Python number, np.float32 or np.float64. "
                + received(name, initial_learning_rate)
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
        return single(float(value))
    if excess > 128:
        return sign * math.inf
    top = (magnitude >> excess) | ((magnitude & ((1 << excess) - 1)) != 0)
    return sign * single(math.ldexp(top, excess))


def single(value: float) -> float:
    """The float32 nearest to a float; beyond the largest, infinity.

    Not NumPy's, which warns unless told not to, takes 3.5 us instead of 0.3 then, and crashes where
    there is no memory for being told.
    """
    try:
        (rounded,) = _FLOAT32.unpack(_FLOAT32.pack(value))
    except OverflowError:
        return math.copysign(math.inf, value)
    return float(rounded)


def to_dtype(name: str, value: Any, dtype: DType) -> float:
    """A parameter in the precision of its schedule, as a float; ValueError if it is too large."""
    given, value = value, plain(value)
    if dtype == "float64":
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    elif isinstance(value, (int, np.integer)):
        number = rounded_once(exact_int(value))
    elif isinstance(value, np.longdouble):  # rounded once
        with np.errstate(over="ignore"):
            number = float(np.float32(value))
    else:
        number = single(float(value))
    if not math.isfinite(number):
        raise ValueError(f"Argument `{name}` must fit {dtype}. {received(name, given)}")
    return number


def cast(name: str, value: Any, dtype: DType) -> float:
    """A parameter as ``keras.ops.cast`` makes it.

    Keras turns a Python float into a float32 tensor before it widens it, so that in a float64
    schedule such a parameter carries only the 24 bits of a float32.
    """
    number = plain(value)
    if type(number) is float:
        return through_float32(to_dtype(name, value, "float32"))
    if isinstance(number, np.float32):
        return through_float32(float(number))
    return to_dtype(name, value, dtype)


def one_minus(value: Any) -> float:
    """1 - value as Keras computes it in Python, before either becomes a tensor.

    A NumPy integer or half-precision number counts as the number it holds; Keras would let it wrap
    around, or round the difference to 11 bits.
    """
    value = plain(value)
    if isinstance(value, np.float32):
        return float(np.float32(1) - value)
    if isinstance(value, (int, np.integer)):
        whole = exact_int(value)
        try:
            return float(1 - whole)
        except OverflowError:  # it rounds to the largest float; one less of it does not
            return 1.0 - float(whole)
    return 1.0 - float(value)


def cast_positive(name: str, value: Any, dtype: DType) -> float:
    """Cast a parameter that must be above zero, before and after its rounding.

    Keras takes a number that rounds to zero, divides by it, and returns NaN for every step.
    """
    check_positive(name, value)
    number = cast(name, value, dtype)
    if number < np.finfo(dtype).tiny:
        raise ValueError(f"Argument `{name}` is 0 in {dtype}. {received(name, value)}")
    return number


def through_float32(value: float) -> float:
    """What TensorFlow makes of a Python float: a float32, subnormals zero, whatever comes next."""
    rounded = single(value)
    return math.copysign(0.0, rounded) if abs(rounded) < _SMALLEST_NORMAL else rounded
