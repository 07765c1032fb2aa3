"""XLA's own float32 logarithm (src/cpp/core/libm/xla_log.hpp, with its source)."""

from __future__ import annotations

import numpy as np

from fastlr._numba.c_library import fma
from fastlr._numba.jit import jit


def _single(text):
    return np.float32(float.fromhex(text))


P0, P1, P2 = _single("0x1.204376p-4"), _single("-0x1.d7a37p-4"), _single("0x1.de4a34p-4")
P3, P4, P5 = _single("-0x1.fcba9ep-4"), _single("0x1.23d37ep-3"), _single("-0x1.555cap-3")
P6, P7, P8 = _single("0x1.999d58p-3"), _single("-0x1.fffff8p-3"), _single("0x1.555554p-2")
Q1, Q2 = _single("-0x1.bd0106p-13"), _single("0x1.63p-1")
ROOT_HALF = _single("0x1.6a09e6p-1")
SMALLEST = np.float32(2.0**-126)
ZERO, ONE, MINUS_HALF = np.float32(0), np.float32(1), np.float32(-0.5)


@jit
def xla_logarithm(x):
    """The logarithm of a float32."""
    if x != x or x < 0:
        return np.float32(np.nan)
    if x == 0:
        return np.float32(-np.inf)
    if x == np.inf:
        return x
    normal = np.float32(x if x > SMALLEST else SMALLEST)
    bits = normal.view(np.int32)
    exponent = np.float32((bits >> np.int32(23)) - np.int32(126))
    mantissa = np.int32((bits & np.int32(0x007FFFFF)) | np.int32(0x3F000000)).view(np.float32)
    small = mantissa < ROOT_HALF
    t = (mantissa - ONE) + (mantissa if small else ZERO)
    exponent = exponent - (ONE if small else ZERO)
    t2 = t * t
    t3 = t2 * t
    a = fma(t, fma(t, P0, P1), P2)
    b = fma(t, fma(t, P3, P4), P5)
    c = fma(t, fma(t, P6, P7), P8)
    y = fma(fma(fma(a, t3, b), t3, c), t3, Q1 * exponent)
    return fma(exponent, Q2, fma(t2, MINUS_HALF, t) + y)
