"""Comparison of results bit by bit."""

from __future__ import annotations

from typing import Any

import numpy as np


def bits(values: Any) -> np.ndarray:
    """Bit patterns of floats, every NaN as one: its payload is not part of the contract."""
    array = np.ascontiguousarray(values)
    unsigned = {4: np.uint32, 8: np.uint64}[array.dtype.itemsize]
    patterns = array.view(unsigned).copy() if array.ndim else array.reshape(1).view(unsigned)
    patterns[np.isnan(array)] = unsigned(-1 & (2 ** (8 * array.dtype.itemsize) - 1))
    return patterns


def assert_same_bits(ours: Any, theirs: Any, steps: Any, what: str) -> None:
    """Fail with the first step whose rate differs."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.dtype == theirs.dtype, what
    assert ours.shape == theirs.shape, what
    different = np.flatnonzero((bits(ours) != bits(theirs)).reshape(-1))
    if different.size:
        at = different[0]
        step = np.asarray(steps, object).reshape(-1)[at]
        raise AssertionError(
            f"{what}: {different.size} of {ours.size} differ, first at step {step}: "
            f"{ours.reshape(-1)[at]!r} instead of {theirs.reshape(-1)[at]!r}"
        )


def assert_same_rates(ours: Any, theirs: Any, steps: Any, what: str) -> None:
    """As `assert_same_bits`, but a zero may have either sign.

    TensorFlow caches constants by value, so that -0.0 may become 0.0, and a weight that was
    trained with a rate of -0.0 does not tell.
    """
    assert_same_bits(np.asarray(ours) + 0, np.asarray(theirs) + 0, steps, what)
