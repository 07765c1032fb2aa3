"""One rate for all steps."""

from __future__ import annotations

from collections.abc import Iterable

from fastlr._parameters import Name, Rate
from fastlr.schedules.kernel_schedule import KernelSchedule


class Constant(KernelSchedule, builtin=True):
    """The same rate at every step: a part of a `Join`, or a baseline.

    ::

        learning_rate

    Parameters
    ----------
    learning_rate : float
        The rate. An ``np.float64`` makes the schedule return float64; any other number float32.
    name : str, optional
        Kept as Keras's schedules keep theirs; fastlr makes no use of it.

    Raises
    ------
    ValueError
        If `learning_rate` is NaN, infinite or too large.
    TypeError
        If it is not a real number, or a NumPy number of another type than float32 and float64.

    Notes
    -----
    The rate is the number rounded to the dtype, subnormals zero; that of a NaN step, too.
    The same in every execution mode.

    Examples
    --------
    >>> fastlr.Constant(0.1).table(3)
    array([0.1, 0.1, 0.1], dtype=float32)
    """

    __slots__ = ()
    _in_keras = False

    learning_rate: Rate = Rate()
    name: Name = Name(default="Constant")

    def _changes(self, start: int, stop: int) -> Iterable[range]:
        return ()

    def _needs_stop(self) -> None:
        return None

    def _extent(self) -> float:
        return 1.0  # so that a Join with it at its end shows that it goes on
