"""Keras's ``InverseTimeDecay``."""

from __future__ import annotations

from typing import SupportsFloat

from fastlr._parameters import (
    Parameter,
    cast,
    cast_positive,
    check_flag,
    check_name,
    check_number,
    dtype_of,
    scalar,
    to_dtype,
)
from fastlr.schedules.base import KernelSchedule


class InverseTimeDecay(KernelSchedule, builtin=True):
    """Decay with the inverse of time, smooth or in stairs: Keras's schedule, in bulk.

    ::

        initial / (1 + decay_rate * p)   p = step / decay_steps, its floor with staircase

    where ``initial`` is `initial_learning_rate`.

    Parameters
    ----------
    initial_learning_rate : float
        Rate at step 0. An ``np.float64`` makes the schedule compute in and return float64, as in
        Keras; any other number float32.
    decay_steps : int
        Steps in which the divisor grows by `decay_rate`.
    decay_rate : float
        Growth of the divisor.
    staircase : bool, default False
        Whether the rate changes only every `decay_steps` steps.
    name : str, optional
        Kept for Keras; fastlr makes no use of it.

    Calls
    -----
    ``schedule(steps, *, execution="eager")`` takes a real number and returns a ``float``, or takes
    a range, a sequence or an array of real numbers, of any dtype, shape and order, and returns a
    new C-contiguous array of that shape. The numbers are float32, or float64 where
    `initial_learning_rate` is an ``np.float64``. `execution` is one of ``"eager"``,
    ``"graph"`` and ``"xla"``, the mode of Keras whose bits are wanted. Text, complex numbers,
    objects and None are a ``TypeError``; another mode is a ``ValueError``; a mode without an exact
    formula (float64 outside eager) is a ``NotImplementedError``.

    Raises
    ------
    ValueError
        If `decay_steps` is not above 0, or a number is NaN, infinite or too large.
    TypeError
        If an argument is not a real number, or `initial_learning_rate` is a NumPy scalar of
        another type than float32 and float64.

    Notes
    -----
    Formula: ``keras.optimizers.schedules.InverseTimeDecay``.

    Examples
    --------
    >>> schedule = fastlr.InverseTimeDecay(0.5, 10, 1.0)
    >>> schedule([0, 10, 30])
    array([0.5  , 0.25 , 0.125], dtype=float32)
    """

    __slots__ = ()

    initial_learning_rate = Parameter[float]()
    decay_steps = Parameter[int]()
    decay_rate = Parameter[float]()
    staircase = Parameter[bool]()
    name = Parameter[str | None]()

    def __init__(
        self,
        initial_learning_rate: SupportsFloat,
        decay_steps: SupportsFloat,
        decay_rate: SupportsFloat,
        staircase: bool = False,
        name: str | None = "InverseTimeDecay",
    ) -> None:
        initial_learning_rate = scalar(initial_learning_rate)
        decay_steps = scalar(decay_steps)
        decay_rate = scalar(decay_rate)
        dtype = dtype_of(initial_learning_rate)
        check_number("decay_rate", decay_rate)
        check_flag("staircase", staircase)
        check_name(name)
        self._set_up(
            dtype,
            {
                "initial_learning_rate": initial_learning_rate,
                "decay_steps": decay_steps,
                "decay_rate": decay_rate,
                "staircase": staircase,
                "name": name,
            },
            initial_learning_rate=to_dtype("initial_learning_rate", initial_learning_rate, dtype),
            decay_steps=cast_positive("decay_steps", decay_steps, dtype),
            decay_rate=cast("decay_rate", decay_rate, dtype),
            staircase=bool(staircase),
        )

    def _extent(self) -> float:
        to_a_twentieth = 19 / float(self.decay_rate) if self.decay_rate > 0.19 else 100
        return float(self.decay_steps) * max(to_a_twentieth, 2)
