"""Checks of the arguments of ``table``, and memory for it."""

from __future__ import annotations

import math
import operator
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fastlr._casts import DType
from fastlr._errors import received, shown, type_name
from fastlr._steps import INT64_MAX, INT64_MIN

if TYPE_CHECKING:
    import numpy.typing as npt

# Tables below this size are allocated without a look at how much memory there is.
_SURELY_AVAILABLE = 1 << 28


class StepRange(NamedTuple):
    """The steps start, start + stride, ..., `length` of them."""

    start: int
    stride: int
    length: int  # `count` is a method of tuples


def step_range(start: Any, stop: Any, step: Any) -> StepRange:
    """Check range arguments and count their steps."""
    if stop is None:
        start, stop = 0, start
    arguments = {}
    for name, value in (("start", start), ("stop", stop), ("step", step)):
        try:
            arguments[name] = operator.index(value)
        except TypeError:
            raise TypeError(
                f"Argument `{name}` must be an integer. {received(name, value)}"
            ) from None
    first, end, stride = arguments.values()
    if stride == 0:
        raise ValueError("Argument `step` must not be 0. Received: step=0")
    count = max(0, (end - first + stride - (1 if stride > 0 else -1)) // stride)
    last = first + (count - 1) * stride
    if count == 0:
        return StepRange(0, 1, 0)
    if not (min(first, last) >= INT64_MIN and max(first, last) <= INT64_MAX):
        raise ValueError(
            f"Steps must lie within int64. Received: start={shown(first)}, stop={shown(end)}, "
            f"step={shown(stride)}"
        )
    # Two steps may be further apart than int64 counts; kernels add modulo 2**64.
    wrapped = (stride - INT64_MIN) % 2**64 + INT64_MIN
    return StepRange(first, wrapped if count > 1 else 1, count)


def check_length(steps: Any) -> int:
    """Refuse what is no length of a table in which frameworks look rates up."""
    try:
        if isinstance(steps, bool):
            raise TypeError
        length = operator.index(steps)
    except TypeError:
        raise TypeError(
            f"Argument `steps` must be an integer. {received('steps', steps)}"
        ) from None
    if not 0 < length < 2**31:  # they number its entries in int32
        raise ValueError(
            f"Argument `steps` must be > 0 and < 2**31. Received: steps={shown(steps)}"
        )
    return length


def check_threads(threads: Any) -> int:
    """Number of threads asked for; 0 stands for None, chosen by size."""
    if threads is None:
        return 0
    try:
        count = operator.index(threads)
    except TypeError:
        raise TypeError(
            f"Argument `threads` must be an integer or None. {received('threads', threads)}"
        ) from None
    if count < 1:
        raise ValueError(f"Argument `threads` must be > 0. Received: threads={shown(count)}")
    return min(count, 2**31 - 1)


def check_out(out: Any, shape: tuple[int, ...], dtype: DType) -> npt.NDArray[Any]:
    """Refuse anything but a writable array of this shape and dtype, in C-contiguous rows."""
    if isinstance(out, np.ndarray):
        if (
            out.dtype == np.dtype(dtype)
            and out.dtype.isnative
            and out.shape == shape
            and _has_contiguous_rows(out)
            and out.flags.aligned
            and out.flags.writeable
        ):
            return out
        flags = [] if out.flags.c_contiguous else ["not C-contiguous"]
        flags += [] if out.flags.aligned else ["not aligned"]
        flags += [] if out.flags.writeable else ["read-only"]
        found = out.dtype.name if out.dtype.isnative else out.dtype.str
        given = ", ".join([f"{found} array of shape {out.shape}", *flags])
    else:
        given = f"type {type_name(out)}"
    raise ValueError(
        f"Argument `out` must be a writable, C-contiguous {dtype} array of shape {shape}"
        f"{'' if len(shape) == 1 else ', or have such rows'}. Received: {given}"
    )


def _has_contiguous_rows(out: npt.NDArray[Any]) -> bool:
    """Whether each row's elements lie one after the other, and rows whole elements apart."""
    if out.ndim == 1 or out.size == 0:
        return out.flags.c_contiguous
    rows, columns = out.shape
    return (columns == 1 or out.strides[1] == out.itemsize) and (
        rows == 1
        or (abs(out.strides[0]) >= columns * out.itemsize and out.strides[0] % out.itemsize == 0)
    )


def empty_table(shape: tuple[int, ...], dtype: DType) -> npt.NDArray[Any]:
    """Memory for a table, or a table in each row; MemoryError where there is not as much."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    rows = "" if len(shape) == 1 else f" for each of {shape[0]} schedules"
    needs = f"A table of {shape[-1]} steps{rows} needs {size} bytes"
    if size > _SURELY_AVAILABLE and size > _memory():
        raise MemoryError(
            f"{needs}; this machine grants {_memory()}. "
            f"Compute it in parts: {'tables' if rows else 'table'}(start, stop, out=...)"
        )
    try:
        return np.empty(shape, dtype)
    except (MemoryError, ValueError) as error:  # ValueError: beyond the largest array dimension
        raise MemoryError(f"{needs}: {error}") from None


def _memory() -> int:
    """Bytes that this process could have at most; the system would grant more, and then kill it."""
    limits = [2**63 - 1]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            with open(file) as limit:  # not pathlib: importing it takes longer than all of fastlr
                limits.append(int(limit.read()))
        except (OSError, ValueError):  # not Linux, another cgroup version, or "max"
            continue
    return min(limits)
