"""cosf with the bits of the C library (src/cpp/core/libm/cosine.hpp, with source and proof)."""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload

from fastlr._numba.jit import jit

_library_cosf = types.ExternalFunction("cosf", types.float32(types.float32))
_library_cos = types.ExternalFunction("cos", types.float64(types.float64))

#: The angles for which the functions below are proven.
FIRST_ANGLE = -np.nextafter(np.float32(np.pi / 4), np.float32(0))
LAST_ANGLE = np.float32(3.92)
QUARTER_PI = np.float32(np.pi / 4)
HALF_PI = float.fromhex("0x1.921fb54442d18p0")
TWO_OVER_PI_24 = float.fromhex("0x1.45f306dc9c883p+23")

C1 = float.fromhex("-0x1.ffffffd0c621cp-2")
C2 = float.fromhex("0x1.55553e1068f19p-5")
C3 = float.fromhex("-0x1.6c087e89a359dp-10")
C4 = float.fromhex("0x1.99343027bf8c3p-16")
S1 = float.fromhex("-0x1.555545995a603p-3")
S2 = float.fromhex("0x1.1107605230bc4p-7")
S3 = float.fromhex("-0x1.994eb3774cf24p-13")


@jit
def even(x):
    z = x * x
    return (((C4 * z + C3) * z + C2) * z + C1) * z + 1.0


@jit
def odd(x):
    z = x * x
    return (((-S3 * z - S2) * z - S1) * z - 1.0) * x


@jit
def quadrant(y):
    """Multiple of pi/2 that the C library reduces a proven y by: 0, 1 or 2."""
    if y < QUARTER_PI:
        return 0
    return (np.int32(np.float64(y) * TWO_OVER_PI_24) + 0x800000) >> 24


@jit
def in_quadrant(y, which):
    """cosf(y) for a y whose quadrant is known; callers pass a literal."""
    x = np.float64(y) - which * HALF_PI
    if which == 1:
        return np.float32(odd(x))
    return -np.float32(even(x)) if which == 2 else np.float32(even(x))


@jit
def in_any_quadrant(y, past_first, past_second):
    """cosf(y) for a proven y without branches."""
    shift = 2 * HALF_PI if past_second else (HALF_PI if past_first else 0.0)
    x = np.float64(y) - shift
    c = even(x)
    c = -c if past_second else c
    return np.float32(odd(x) if past_first and not past_second else c)


def cosine(y):
    """The C library's cosine of a float32 or float64."""
    raise NotImplementedError("only inside compiled functions")


@overload(cosine)
def _cosine(y):
    if y is types.float64:
        return lambda y: _library_cos(y)

    def single(y):
        if not (y >= FIRST_ANGLE and y <= LAST_ANGLE):
            return _library_cosf(y)
        which = quadrant(y)
        return in_any_quadrant(y, which >= 1, which >= 2)

    return single
