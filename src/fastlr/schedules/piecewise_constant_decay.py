"""Keras's ``PiecewiseConstantDecay``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import gt
from typing import Any, SupportsFloat

import numpy as np

from fastlr._errors import received, shown
from fastlr._parameters import (
    Parameter,
    cast,
    check_name,
    check_number,
    dtype_of,
    exact_int,
    plain,
    scalar,
    through_float32,
    to_dtype,
)
from fastlr._steps import INT64_MAX, INT64_MIN
from fastlr.schedules.base import KernelSchedule, Mark

#: Where boundaries fall, the rate of each interval is a sum over all: the work is quadratic.
MOST_FALLING = 1000


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

    Calls
    -----
    ``schedule(steps, *, execution="eager")`` takes a real number and returns a ``float``, or takes
    a range, a sequence or an array of real numbers, of any dtype, shape and order, and returns a
    new C-contiguous array of that shape. The numbers are float32, or float64 where
    the first of `values` is an ``np.float64``. `execution` is one of ``"eager"``,
    ``"graph"`` and ``"xla"``, the mode of Keras whose bits are wanted. Text, complex numbers,
    objects and None are a ``TypeError``; another mode is a ``ValueError``; a mode without an exact
    formula (float64 outside eager) is a ``NotImplementedError``.

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

    boundaries = Parameter[Sequence[int]]()
    values = Parameter[Sequence[float]]()
    name = Parameter[str | None]()

    def __init__(
        self,
        boundaries: Sequence[SupportsFloat],
        values: Sequence[SupportsFloat],
        name: str | None = "PiecewiseConstant",
    ) -> None:
        limits = _numbers("boundaries", boundaries)
        rates = _numbers("values", values)
        check_name(name)
        if len(limits) != len(rates) - 1:
            raise ValueError(
                "The length of `boundaries` should be 1 less than the length of `values`. "
                f"Received: boundaries={shown(boundaries)} of length {len(limits)}, and "
                f"values={shown(values)} of length {len(rates)}."
            )
        dtype = dtype_of(rates[0], "values")
        fractions = [_fractional(limit) for limit in limits]  # refuses what is too large
        integers = [_integer(limit) for limit in limits]
        _check_order(integers)
        _check_order(fractions)
        self._set_up(
            dtype,
            {
                "boundaries": _kept(boundaries, limits),
                "values": _kept(values, rates),
                "name": name,
            },
            integer_boundaries=integers,
            boundaries=fractions,
            values=[to_dtype("values", rate, dtype) for rate in rates],
        )

    def _extent(self) -> float:
        return 1.25 * max([0.0, *map(float, self.boundaries)]) or 10.0

    def _marks(self, start: float, stop: float) -> Iterator[Mark]:
        for boundary in sorted(map(float, self.boundaries)):
            yield Mark(boundary, "boundary")


def _numbers(name: str, values: object) -> list[Any]:
    """The numbers of a sequence, read once: it may give others the next time."""
    if hasattr(values, "__array__"):
        values = np.asarray(values)
    if isinstance(values, (str, bytes)) or not isinstance(values, (Sequence, np.ndarray)):
        raise TypeError(
            f"Argument `{name}` must be a sequence of numbers. {received(name, values)}"
        )
    if getattr(values, "ndim", 1) != 1:
        raise TypeError(
            f"Argument `{name}` must have one dimension. Received: {name}={shown(values)}"
        )
    numbers = [scalar(number) for number in values]
    for number in numbers:
        check_number(name, number)
    return numbers


def _kept(given: Any, numbers: list[Any]) -> Any:
    """The sequence for the config: a copy, since a schedule does not change."""
    return tuple(numbers) if isinstance(given, tuple) else list(numbers)


def _check_order(boundaries: list[Any]) -> None:
    if len(boundaries) > MOST_FALLING and any(map(gt, boundaries, boundaries[1:])):
        raise ValueError(
            f"Argument `boundaries` must not fall where it has more than {MOST_FALLING} elements. "
            f"Received: boundaries={shown(boundaries)} of length {len(boundaries)}"
        )


def _fractional(boundary: Any) -> float:
    """A boundary as fractional steps are compared with it, before the cast to their precision."""
    return cast("boundaries", boundary, "float64")


def _integer(boundary: Any) -> int:
    """A boundary as integer steps are compared with it."""
    boundary = plain(boundary)
    if type(boundary) is float:  # Keras makes a float32 of it before it cuts it
        boundary = through_float32(boundary)
    whole = exact_int(boundary) if hasattr(boundary, "__index__") else int(boundary)
    return min(max(whole, INT64_MIN), INT64_MAX)
