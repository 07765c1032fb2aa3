"""Functions of the C library in the type of their argument, and fused arithmetic."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

_SINGLE, _DOUBLE = types.float32, types.float64
_powf = types.ExternalFunction("powf", _SINGLE(_SINGLE, _SINGLE))
_pow = types.ExternalFunction("pow", _DOUBLE(_DOUBLE, _DOUBLE))
_logf = types.ExternalFunction("logf", _SINGLE(_SINGLE))
_log = types.ExternalFunction("log", _DOUBLE(_DOUBLE))


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


def power(x, y):
    """Power x**y of the C library."""
    raise NotImplementedError("only inside compiled functions")


@overload(power)
def _power(x, y):
    if x is types.float32:
        return lambda x, y: _powf(x, y)
    return lambda x, y: _pow(x, y)


_intrinsic: Any = intrinsic  # for mypy, which counts the context as an argument of callers


def _instruction(name, *operands):
    """An operation of LLVM, exact in IEEE arithmetic, which loops can be vectorised around."""
    real = operands[0]
    signature = real(*[real] * len(operands))

    def generate(context, builder, signature, values):
        kind = ir.FunctionType(values[0].type, [value.type for value in values])
        function = builder.module.declare_intrinsic(name, [kind.return_type], kind)
        return builder.call(function, values)

    return signature, generate


@_intrinsic
def floor(context, x):
    return _instruction("llvm.floor", x)


@_intrinsic
def ceil(context, x):
    return _instruction("llvm.ceil", x)


@_intrinsic
def sqrt(context, x):
    return _instruction("llvm.sqrt", x)


@_intrinsic
def fma(context, a, b, c):
    """Fused a * b + c: one rounding, by the C library where the processor has no such operation."""
    return _instruction("llvm.fma", a, b, c)
