"""Keras's execution modes as arithmetic (src/cpp/core/arithmetic/execution.hpp)."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc,untyped-decorator"

from __future__ import annotations

from fastlr._numba.c_library import fma
from fastlr._numba.jit import jit, static
from fastlr._numba.numbers import add, divide, flush, multiply

EAGER, GRAPH, XLA = 0, 1, 2
MODES = {"eager": static(EAGER), "graph": static(GRAPH), "xla": static(XLA)}


@jit
def quotient(mode, dividend, divisor, reciprocal, careful):
    """Quotient dividend / divisor, or dividend * reciprocal where the mode folds."""
    if len(mode) == EAGER:
        return divide(dividend, divisor, careful)
    return multiply(dividend, reciprocal, careful)


@jit
def contracted(mode, a, b, c, careful):
    """Sum a * b + c, fused where the mode contracts."""
    if len(mode) == XLA:
        return flush(fma(a, b, c)) if careful else fma(a, b, c)
    return add(multiply(a, b, careful), c, careful)
