"""Keras's ``CosineDecayRestarts``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import SupportsFloat

from fastlr._parameters import (
    Parameter,
    cast,
    cast_positive,
    check_name,
    check_number,
    dtype_of,
    scalar,
    to_dtype,
)
from fastlr.schedules.base import KernelSchedule, Mark, restarts


class CosineDecayRestarts(KernelSchedule, builtin=True):
    """Cosine decay with warm restarts: Keras's schedule, in bulk.

    The first period has `first_decay_steps` steps, each further one `t_mul` times as many as the
    one before and `m_mul` times its height. In period ``i``, of which the fraction ``f`` has
    passed::

        initial * ((1 - alpha) * 0.5 * m_mul ** i * (1 + cos(pi * f)) + alpha)

    where ``initial`` is `initial_learning_rate`.

    Parameters
    ----------
    initial_learning_rate : float
        Rate at step 0. An ``np.float64`` makes the schedule compute in and return float64, as in
        Keras; any other number float32.
    first_decay_steps : int
        Steps of the first period.
    t_mul : float, default 2.0
        Length of a period relative to the one before.
    m_mul : float, default 1.0
        Height of a period relative to the one before.
    alpha : float, default 0.0
        Lowest rate, as a fraction of `initial_learning_rate`.
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
        If `first_decay_steps` is not above 0, or a number is NaN, infinite or too large.
    TypeError
        If an argument is not a real number, or `initial_learning_rate` is a NumPy scalar of
        another type than float32 and float64.

    Notes
    -----
    Formula: ``keras.optimizers.schedules.CosineDecayRestarts``, after Loshchilov and Hutter,
    "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017.

    Keras finds the period by a logarithm, whose rounding can move a restart by a step. With a
    `t_mul` below 1 the periods have a last step, beyond which Keras gives NaN.

    Examples
    --------
    >>> schedule = fastlr.CosineDecayRestarts(1.0, 10, t_mul=1.0, m_mul=0.5)
    >>> schedule([0, 10, 20, 30])
    array([1.   , 0.5  , 0.25 , 0.125], dtype=float32)
    """

    __slots__ = ()

    initial_learning_rate = Parameter[float]()
    first_decay_steps = Parameter[int]()
    t_mul = Parameter[float]()
    m_mul = Parameter[float]()
    alpha = Parameter[float]()
    name = Parameter[str | None]()

    def __init__(
        self,
        initial_learning_rate: SupportsFloat,
        first_decay_steps: SupportsFloat,
        t_mul: SupportsFloat = 2.0,
        m_mul: SupportsFloat = 1.0,
        alpha: SupportsFloat = 0.0,
        name: str | None = "SGDRDecay",
    ) -> None:
        initial_learning_rate = scalar(initial_learning_rate)
        first_decay_steps = scalar(first_decay_steps)
        t_mul = scalar(t_mul)
        m_mul = scalar(m_mul)
        alpha = scalar(alpha)
        dtype = dtype_of(initial_learning_rate)
        check_number("t_mul", t_mul)
        check_number("m_mul", m_mul)
        check_number("alpha", alpha)
        check_name(name)
        self._set_up(
            dtype,
            {
                "initial_learning_rate": initial_learning_rate,
                "first_decay_steps": first_decay_steps,
                "t_mul": t_mul,
                "m_mul": m_mul,
                "alpha": alpha,
                "name": name,
            },
            initial_learning_rate=to_dtype("initial_learning_rate", initial_learning_rate, dtype),
            first_decay_steps=cast_positive("first_decay_steps", first_decay_steps, dtype),
            t_mul=cast("t_mul", t_mul, dtype),
            m_mul=cast("m_mul", m_mul, dtype),
            alpha=cast("alpha", alpha, dtype),
        )

    def _extent(self) -> float:
        t = max(0.0, float(self.t_mul))
        return float(self.first_decay_steps) * (1 + t + t * t)  # three periods

    def _marks(self, start: float, stop: float) -> Iterator[Mark]:
        end, length, t = 0.0, float(self.first_decay_steps), float(self.t_mul)
        if t == 1:
            yield from restarts(length, start, stop)
            return
        # Periods may become ever shorter, without an end.
        while length >= 1 and end + length < stop:
            end, length = end + length, length * t
            yield Mark(end, "restart")
