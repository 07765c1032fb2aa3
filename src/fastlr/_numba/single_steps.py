"""Kernels as C functions of a single step (src/cpp/bindings/step_functions.cpp)."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.registry import cpu_target
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from fastlr._numba.flush_to_zero import flush
from fastlr._step_functions import StepFunctions

_intrinsic: Any = intrinsic
#: Not cached on disk: closures over different functions have the same types.
_compile = numba.njit(nogil=True, error_model="numpy", fastmath=False)


class SingleSteps(NamedTuple):
    """Rates at one step: functions of constants, the step, and a zero of the schedule's dtype."""

    at_integer: Any  # an int64
    at_single: Any  # a float32, compared and computed with in its own precision
    at_real: Any  # a number of the schedule's dtype


def _array(context, builder, kind, data, size):
    """An array of numbers that are somewhere else, which it does not own."""
    made = context.make_array(kind)(context, builder)
    itemsize = context.get_constant(
        types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype))
    )
    populate_array(
        made, data=data, shape=[size], strides=[itemsize], itemsize=itemsize, meminfo=None
    )
    return made._getvalue()


@_intrinsic
def on_stack(context, number):
    """An array of one number, for as long as the function runs that makes it."""
    kind = types.Array(number, 1, "C")

    def generate(context, builder, signature, values):
        data = cgutils.alloca_once_value(builder, values[0])
        return _array(context, builder, kind, data, context.get_constant(types.intp, 1))

    return kind(number), generate


@_intrinsic
def array_at(context, address, size, like):
    """The array of numbers of the type of `like` at an address."""
    kind = types.Array(like, 1, "C")

    def generate(context, builder, signature, values):
        data = builder.inttoptr(values[0], context.get_data_type(like).as_pointer())
        return _array(context, builder, kind, data, values[1])

    return kind(address, size, like), generate


@_compile
def number(step, zero):
    """A step as a number of the type of `zero`, subnormals zero."""
    made = on_stack(zero)
    made[0] = flush(step)
    return made[0]


# ---- Constants in memory, which C functions get a pointer to: numbers, and tuples of them --------


@_intrinsic
def _store(context, pointer, value):
    def generate(context, builder, signature, values):
        kind = context.get_data_type(value).as_pointer()
        context.pack_value(builder, value, values[1], builder.inttoptr(values[0], kind))
        return context.get_dummy_value()

    return types.void(types.uintp, value), generate


@_compile
def _write(pointer, value):
    _store(pointer, value)


def _loader(kind):
    @_intrinsic
    def load(context, pointer):
        def generate(context, builder, signature, values):
            data = builder.bitcast(values[0], context.get_data_type(kind).as_pointer())
            return context.unpack_value(builder, kind, data)

        return kind(types.voidptr), generate

    return load


# ---- C functions --------------------------------------------------------------------------------


class _Functions(StepFunctions):
    """What other compiled code calls, and what compositions call."""

    _fields_ = (("at_real", ctypes.c_void_p),)


def _caller(name):
    """A function that calls that function of a schedule whose _Functions are at an address."""

    @_intrinsic
    def call(context, address, step, zero):
        def generate(context, builder, signature, values):
            functions = values[0]
            if isinstance(functions.type, ir.IntType):
                functions = builder.inttoptr(functions, cgutils.voidptr_t)

            def member(name):
                offset = getattr(_Functions, name).offset
                place = cgutils.pointer_add(builder, functions, offset)
                return builder.load(builder.bitcast(place, cgutils.voidptr_t.as_pointer()))

            kind = ir.FunctionType(values[2].type, [cgutils.voidptr_t, values[1].type])
            function = builder.bitcast(member(name), kind.as_pointer())
            return builder.call(function, [member("schedule"), values[1]])

        return zero(address, step, zero), generate

    return call


call_integer, call_single, call_real = map(_caller, SingleSteps._fields)


@cache
def _compiled(single: SingleSteps, kind: Any, real: Any) -> tuple[Any, Any, Any]:
    """C functions of constants of a type."""
    load, zero = _loader(kind), np.dtype(real.name).type(0)

    def compiled(function: Any, step: Any) -> Any:
        return numba.cfunc(real(types.voidptr, step), error_model="numpy")(
            lambda constants, step: function(load(constants), step, zero)
        )

    at_single = compiled(single.at_single, types.float32)
    is_same = real is types.float32 and single.at_real is single.at_single
    return (
        compiled(single.at_integer, types.int64),
        at_single,
        at_single if is_same else compiled(single.at_real, real),
    )


@cache
def _in_c(real: Any) -> tuple[Any, Any]:
    """The C functions that take the address of _Functions."""
    zero = np.dtype(real.name).type(0)

    @numba.cfunc(types.float64(types.int64, types.voidptr), error_model="numpy")
    def integer_in_c(step, functions):
        return call_integer(functions, step, zero)

    @numba.cfunc(types.float64(types.float64, types.voidptr), error_model="numpy")
    def double_in_c(step, functions):
        return call_single(functions, flush(np.float32(step)), zero)

    return integer_in_c, double_in_c


class MadeFunctions:
    """The functions of a schedule, with the constants in memory."""

    def __init__(self, single: SingleSteps, constants: tuple[Any, ...], dtype: Any) -> None:
        real, kind = numba.from_dtype(dtype), numba.typeof(constants)
        context = cpu_target.target_context
        size = context.get_abi_sizeof(context.get_data_type(kind))
        self._memory = np.zeros(size // 8 + 1, np.uint64)
        _write(self._memory.ctypes.data, constants)
        functions = [each.address for each in (*_compiled(single, kind, real), *_in_c(real))]
        at_integer, at_single, at_real, integer_in_c, double_in_c = functions
        self._functions = _Functions(
            at_integer, at_single, self._memory.ctypes.data, integer_in_c, double_in_c, at_real
        )
        self.address = ctypes.addressof(self._functions)


# ---- Of kernels whose blocks are enough ---------------------------------------------------------


@cache
def of_block(block: Callable[..., Any]) -> SingleSteps:
    """Rates of block(*constants, out), which turns steps into rates."""

    @_compile
    def at_integer(constants, step, zero):
        out = on_stack(zero)
        out[0] = step
        block(*constants, out)
        return out[0]

    @_compile
    def at_float(constants, step, zero):
        out = on_stack(number(step, zero))
        block(*constants, out)
        return out[0]

    return SingleSteps(at_integer, at_float, at_float)


@cache
def of_rates(block: Callable[..., Any]) -> SingleSteps:
    """Rates of a part, whose address is constants[0], changed by block(*constants[1], out)."""

    def function(call: Any) -> Any:
        @_compile
        def at(constants, step, zero):
            out = on_stack(call(constants[0], step, zero))
            block(*constants[1], out)
            return out[0]

        return at

    return SingleSteps(*map(function, (call_integer, call_single, call_real)))
