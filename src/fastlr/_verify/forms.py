"""Steps and tables in every form that callers use: dtypes, fractions, strides, orders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

#: What kernels read without a conversion.
KERNEL_DTYPES = ("int32", "int64", "uint64", "float32", "float64")
#: What is converted before.
OTHER_DTYPES = ("bool", "int8", "uint8", "int16", "uint16", "uint32", "float16")


def float_steps(
    landmarks: Iterable[float], rng: np.random.Generator, random: int
) -> npt.NDArray[np.float32]:
    """Float32 steps: whole, fractional, negative, huge, not finite."""
    marks = np.array([0, 1, *landmarks], np.float64)
    end = max(10.0, float(marks.max()))
    steps: list[npt.ArrayLike] = [
        *(marks + offset for offset in (-1.5, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 1.5)),
        -marks,
        rng.uniform(-0.25 * end, 1.25 * end, random),
        [-0.0, 1e-40, -1e-40, 1e-30, 2.0**24 + 2, 1e15, -1e15, 3e38, -3e38],
        [np.inf, -np.inf, np.nan],
    ]
    return np.concatenate([np.asarray(part) for part in steps]).astype(np.float32)


def in_dtype(steps: npt.NDArray[np.float32], dtype: str) -> npt.NDArray[Any]:
    """Those of the steps that are numbers of another dtype."""
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return np.array([False, True])
    if kind.kind == "f":
        with np.errstate(over="ignore"):
            return steps.astype(kind)
    info = np.iinfo(kind)
    known = steps[(steps >= float(info.min)) & (steps < float(info.max))]
    return np.append(known.astype(kind), np.array([info.min, info.max], kind))


def arrangements(size: int, rng: np.random.Generator) -> dict[str, Any]:
    """Indices by which an array is taken in other orders; slices stay strided views."""
    return {
        "strided": slice(None, None, 3),
        "backwards": slice(None, None, -1),
        "shuffled": rng.permutation(size),
    }


def tables(rng: np.random.Generator) -> list[range]:
    """Tables with strides, short, long enough for threads, and from any start."""
    start = int(rng.integers(1, 10**6))
    stride = int(rng.integers(2, 1000))
    return [
        range(0, 7 * stride, stride),
        range(start, start + 3000 * stride, stride),
        range(start, start - 3000 * stride, -stride),
        range(-start, 300, max(1, start // 1000)),
        range(2**24 - 9, 2**24 + 9, 3),
        range(start, start + 1),
        range(start, start - 140_000, -1),
    ]
