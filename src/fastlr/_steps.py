"""Steps in any form, turned into an array that the kernels read."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fastlr._casts import DType, is_python_float, rounded_once, through_float32
from fastlr._errors import cut, shown

if TYPE_CHECKING:
    import numpy.typing as npt

# What the kernels read; other dtypes are converted to one of these, exactly where it has room.
_KERNEL_DTYPES = ("int32", "int64", "uint64", "float32", "float64")
_WIDENED = {"bool": "int32", "int8": "int32", "uint8": "int32", "int16": "int32",
            "uint16": "int32", "uint32": "int64", "float16": "float32"}  # fmt: skip

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


def as_array(steps: Any, dtype: DType) -> npt.NDArray[Any]:
    """Steps as a C-contiguous array of a dtype that the kernels read, in the shape of `steps`.

    A sequence of numbers of several types is an array of objects, each to be evaluated `alone`.

    Raises
    ------
    TypeError
        For text, complex numbers, objects and None.
    """
    if isinstance(steps, int):  # bool included
        return _integer(operator.index(steps), dtype)
    if isinstance(steps, range):  # the others are tables
        raise ValueError(f"Argument `steps` must lie within int64. Received: steps={shown(steps)}")
    if is_python_float(steps):  # TensorFlow makes a float32 of it
        return np.asarray(through_float32(steps), np.float32)
    if hasattr(type(steps), "__index__") and not hasattr(steps, "__array__"):
        return _integer(operator.index(steps), dtype)
    array = _view(steps)
    if (
        isinstance(steps, Sequence)
        and array.dtype in (np.float64, object)
        and not _has_buffer(steps)
    ):
        array = _of_sequence(steps, array)
        if array.dtype == object:
            return array
    contiguous = np.ascontiguousarray(_converted(steps, array, dtype)).reshape(array.shape)
    return contiguous if contiguous.flags.aligned else contiguous.copy()


def alone(step: object, dtype: DType) -> npt.NDArray[Any]:
    """One item of a sequence, as an array of one element."""
    array = as_array(step, dtype)
    if array.ndim:
        raise TypeError(
            f"Steps in a sequence must be numbers. Received: type {type(step).__name__}"
        )
    return array.reshape(1)


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
    try:
        if hasattr(steps, "__dlpack__") and not hasattr(steps, "__array__"):
            return np.from_dlpack(steps)
        return np.asarray(steps)
    # RuntimeError: a tensor of torch with a gradient. BufferError: memory on another device.
    except (TypeError, ValueError, RuntimeError, OverflowError, BufferError) as error:
        if instead := _for_traced(steps, error):
            raise TypeError(
                "Argument `steps` has no value while a function is traced. "
                f"Received: type {type(steps).__name__}. Use {instead}"
            ) from error
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            f"Argument `steps` cannot be read as an array: {cut(error)}. "
            f"Received: type {type(steps).__name__}"
        ) from error


def _for_traced(steps: object, error: Exception) -> str | None:
    """What to use for steps that have no values because JAX, TensorFlow or Keras traces."""
    if type(error).__name__ == "TracerArrayConversionError":  # JAX's own, which is not imported
        return "fastlr.jax.lookup(schedule, steps), made outside of the function"
    if isinstance(error, NotImplementedError) or type(steps).__name__ == "KerasTensor":
        return "a schedule of fastlr.keras, or fastlr.keras.TableSchedule(schedule, steps)"
    return None


def _of_sequence(steps: object, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A sequence that NumPy reads as float64 or objects, so that each item is what it is alone.

    NumPy makes one type of them all, and would round the integers of a mixed sequence to float64.
    """
    items = list(_items(steps, array.ndim))
    kinds = {float if is_python_float(item) else type(item) for item in items}
    if kinds == {float}:  # TensorFlow makes float32 of them
        singles = [through_float32(item) for item in items]
        return np.array(singles, np.float32).reshape(array.shape)
    if kinds <= {np.float64}:
        return array
    objects = np.empty(len(items), object)
    objects[:] = items
    return objects.reshape(array.shape)


def _items(steps: Any, depth: int) -> Iterator[Any]:
    """The items of sequences in sequences; those of arrays as NumPy's numbers."""
    if depth == 0:
        yield steps[()] if isinstance(steps, np.ndarray) else steps
    elif isinstance(steps, np.ndarray) or _has_buffer(steps):
        yield from np.asarray(steps).reshape(-1)
    else:
        for part in steps:
            yield from _items(part, depth - 1)


def _has_buffer(steps: Any) -> bool:
    """Whether this is memory of one type, such as an ``array.array``: an array already."""
    try:
        memoryview(steps)
    except (TypeError, ValueError, BufferError):  # none, or of a type that it cannot name
        return False
    return True


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
        f"Received: type {cut(type(steps).__name__)}"
        + ("" if array.ndim == 0 and kind.hasobject else f", dtype {cut(kind)}")
    )


def _is_small_float(kind: np.dtype[Any]) -> bool:
    """Whether this is a dtype such as bfloat16, which NumPy knows as void with a safe cast."""
    return kind.type is not np.void and np.can_cast(kind, np.float32)
