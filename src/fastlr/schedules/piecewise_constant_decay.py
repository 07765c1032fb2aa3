"""Keras's ``PiecewiseConstantDecay``."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import Any, SupportsFloat

import numpy as np

from fastlr._parameters import Parameter, cast, check_name, check_number, dtype_of, to_dtype
from fastlr._steps import INT64_MAX, INT64_MIN
from fastlr.schedules.base import KernelSchedule, Mark


class PiecewiseConstantDecay(KernelSchedule, builtin="piecewise_constant_decay"):
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
        If `values` does not have one element more than `boundaries`, or a number is NaN, infinite
        or too large.
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
                f"Received: boundaries={boundaries} of length {len(limits)}, and "
                f"values={values} of length {len(rates)}."
            )
        dtype = dtype_of(rates[0], "values")
        self._set_up(
            dtype,
            {"boundaries": _kept(boundaries), "values": _kept(values), "name": name},
            integer_boundaries=[_integer(limit) for limit in limits],
            boundaries=[_fractional(limit) for limit in limits],
            values=[to_dtype("values", rate, dtype) for rate in rates],
        )

    def _extent(self) -> float:
        return 1.25 * max([0.0, *map(float, self.boundaries)]) or 10.0

    def _marks(self, start: float, stop: float) -> Iterator[Mark]:
        for boundary in sorted(map(float, self.boundaries)):
            yield Mark(boundary, "boundary")


def _numbers(name: str, values: object) -> list[Any]:
    if isinstance(values, (str, bytes)) or not isinstance(values, (Sequence, np.ndarray)):
        raise TypeError(
            f"Argument `{name}` must be a sequence of numbers. "
            f"Received: {name}={values!r} (type {type(values).__name__})"
        )
    if getattr(values, "ndim", 1) != 1:
        raise TypeError(f"Argument `{name}` must have one dimension. Received: {name}={values!r}")
    for value in values:
        check_number(name, value)
    return list(values)


def _kept(values: Any) -> Any:
    """The sequence for the config: a copy, since a schedule does not change."""
    return values if isinstance(values, tuple) else list(values)


def _fractional(boundary: Any) -> float:
    """A boundary as fractional steps are compared with it, before the cast to their precision."""
    return cast("boundaries", boundary, "float64")


def _integer(boundary: Any) -> int:
    """A boundary as integer steps are compared with it."""
    whole = operator.index(boundary) if hasattr(boundary, "__index__") else int(boundary)
    return min(max(whole, INT64_MIN), INT64_MAX)
