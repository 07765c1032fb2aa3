"""Comparison of results bit by bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def bits(values: Any) -> npt.NDArray[np.unsignedinteger[Any]]:
    """Bit patterns of floats, every NaN as one: its payload is not part of the contract."""
    array = np.ascontiguousarray(values)
    unsigned: Any = {4: np.uint32, 8: np.uint64}[array.dtype.itemsize]
    patterns: npt.NDArray[np.unsignedinteger[Any]] = array.view(unsigned).copy()
    patterns[np.isnan(array)] = unsigned(2 ** (8 * array.dtype.itemsize) - 1)
    return patterns


def different(ours: npt.NDArray[Any], theirs: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Flat indices at which two arrays of the same dtype and shape are not the same bits."""
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        raise ValueError(
            "Arrays must have the same dtype and shape. "
            f"Received: {ours.dtype} {ours.shape} and {theirs.dtype} {theirs.shape}"
        )
    return np.flatnonzero(bits(ours) != bits(theirs))
