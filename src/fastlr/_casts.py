"""Numbers in the precision of a schedule, as Keras and TensorFlow convert them."""

from __future__ import annotations

import math
import operator
import struct
from typing import Any, Literal, TypeGuard, get_args

import numpy as np

from fastlr._errors import received

DType = Literal["float32", "float64"]
DTYPES: tuple[DType, ...] = get_args(DType)

_FLOAT32 = struct.Struct("f")
_SMALLEST_NORMAL = 2.0**-126
_SMALLEST = {"float32": _SMALLEST_NORMAL, "float64": 2.0**-1022}  # of the normal numbers
_EXACT = 2**24  # integers up to here have their own value in every dtype


def is_python_float(value: object) -> TypeGuard[float]:
    """Whether this is a float of Python's; NumPy's float64 is one, too, by its type."""
    return type(value) is float or (isinstance(value, float) and not isinstance(value, np.generic))


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

    NumPy's warns where it overflows, and takes ten times as long if told not to.
    """
    try:
        rounded: float = _FLOAT32.unpack(_FLOAT32.pack(value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return rounded


def through_float32(value: float) -> float:
    """What TensorFlow makes of a Python float: a float32, subnormals zero, whatever comes next."""
    rounded = single(value)
    return math.copysign(0.0, rounded) if abs(rounded) < _SMALLEST_NORMAL else rounded


def rounded(value: float, dtype: DType) -> float:
    """The result of an operation, rounded to a dtype; what is subnormal there is zero."""
    if dtype == "float64":
        return value * 0.0 if abs(value) < _SMALLEST[dtype] else value
    # The processor looks at the result rounded to 24 bits with an unbounded exponent.
    return single(value * 0.0 if abs(value) < _SMALLEST_NORMAL - 2.0**-151 else value)


def to_dtype(name: str, value: Any, dtype: DType) -> float:
    """A parameter in the precision of its schedule, as a float; ValueError if it is too large."""
    if dtype == "float64":
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    elif isinstance(value, float):
        number = single(value)
    elif isinstance(value, (int, np.integer)):
        number = rounded_once(operator.index(value))
    elif isinstance(value, np.longdouble):  # rounded once
        with np.errstate(over="ignore"):
            number = float(np.float32(value))
    else:
        number = single(float(value))
    if not math.isfinite(number):
        raise ValueError(f"Argument `{name}` must fit {dtype}. {received(name, value)}")
    return number


def cast(name: str, value: Any, dtype: DType) -> float:
    """A parameter as ``keras.ops.cast`` makes it.

    Keras turns a Python float into a float32 tensor before it widens it, so that in a float64
    schedule such a parameter carries only the 24 bits of a float32.
    """
    if type(value) is int and -_EXACT <= value <= _EXACT:
        return float(value)
    if is_python_float(value) or isinstance(value, np.float32):
        number = to_dtype(name, value, "float32")
        return math.copysign(0.0, number) if abs(number) < _SMALLEST_NORMAL else number
    return to_dtype(name, value, dtype)


def cast_positive(name: str, value: Any, dtype: DType) -> float:
    """Cast a parameter that is above zero, and must be so after its rounding.

    Keras takes a number that rounds to zero, divides by it, and returns NaN for every step.
    """
    number = cast(name, value, dtype)
    if number < _SMALLEST[dtype]:
        raise ValueError(f"Argument `{name}` is 0 in {dtype}. {received(name, value)}")
    return number


def one_minus(value: Any) -> float:
    """1 - value as Keras computes it in Python, before either becomes a tensor.

    A NumPy integer or half-precision number counts as the number it holds; Keras would let it wrap
    around, or round the difference to 11 bits.
    """
    if is_python_float(value):
        return 1.0 - value
    if isinstance(value, np.float32):
        return float(np.float32(1) - value)
    if isinstance(value, (int, np.integer)):
        whole = operator.index(value)
        try:
            return float(1 - whole)
        except OverflowError:  # it rounds to the largest float; one less of it does not
            return 1.0 - float(whole)
    return 1.0 - float(value)
