"""Schedules made of others, and how they are evaluated where only Python can call a part."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from fastlr._casts import DType, rounded, rounded_once, through_float32
from fastlr._config_limits import check_limits
from fastlr._errors import received, type_name
from fastlr._parameters import Execution
from fastlr._steps import INT64_MAX, INT64_MIN
from fastlr.schedules.base import LearningRateSchedule, Mark, checked_rate
from fastlr.schedules.kernel_schedule import KernelSchedule

if TYPE_CHECKING:
    import numpy.typing as npt
    from typing_extensions import Self

    from fastlr.schedules.base import FloatArray


class Composition(KernelSchedule):
    """Base class of the schedules that are made of others."""

    # Stored, since a part may occur many times on every level: whether all parts have kernels, and
    # how deep they are nested.
    __slots__ = ("_has_kernels", "_levels")
    _made_anew = (*KernelSchedule._made_anew, *__slots__)
    _in_keras = False

    def _parts(self) -> list[LearningRateSchedule]:
        """The schedules that it is made of."""
        return self._parts_in(self._config)

    @classmethod
    def _parts_in(cls, config: dict[str, Any]) -> list[Any]:
        """The parts in a config: schedules, or what they were made from."""
        given = config[cls._dtype_argument]
        return given if isinstance(given, list) else [given]

    def _rate_at(self, step: Any, execution: Execution) -> float:
        """The rate at an integer or a float, by calls of the parts."""
        raise NotImplementedError

    def _changes(self, start: int, stop: int) -> Iterable[range]:
        return self._parts()[0]._changes(start, stop)

    def _needs_stop(self) -> str | None:
        return self._parts()[0]._needs_stop()

    def _extent(self) -> float:
        return self._parts()[0]._extent()

    def _marks(self, start: float, stop: float) -> Iterable[Mark]:
        return self._parts()[0]._marks(start, stop)

    def _bind_plain(self, class_name: str, config: dict[str, Any], /) -> bool:
        return False  # the parts have to be looked at

    def _bind_cast(self, dtype: DType, arguments: dict[str, Any]) -> None:
        parts = self._parts_in(arguments)
        self._levels = 1 + max(part._levels for part in parts)
        self._has_kernels = all(part._has_kernel() for part in parts)
        if self._has_kernels:
            super()._bind_cast(dtype, arguments)

    def _has_kernel(self) -> bool:
        return self._has_kernels and super()._has_kernel()

    def _kernel(self, execution: str, /) -> Any:
        return super()._kernel(execution) if self._has_kernels else _StepByStep(self, execution)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make a schedule from what ``get_config`` returned, or ``fastlr.serialize`` wrote of it.

        Parameters
        ----------
        config : dict
            Constructor arguments by name; schedules among them may be the dicts that
            ``fastlr.serialize`` and Keras write.

        Returns
        -------
        LearningRateSchedule
            An instance of this class.

        Raises
        ------
        TypeError, ValueError
            As from the constructor and from ``fastlr.deserialize``.

        Examples
        --------
        >>> schedule = 0.5 * fastlr.CosineDecay(0.1, 1000)
        >>> fastlr.Scale.from_config(schedule.get_config()) == schedule
        True
        """
        from fastlr.serialization import with_schedules

        if isinstance(config, Mapping):
            check_limits(config)
        return super().from_config(with_schedules(cls, config))


class _StepByStep:
    """What a backend's Kernel is elsewhere, for compositions with a part that Python evaluates."""

    def __init__(self, schedule: Composition, execution: Any) -> None:
        self._schedule = schedule
        self._execution = execution

    def range(self, start: int, step: int, out: FloatArray, threads: int) -> None:
        """out[i] = rate at start + i * step, modulo 2**64."""
        first = start - INT64_MIN
        steps = ((first + i * step) % 2**64 + INT64_MIN for i in range(out.size))
        out[...] = [self._schedule._rate_at(each, self._execution) for each in steps]

    def array(self, steps: npt.NDArray[Any], out: FloatArray, threads: int) -> None:
        """out[i] = rate at steps[i]."""
        numbers = steps if steps.dtype.kind == "f" else steps.tolist()
        out[...] = [self._schedule._rate_at(each, self._execution) for each in numbers]


def rate_of(part: LearningRateSchedule, step: Any, execution: Execution, dtype: DType) -> float:
    """The rate of a part; that of a schedule of the user's own as a number of the dtype."""
    mode = {} if execution == "eager" else {"execution": execution}
    rate: Any = part(step, **mode)
    if part._has_kernel():
        return float(rate)
    rate = checked_rate(part, rate)
    try:
        number = float(as_number(rate, dtype))
    except OverflowError:  # a large integer in float64
        number = math.inf
    if math.isinf(number) and rate != number:
        raise ValueError(
            f"{type_name(part)}.__call__ must return a number that fits {dtype}. "
            f"{received('rate', rate)}"
        )
    return number


def is_int64(step: Any) -> bool:
    """Whether a step is an integer within int64, which stays one."""
    return isinstance(step, int) and INT64_MIN <= step <= INT64_MAX


def as_number(step: Any, dtype: DType) -> float:
    """A number in a dtype, subnormals zero; in float64, NumPy's, which keeps its bits."""
    if dtype == "float32":
        return rounded_once(step) if isinstance(step, int) else through_float32(float(step))
    if isinstance(step, np.float32):
        step = through_float32(float(step))
    wide: float = np.float64(rounded(float(step), dtype))
    return wide


def moved(step: Any, by: int, dtype: DType) -> Any:
    """The step so much later: an integer within int64, or one rounding in the dtype."""
    if is_int64(step):
        return min(max(step + by, INT64_MIN), INT64_MAX)
    total = rounded(as_number(step, dtype) + as_number(by, dtype), dtype)
    return np.float64(total) if dtype == "float64" else total
