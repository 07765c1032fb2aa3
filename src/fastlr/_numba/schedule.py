"""What is called with a step (src/cpp/bindings/schedule_type.cpp)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fastlr._numba.driver import Kernel
from fastlr._numba.kernels import make_kernel

Method = TypeVar("Method", bound=Callable[..., Any])
_NO_STEPS = object()


class Schedule:
    """Base class of schedules: what is called with a step."""

    __slots__ = ("_description", "_made")
    _description: tuple[str, str, Mapping[str, Any]]
    _made: dict[str, Kernel]  # by execution mode, when asked for

    def _bind(self, class_name: str, dtype: str, arguments: Mapping[str, Any]) -> None:
        if hasattr(self, "_made"):
            raise TypeError("a schedule is immutable: it is initialised only once")
        self._made = {"eager": make_kernel(class_name, dtype, "eager", arguments)}
        self._description = class_name, dtype, arguments

    def _bind_plain(self, class_name: str, config: Mapping[str, Any]) -> bool:
        return False  # arguments are never as they were given

    def _kernel(self, execution: str) -> Kernel:
        kernel = self._made.get(execution)
        if kernel is None:
            class_name, dtype, arguments = self._description
            kernel = make_kernel(class_name, dtype, execution, arguments)
            # Another thread may have made one, whose addresses are in use.
            kernel = self._made.setdefault(execution, kernel)
        return kernel

    def __call__(self, steps: Any = _NO_STEPS, *, execution: str = "eager") -> Any:
        if (
            type(steps) is int
            and -(2**53) <= steps <= 2**53
            and isinstance(execution, str)
            and execution == "eager"
            and hasattr(self, "_made")
        ):
            return self._made["eager"].at(steps)
        if steps is _NO_STEPS:
            return self._evaluate()
        return self._evaluate(steps, execution)

    def _evaluate(self, steps: Any = _NO_STEPS, execution: str = "eager") -> Any:
        raise NotImplementedError


def table_method(function: Method) -> Method:
    """``Schedule.table`` as Python has it; the compiled core puts a C function before it."""
    return function
