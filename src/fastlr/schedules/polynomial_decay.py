"""Keras's ``PolynomialDecay``."""

from __future__ import annotations

from collections.abc import Iterable
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
from fastlr.schedules.base import KernelSchedule, Mark, restarts


class PolynomialDecay(KernelSchedule, builtin=True):
    """Polynomial decay to an end rate, once or in cycles: Keras's schedule, in bulk.

    ::

        (initial - end) * (1 - s / D) ** power + end

    where ``initial`` is `initial_learning_rate` and ``end`` is `end_learning_rate`. Without
    `cycle`, ``s = min(step, decay_steps)`` and ``D = decay_steps``; with it, ``s`` is the step and
    ``D`` the first multiple of `decay_steps` not below it.

    Parameters
    ----------
    initial_learning_rate : float
        Rate at step 0. An ``np.float64`` makes the schedule compute in and return float64, as in
        Keras; any other number float32.
    decay_steps : int
        Steps to the end rate.
    end_learning_rate : float, default 0.0001
        Rate at the end.
    power : float, default 1.0
        Power of the polynomial; 1.0 is a straight line.
    cycle : bool, default False
        Whether the decay starts again, each time from a lower rate and over more steps.
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
    Formula: ``keras.optimizers.schedules.PolynomialDecay``; the power is the C library's.

    In ``execution="xla"`` a power that is not whole gives NaN at the last step for about half of
    all `decay_steps` (3, 5, 6, 7, ...), as a jit-compiled training does.

    Examples
    --------
    >>> schedule = fastlr.PolynomialDecay(1.0, 10, end_learning_rate=0.0, power=2.0)
    >>> schedule([0, 5, 10, 11])
    array([1.  , 0.25, 0.  , 0.  ], dtype=float32)
    """

    __slots__ = ()

    initial_learning_rate = Parameter[float]()
    decay_steps = Parameter[int]()
    end_learning_rate = Parameter[float]()
    power = Parameter[float]()
    cycle = Parameter[bool]()
    name = Parameter[str | None]()

    def __init__(
        self,
        initial_learning_rate: SupportsFloat,
        decay_steps: SupportsFloat,
        end_learning_rate: SupportsFloat = 0.0001,
        power: SupportsFloat = 1.0,
        cycle: bool = False,
        name: str | None = "PolynomialDecay",
    ) -> None:
        initial_learning_rate = scalar(initial_learning_rate)
        decay_steps = scalar(decay_steps)
        end_learning_rate = scalar(end_learning_rate)
        power = scalar(power)
        dtype = dtype_of(initial_learning_rate)
        check_number("end_learning_rate", end_learning_rate)
        check_number("power", power)
        check_flag("cycle", cycle)
        check_name(name)
        self._set_up(
            dtype,
            {
                "initial_learning_rate": initial_learning_rate,
                "decay_steps": decay_steps,
                "end_learning_rate": end_learning_rate,
                "power": power,
                "cycle": cycle,
                "name": name,
            },
            initial_learning_rate=to_dtype("initial_learning_rate", initial_learning_rate, dtype),
            decay_steps=cast_positive("decay_steps", decay_steps, dtype),
            end_learning_rate=cast("end_learning_rate", end_learning_rate, dtype),
            power=cast("power", power, dtype),
            cycle=bool(cycle),
            # Cycles are counted with the number itself, which TensorFlow does not cast first.
            steps_per_cycle=to_dtype("decay_steps", decay_steps, dtype),
        )

    def _extent(self) -> float:
        return float(self.decay_steps) * (3 if self.cycle else 1.1)

    def _marks(self, start: float, stop: float) -> Iterable[Mark]:
        period = float(self.decay_steps)
        return restarts(period, start, stop) if self.cycle else [Mark(period, "decay ends")]
