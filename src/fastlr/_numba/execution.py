"""Keras's execution modes as arithmetic (src/cpp/core/arithmetic/execution.hpp)."""

from __future__ import annotations

from fastlr._numba.c_library import fma
from fastlr._numba.flush_to_zero import add, divide, flush, multiply
from fastlr._numba.jit import jit, static

EAGER, GRAPH, XLA = 0, 1, 2
MODES = {"eager": static(EAGER), "graph": static(GRAPH), "xla": static(XLA)}


@jit
def quotient(mode, dividend, divisor, reciprocal, flushed):
    """Quotient dividend / divisor, or dividend * reciprocal where the mode folds."""
    if len(mode) == EAGER:
        return divide(dividend, divisor, flushed)
    return multiply(dividend, reciprocal, flushed)


@jit
def contracted(mode, a, b, c, flushed):
    """Sum a * b + c, fused where the mode contracts."""
    if len(mode) == XLA:
        return flush(fma(a, b, c)) if flushed else fma(a, b, c)
    return add(multiply(a, b, flushed), c, flushed)
