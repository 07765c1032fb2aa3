"""A schedule at single steps, for compiled code of others: Numba, SciPy, Cython, ctypes."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from fastlr._errors import shown, type_name

if TYPE_CHECKING:
    from fastlr._parameters import Execution
    from fastlr.schedules.base import LearningRateSchedule

_INTEGER = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64, ctypes.c_void_p)
_DOUBLE = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_void_p)


class StepFunctions(ctypes.Structure):
    """What the ``step_functions`` of a kernel point to (src/cpp/bindings/kernel.hpp).

    Whoever changes it adds one to LAYOUT in fastlr_numba: users' caches depend on it.
    """

    _fields_: ClassVar[Sequence[tuple[str, Any]]] = (
        ("at_integer", ctypes.c_void_p),
        ("at_single", ctypes.c_void_p),
        ("schedule", ctypes.c_void_p),
        ("integer_in_c", ctypes.c_void_p),
        ("double_in_c", ctypes.c_void_p),
    )


class _Data(ctypes.c_void_p):
    """A pointer that keeps what it points to alive."""

    owner: object


class CFunction(NamedTuple):
    """A C function that evaluates a schedule, and the data that is its last argument.

    Both as ``ctypes`` has them. `data` keeps the schedule alive: C code may call the function as
    long as `data` exists, from any thread.
    """

    function: Any
    data: ctypes.c_void_p

    @property
    def address(self) -> int:
        """Where the function is, for a cast in C or Cython; `data.value` is where the data are."""
        return ctypes.cast(self.function, ctypes.c_void_p).value or 0


def refuse_python(schedule: LearningRateSchedule, caller: str) -> None:
    """Raise a TypeError for a schedule that only Python can call."""
    if not schedule._has_kernel():
        raise TypeError(
            f"{caller} needs a schedule that fastlr evaluates. Received: {_of_python(schedule)}, "
            "which only Python can call. Use fastlr.Table(schedule.table(steps))"
        )


def _of_python(schedule: LearningRateSchedule) -> str:
    """What of a schedule only Python can call."""
    from fastlr.schedules.composition import Composition

    if isinstance(schedule, Composition) and not schedule._has_kernels:
        parts = schedule._parts()
        inner = next(part for part in parts if not part._has_kernel())
        return f"{_of_python(inner)} in {type_name(schedule)}"
    return type_name(schedule)


def c_function(schedule: Any, steps: object, execution: Execution) -> CFunction:
    """The C function of ``LearningRateSchedule.c_function``."""
    if steps is not int and steps is not float:
        raise ValueError(
            "Argument `steps` must be `int` (a function of int64_t) or `float` (a function of "
            f"double). Received: steps={shown(steps)}"
        )
    refuse_python(schedule, "c_function")
    address = schedule._step_functions(execution)
    functions = StepFunctions.from_address(address)
    data = _Data(address)
    data.owner = schedule
    if steps is int:
        return CFunction(_INTEGER(functions.integer_in_c), data)
    return CFunction(_DOUBLE(functions.double_in_c), data)
