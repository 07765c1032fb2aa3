"""Steps in any form, turned into an array that the kernels read."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fastlr._parameters import DType, rounded_once, through_float32

if TYPE_CHECKING:
    import numpy.typing as npt

# What the kernels read; other dtypes are converted to one of these, exactly where it has room.
_KERNEL_DTYPES = ("int32", "int64", "uint64", "float32", "float64")
_WIDENED = {"bool": "int32", "int8": "int32", "uint8": "int32", "int16": "int32",
            "uint16": "int32", "uint32": "int64", "float16": "float32"}  # fmt: skip

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


def as_array(steps: object, dtype: DType) -> npt.NDArray[Any]:
    """Steps as a C-contiguous array of a dtype that the kernels read, in the shape of `steps`.

    Raises
    ------
    TypeError
        For text, complex numbers, objects and None.
    """
    if isinstance(steps, int):  # bool included
        return _integer(steps, dtype)
    if isinstance(steps, range):  # the others are tables
        raise ValueError(f"Argument `steps` must lie within int64. Received: steps={steps!r}")
    if type(steps) is float:  # TensorFlow makes a float32 of it
        return np.asarray(through_float32(steps), np.float32)
    if hasattr(type(steps), "__index__") and not hasattr(steps, "__array__"):
        return _integer(operator.index(steps), dtype)  # type: ignore[arg-type]
    array = _view(steps)
    if isinstance(steps, Sequence) and array.dtype in (np.float64, object):
        array = _from_nested(np.asarray(steps, object), dtype)
    return np.ascontiguousarray(_converted(steps, array, dtype)).reshape(array.shape)


def _integer(step: int, dtype: DType) -> npt.NDArray[Any]:
    """One integer, as an integer where it fits one."""
    if INT64_MIN <= step <= INT64_MAX:
        return np.asarray(step, np.int64)
    if 0 < step < 2**64:
        return np.asarray(step, np.uint64)
    return np.asarray(_number(step, dtype), dtype)


def _number(step: int, dtype: DType) -> float:
    if dtype == "float32":
        return rounded_once(step)
    try:
        return float(step)
    except OverflowError:
        return float("inf") if step > 0 else float("-inf")


def fits_int64(steps: range) -> bool:
    """Whether all steps of a range are int64 numbers, so that ``table`` evaluates it."""
    return not steps or (
        min(steps[0], steps[-1]) >= INT64_MIN and max(steps[0], steps[-1]) <= INT64_MAX
    )


def _view(steps: object) -> npt.NDArray[Any]:
    if hasattr(steps, "__dlpack__") and not hasattr(steps, "__array__"):
        return np.from_dlpack(steps)
    try:
        return np.asarray(steps)
    except ValueError as error:
        raise ValueError(
            f"Argument `steps` cannot be read as an array: {error}. "
            f"Received: type {type(steps).__name__}"
        ) from error


def _from_nested(objects: npt.NDArray[Any], dtype: DType) -> npt.NDArray[Any]:
    """A sequence of floats, or of integers too large for NumPy, each rounded as if alone.

    NumPy would round the integers of a mixed sequence to float64 first. Other objects stay.
    """
    numbers: list[Any] = []
    for item in objects.ravel():
        number = item[()] if isinstance(item, np.ndarray) and item.ndim == 0 else item
        if isinstance(number, (bool, np.bool_)):
            number = float(number)
        elif hasattr(type(number), "__index__") and not isinstance(number, np.ndarray):
            number = _number(operator.index(number), dtype)
        numbers.append(through_float32(number) if type(number) is float else number)
    if all(isinstance(number, (float, np.floating)) for number in numbers):
        is_wide = any(isinstance(number, np.floating) for number in numbers)
        with np.errstate(over="ignore"):
            return np.array(numbers, np.float64 if is_wide else dtype).reshape(objects.shape)
    return objects


def _converted(steps: object, array: npt.NDArray[Any], dtype: DType) -> npt.NDArray[Any]:
    kind = array.dtype
    if kind.name in _KERNEL_DTYPES:
        return array.astype(kind.newbyteorder("="), copy=False)
    if kind.name in _WIDENED:
        return array.astype(_WIDENED[kind.name])
    # What is left of the real dtypes: longdouble, rounded once, and bfloat16 and its kin.
    if kind.kind == "f" or (kind.kind == "V" and kind.fields is None and _is_small_float(kind)):
        with np.errstate(over="ignore"):
            return array.astype(dtype)
    raise TypeError(
        "Steps must be integers or real numbers: a number, a range, a sequence or an array. "
        f"Received: type {type(steps).__name__}"
        + ("" if array.ndim == 0 and kind.hasobject else f", dtype {kind}")
    )


def _is_small_float(kind: np.dtype[Any]) -> bool:
    """Whether this is a dtype such as bfloat16, which NumPy knows as void with a safe cast."""
    return kind.type is not np.void and np.can_cast(kind, np.float32)
