"""Keras's ``PiecewiseConstantDecay``."""

from __future__ import annotations

from collections.abc import Iterator
from operator import gt
from typing import Any

from fastlr._casts import DType, cast, is_python_float, through_float32
from fastlr._errors import shown
from fastlr._parameters import Name, Rates, Reals
from fastlr._steps import INT64_MAX, INT64_MIN
from fastlr.schedules.base import Mark
from fastlr.schedules.kernel_schedule import KernelSchedule

#: Where boundaries fall, the rate of each interval is a sum over all: the work is quadratic.
MOST_FALLING = 1000


def _fractional(name: str, boundary: Any, _: DType) -> float:
    """A boundary as fractional steps are compared with it, before the cast to their precision."""
    return cast(name, boundary, "float64")


def _integer(boundary: Any) -> int:
    """A boundary as integer steps are compared with it."""
    if is_python_float(boundary):  # Keras makes a float32 of it before it cuts it
        boundary = through_float32(boundary)
    return min(max(int(boundary), INT64_MIN), INT64_MAX)


def _check_order(boundaries: list[Any]) -> None:
    if len(boundaries) > MOST_FALLING and any(map(gt, boundaries, boundaries[1:])):
        raise ValueError(
            f"Argument `boundaries` must not fall where it has more than {MOST_FALLING} elements. "
            f"Received: boundaries={shown(boundaries)} of length {len(boundaries)}"
        )


class PiecewiseConstantDecay(KernelSchedule, builtin=True):
    """Constant rates between boundaries: Keras's schedule, in bulk.

    ::

        values[i] for the first i with step <= boundaries[i], else values[-1]

    Parameters
    ----------
    boundaries : sequence of int
        Last steps of all rates but the last, rising.
    values : sequence of float
        Rates; one more than `boundaries`. If the first is an ``np.float64`` the schedule returns
        float64, as in Keras; with any other numbers float32.
    name : str, optional
        Kept for Keras; fastlr makes no use of it.

    Raises
    ------
    ValueError
        If `values` does not have one element more than `boundaries`, a number is NaN, infinite or
        too large, or more than 1000 boundaries fall.
    TypeError
        If an argument is not a sequence of real numbers.

    Notes
    -----
    Formula: ``keras.optimizers.schedules.PiecewiseConstantDecay``. As there, integer steps are
    compared with the boundaries cut to integers, and where boundaries do not rise the rate is the
    sum of all values whose interval holds the step. The same in every execution mode.

    Examples
    --------
    >>> schedule = fastlr.PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
    >>> schedule([0, 10, 11, 20, 21])
    array([1.  , 1.  , 0.5 , 0.5 , 0.25], dtype=float32)
    """

    __slots__ = ()

    boundaries: Reals = Reals(cast=_fractional)
    values: Rates = Rates()
    name: Name = Name(default="PiecewiseConstant")

    @classmethod
    def _check(cls, config: dict[str, Any]) -> None:
        boundaries, values = config["boundaries"], config["values"]
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "The length of `boundaries` should be 1 less than the length of `values`. "
                f"Received: boundaries={shown(boundaries)} of length {len(boundaries)}, and "
                f"values={shown(values)} of length {len(values)}."
            )

    @classmethod
    def _derived(
        cls, config: dict[str, Any], arguments: dict[str, Any], dtype: DType
    ) -> dict[str, Any]:
        integers = [_integer(boundary) for boundary in config["boundaries"]]
        _check_order(integers)
        _check_order(arguments["boundaries"])
        return {"integer_boundaries": integers}

    def _changes(self, start: int, stop: int) -> Iterator[range]:
        for boundary in sorted(self._arguments["integer_boundaries"]):
            yield range(max(boundary, start), min(boundary + 2, stop))

    def _needs_stop(self) -> None:
        return None

    def _extent(self) -> float:
        return 1.25 * max([0.0, *map(float, self.boundaries)]) or 10.0

    def _marks(self, start: float, stop: float) -> Iterator[Mark]:
        for boundary in sorted(map(float, self.boundaries)):
            yield Mark(boundary, "boundary")
