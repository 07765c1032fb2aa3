"""Schedules in functions that Numba compiles: ``schedule(step)`` calls the backend's function.

Numba imports this by its entry point when it first compiles anything, in every program. So it is
outside of the package, which is imported only where there are schedules.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.core.imputils import lower_constant
from numba.extending import (
    NativeValue,
    intrinsic,
    lower_builtin,
    models,
    overload_method,
    register_model,
    unbox,
)

INT64_MAX = 2**63 - 1
SMALLEST_NORMAL, ZERO = np.float32(2.0**-126), np.float32(0)
#: Part of the name of the type, by which Numba finds the machine code that it cached: one more
#: whenever StepFunctions, or WORDS, change.
LAYOUT = 1
#: The members of StepFunctions that are called.
WORDS = ("at_integer", "at_single", "schedule")

_intrinsic: Any = intrinsic


def init() -> None:
    """What Numba calls: importing this module is all."""


class ScheduleType(types.Type):
    """Any schedule of a dtype."""

    def __init__(self, dtype: str) -> None:
        self.dtype = types.float32 if dtype == "float32" else types.float64
        super().__init__(name=f"fastlr.Schedule({dtype}, layout {LAYOUT})")


TYPES = {dtype: ScheduleType(dtype) for dtype in ("float32", "float64")}


@register_model(ScheduleType)
class ScheduleModel(models.StructModel):
    """These members of StepFunctions, and who keeps them alive."""

    def __init__(self, manager: Any, kind: ScheduleType) -> None:
        members = [(name, types.voidptr) for name in WORDS]
        owner = ("owner", types.MemInfoPointer(types.voidptr))
        super().__init__(manager, kind, [*members, owner])


@unbox(ScheduleType)
def _unbox(kind: ScheduleType, schedule: Any, c: Any) -> Any:
    from fastlr._step_functions import StepFunctions

    value = cgutils.create_struct_proxy(kind)(c.context, c.builder)
    address = c.pyapi.call_method(schedule, "_step_functions")
    failed = cgutils.is_null(c.builder, address)
    with c.builder.if_then(c.builder.not_(failed), likely=True):
        pointer = c.pyapi.long_as_voidptr(address)
        c.pyapi.decref(address)
        for name in WORDS:
            place = cgutils.pointer_add(c.builder, pointer, getattr(StepFunctions, name).offset)
            word = c.builder.bitcast(place, cgutils.voidptr_t.as_pointer())
            setattr(value, name, c.builder.load(word))
        value.owner = c.pyapi.nrt_meminfo_new_from_pyobject(pointer, schedule)
    return NativeValue(value._getvalue(), is_error=failed)


#: Schedules whose addresses are part of compiled code, which is never unloaded.
_constants: list[Any] = []


@lower_constant(ScheduleType)
def _constant(context: Any, builder: Any, kind: ScheduleType, schedule: Any) -> Any:
    """A global schedule, or one of a closure. Numba does not cache what has dynamic addresses."""
    from fastlr._step_functions import StepFunctions

    _constants.append(schedule)
    functions = StepFunctions.from_address(schedule._step_functions())
    value = cgutils.create_struct_proxy(kind)(context, builder)
    for name in WORDS:
        setattr(value, name, context.add_dynamic_addr(builder, getattr(functions, name), name))
    return value._getvalue()


def _function(name: str, step: Any) -> Any:
    """A function that calls one of the native functions with a step of that type."""

    @_intrinsic
    def call(context: Any, schedule: Any, given: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            value = cgutils.create_struct_proxy(schedule)(context, builder, value=values[0])
            real = context.get_value_type(schedule.dtype)
            kind = ir.FunctionType(real, [cgutils.voidptr_t, context.get_value_type(step)])
            function = builder.bitcast(getattr(value, name), kind.as_pointer())
            rate = builder.call(function, [value.schedule, values[1]])
            return context.cast(builder, rate, schedule.dtype, types.float64)

        return types.float64(schedule, step), generate

    return call


_at_integer = _function("at_integer", types.int64)
_at_single = _function("at_single", types.float32)


@overload_method(ScheduleType, "__call__", prefer_literal=True)
def _call(schedule, steps, execution="eager"):
    """``schedule(steps)``: a float64 with the value of Python's float."""
    mode = getattr(execution, "literal_value", getattr(execution, "value", execution))
    if mode != "eager":
        raise TypingError(
            "Argument `execution` must be 'eager' in functions compiled by Numba. "
            f"Received: execution={mode!r}. Use schedule.table(steps, execution={mode!r}) as an "
            "argument instead"
        )
    steps = types.unliteral(steps)
    if isinstance(steps, types.Float):
        return _at_float
    if steps is types.uint64:
        return _at_unsigned
    if isinstance(steps, (types.Integer, types.Boolean)):
        return lambda schedule, steps, execution="eager": _at_integer(schedule, np.int64(steps))
    raise TypingError(
        "Argument `steps` must be one integer or float in functions compiled by Numba. "
        f"Received: type {steps}"
    )


def _at_float(schedule, steps, execution="eager"):
    """As TensorFlow makes a float32 of a float: subnormals are zero."""
    single = np.float32(steps)
    return _at_single(schedule, single * ZERO if abs(single) < SMALLEST_NORMAL else single)


def _at_unsigned(schedule, steps, execution="eager"):
    if steps > np.uint64(INT64_MAX):
        raise OverflowError("Argument `steps` must lie within int64 in functions compiled by Numba")
    return _at_integer(schedule, np.int64(steps))


@lower_builtin(ScheduleType, ScheduleType, types.VarArg(types.Any))
def _lowered(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """Where Numba looks for what a value does when it is called."""
    return context.get_function((ScheduleType, "__call__"), signature)(builder, values)
