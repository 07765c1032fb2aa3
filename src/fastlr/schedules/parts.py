"""Constructor arguments that are schedules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastlr._casts import DType
from fastlr._config_limits import MOST_LEVELS
from fastlr._errors import received, type_name
from fastlr._parameters import Parameter
from fastlr.schedules.base import LearningRateSchedule

if TYPE_CHECKING:
    from fastlr.schedules.kernel_schedule import KernelSchedule


def check_schedule(name: str, value: Any) -> None:
    """Refuse what is not a schedule of fastlr."""
    if not isinstance(value, LearningRateSchedule):
        raise TypeError(
            f"Argument {name} must be a fastlr.LearningRateSchedule. Received: type "
            f"{type_name(value)}. A schedule of Keras or fastlr.keras becomes one by "
            "fastlr.keras.from_keras, and a number by fastlr.Constant"
        )


def check_one_dtype(name: str, schedules: Sequence[LearningRateSchedule]) -> None:
    """Refuse schedules of which one computes in another dtype than the first."""
    for index, schedule in enumerate(schedules):
        if schedule._dtype != schedules[0]._dtype:
            raise ValueError(
                f"All of `{name}` must compute in one dtype. Received: "
                f"{schedules[0]._dtype} of {name}[0], {schedule._dtype} of {name}[{index}]"
            )


def _check_part(name: str, part: Any) -> None:
    if isinstance(part, Mapping):
        raise TypeError(
            f"Argument {name} must be a fastlr.LearningRateSchedule. Received: type "
            f"{type_name(part)}. fastlr.deserialize makes a schedule of a dict, and `from_config` "
            "of this class takes dicts"
        )
    check_schedule(name, part)
    if part._levels >= MOST_LEVELS:
        raise ValueError(
            f"Argument {name} is nested too deeply: schedules have at most {MOST_LEVELS} levels. "
            f"Received: a schedule of {part._levels} levels"
        )


def _converted(part: KernelSchedule, convert: Callable[[Any], Any]) -> LearningRateSchedule:
    return type(part)(**part._config_with_rates(convert))


class Part(Parameter[LearningRateSchedule, LearningRateSchedule]):
    """A schedule that another one is made of."""

    annotation = "LearningRateSchedule"
    float64_where = "computes in float64"

    def checked(self, value: Any) -> LearningRateSchedule:
        """The schedule."""
        _check_part(f"`{self.name}`", value)
        part: LearningRateSchedule = value
        return part

    def dtype(self, value: Any) -> DType:
        """That of the schedule."""
        dtype: DType = value._dtype
        return dtype

    def converted(self, value: Any, convert: Callable[[Any], Any]) -> Any:
        """The schedule with its rates converted."""
        return _converted(value, convert)


class Parts(Parameter["list[LearningRateSchedule]", Sequence[LearningRateSchedule]]):
    """Several schedules, of one precision, that another one is made of."""

    annotation = "Sequence[LearningRateSchedule]"
    float64_where = "compute in float64"

    def checked(self, value: Any) -> list[LearningRateSchedule]:
        """A list of the schedules."""
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise TypeError(
                f"Argument `{self.name}` must be a sequence of schedules. "
                f"{received(self.name, value)}"
            )
        parts = list(value)
        if not parts:
            raise ValueError(
                f"Argument `{self.name}` must have at least one schedule. "
                f"{received(self.name, value)}"
            )
        for index, part in enumerate(parts):
            _check_part(f"`{self.name}[{index}]`", part)
        check_one_dtype(self.name, parts)
        return parts

    def dtype(self, value: Any) -> DType:
        """That of all schedules."""
        dtype: DType = value[0]._dtype
        return dtype

    def converted(self, value: Any, convert: Callable[[Any], Any]) -> Any:
        """The schedules with their rates converted."""
        return [_converted(part, convert) for part in value]
