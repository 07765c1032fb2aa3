"""The schedule of "Attention Is All You Need", which Keras does not have."""

from __future__ import annotations

from fastlr._parameters import Name, Rate, StepCount
from fastlr.schedules.kernel_schedule import KernelSchedule


class InverseSquareRootDecay(KernelSchedule, builtin=True):
    """Decay with the inverse square root of time, which Keras does not have.

    ::

        initial / sqrt(1 + max(step, 0) / decay_steps)

    where ``initial`` is `initial_learning_rate`. After a linear warmup of `decay_steps` steps to
    ``initial``, this is the schedule that Transformers were first trained with.

    Parameters
    ----------
    initial_learning_rate : float
        Rate at step 0. An ``np.float64`` makes the schedule compute in and return float64; any
        other number float32.
    decay_steps : int
        Steps after which the rate is ``1 / sqrt(2)`` of the initial one; after three times as many
        it is half of it.
    name : str, optional
        Kept as Keras's schedules keep theirs; fastlr makes no use of it.

    Notes
    -----
    Formula: Vaswani et al., "Attention Is All You Need", 2017, section 5.3, counted from the end of
    its warmup. Each operation is one rounding in the order written, in every execution mode.

    Examples
    --------
    >>> schedule = fastlr.InverseSquareRootDecay(0.1, 1000)
    >>> schedule([0, 1000, 3000])
    array([0.1       , 0.07071068, 0.05      ], dtype=float32)
    """

    __slots__ = ()
    _in_keras = False

    initial_learning_rate: Rate = Rate()
    decay_steps: StepCount = StepCount()
    name: Name = Name(default="InverseSquareRootDecay")

    def _extent(self) -> float:
        return 15 * float(self.decay_steps)  # a quarter of the rate
