"""Comparison of results bit by bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastlr._verify.bits import bits, different

__all__ = ["assert_same_bits", "assert_same_rates", "bits"]


def assert_same_bits(ours: Any, theirs: Any, steps: Any, what: str) -> None:
    """Fail with the first step whose rate differs."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.dtype == theirs.dtype, what
    assert ours.shape == theirs.shape, what
    indices = different(ours, theirs)
    if indices.size:
        at = indices[0]
        step = np.asarray(steps, object).reshape(-1)[at]
        raise AssertionError(
            f"{what}: {indices.size} of {ours.size} differ, first at step {step}: "
            f"{ours.reshape(-1)[at]!r} instead of {theirs.reshape(-1)[at]!r}"
        )


def assert_same_rates(ours: Any, theirs: Any, steps: Any, what: str) -> None:
    """As `assert_same_bits`, but a zero may have either sign.

    TensorFlow caches constants by value, so that -0.0 may become 0.0, and a weight that was
    trained with a rate of -0.0 does not tell.
    """
    assert_same_bits(np.asarray(ours) + 0, np.asarray(theirs) + 0, steps, what)
