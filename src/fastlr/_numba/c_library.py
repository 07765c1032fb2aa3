"""Functions of the C library in the type of their argument, and fused arithmetic."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc,untyped-decorator"

from __future__ import annotations

from numba import types
from numba.extending import overload

_SINGLE, _DOUBLE = types.float32, types.float64
_powf = types.ExternalFunction("powf", _SINGLE(_SINGLE, _SINGLE))
_pow = types.ExternalFunction("pow", _DOUBLE(_DOUBLE, _DOUBLE))
_logf = types.ExternalFunction("logf", _SINGLE(_SINGLE))
_log = types.ExternalFunction("log", _DOUBLE(_DOUBLE))
_floorf = types.ExternalFunction("floorf", _SINGLE(_SINGLE))
_floor = types.ExternalFunction("floor", _DOUBLE(_DOUBLE))
_ceilf = types.ExternalFunction("ceilf", _SINGLE(_SINGLE))
_ceil = types.ExternalFunction("ceil", _DOUBLE(_DOUBLE))
_sqrtf = types.ExternalFunction("sqrtf", _SINGLE(_SINGLE))
_sqrt = types.ExternalFunction("sqrt", _DOUBLE(_DOUBLE))
_fmaf = types.ExternalFunction("fmaf", _SINGLE(_SINGLE, _SINGLE, _SINGLE))
_fma = types.ExternalFunction("fma", _DOUBLE(_DOUBLE, _DOUBLE, _DOUBLE))


def _of_one(single, double):
    def function(x):
        raise NotImplementedError("only inside compiled functions")

    @overload(function)
    def _(x):
        if x is types.float32:
            return lambda x: single(x)
        return lambda x: double(x)

    return function


log = _of_one(_logf, _log)
floor = _of_one(_floorf, _floor)
ceil = _of_one(_ceilf, _ceil)
sqrt = _of_one(_sqrtf, _sqrt)


def power(x, y):
    """Power x**y of the C library."""
    raise NotImplementedError("only inside compiled functions")


@overload(power)
def _power(x, y):
    if x is types.float32:
        return lambda x, y: _powf(x, y)
    return lambda x, y: _pow(x, y)


def fma(a, b, c):
    """Fused a * b + c: one rounding."""
    raise NotImplementedError("only inside compiled functions")


@overload(fma)
def _overloaded_fma(a, b, c):
    if a is types.float32:
        return lambda a, b, c: _fmaf(a, b, c)
    return lambda a, b, c: _fma(a, b, c)
