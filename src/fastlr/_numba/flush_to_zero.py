"""Arithmetic as TensorFlow does it: subnormals count as zero (core/arithmetic/flush_to_zero.hpp).

Each operation takes `flushed`: False is the plain operation, for steps and parameters from which no
subnormal can arise (see `_needs_flush` of a schedule). Callers pass a literal, so that the compiler
keeps one of the two.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload

from fastlr._numba.jit import jit

SMALLEST_PLAIN_STEP = 2.0**-20
LARGEST_PLAIN_STEP = 2.0**64


def rounded(wide, like):
    """`wide`, a float64, in the type of `like`, flushed to zero where it is subnormal there."""
    raise NotImplementedError("only inside compiled functions")


@overload(rounded)
def _rounded(wide, like):
    if like is types.float32:
        # The processor looks at the result rounded to 24 bits with an unbounded exponent.
        tiny = 2.0**-126 - 2.0**-151

        def single(wide, like):
            return np.float32(wide * 0.0 if abs(wide) < tiny else wide)

        return single
    smallest_normal = 2.0**-1022

    def double(wide, like):
        return wide * 0.0 if abs(wide) < smallest_normal else wide

    return double


@jit
def multiply(a, b, flushed):
    if flushed:
        return rounded(np.float64(a) * np.float64(b), a)
    return a * b


@jit
def divide(a, b, flushed):
    if flushed:
        return rounded(np.float64(a) / np.float64(b), a)
    return a / b


@jit
def add(a, b, flushed):
    if flushed:
        return rounded(np.float64(a + b), a)
    return a + b


@jit
def subtract(a, b, flushed):
    if flushed:
        return rounded(np.float64(a - b), a)
    return a - b


@jit
def flush(x):
    return rounded(np.float64(x), x)


@jit
def minimum(a, b):
    """The smaller of the two; NaN if `a` is NaN."""
    return b if b < a else a


@jit
def step_needs_flush(step):
    """Whether a step needs flushed arithmetic: very small but not zero, very large, or NaN."""
    size = abs(step)
    return (not (size >= SMALLEST_PLAIN_STEP) & (step != 0)) | (not (size <= LARGEST_PLAIN_STEP))


class HostArithmetic:
    """The same operations on NumPy scalars, for what is computed once per schedule.

    Numba hands a float32 back as a Python float: each result has to become one again.
    """

    def __init__(self, dtype: str) -> None:
        self.real = np.dtype(dtype).type

    def flush(self, x):
        return self.real(flush(self.real(x)))

    def add(self, a, b):
        return self.real(add(self.real(a), self.real(b), True))

    def subtract(self, a, b):
        return self.real(subtract(self.real(a), self.real(b), True))

    def multiply(self, a, b):
        return self.real(multiply(self.real(a), self.real(b), True))

    def divide(self, a, b):
        return self.real(divide(self.real(a), self.real(b), True))
