"""Keras's ``CosineDecayRestarts``."""

from __future__ import annotations

from collections.abc import Iterator

from fastlr._parameters import Name, Rate, Real, StepCount
from fastlr.schedules.base import Mark, restarts
from fastlr.schedules.kernel_schedule import KernelSchedule


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

    initial_learning_rate: Rate = Rate()
    first_decay_steps: StepCount = StepCount()
    t_mul: Real = Real(default=2.0)
    m_mul: Real = Real(default=1.0)
    alpha: Real = Real(default=0.0)
    name: Name = Name(default="SGDRDecay")

    def _has_condition(self) -> bool:
        return True

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
