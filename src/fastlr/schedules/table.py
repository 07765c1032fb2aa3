"""Any curve that exists as an array."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastlr._parameters import Curve, Name
from fastlr.schedules.kernel_schedule import KernelSchedule


class Table(KernelSchedule, builtin=True):
    """Rates looked up in an array: any curve, from a formula of your own or from a file.

    ::

        values[min(max(step, 0), len(values) - 1)]

    Parameters
    ----------
    values : array_like
        Rates of the steps from 0 on, shape (n,), at least one; copied. A float64 array, or a list
        that begins with an ``np.float64``, makes the schedule return float64; a float32 array and
        Python numbers float32.
    name : str, optional
        Kept as Keras's schedules keep theirs; fastlr makes no use of it.

    Raises
    ------
    ValueError
        If `values` is empty, or a number in it is NaN, infinite or too large.
    TypeError
        If `values` is not a sequence of real numbers or an array of float32 or float64 with one
        dimension.

    Notes
    -----
    Steps before the first have the first rate, steps after the last the last. Fractional steps are
    cut towards zero; a NaN step gives NaN. Subnormal rates are zero. The same in every execution
    mode. `values` is a read-only array.

    Examples
    --------
    >>> schedule = fastlr.Table([0.1, 0.3, 0.2])
    >>> schedule([-1, 0, 1, 2, 3, 1.9])
    array([0.1, 0.1, 0.3, 0.2, 0.2, 0.3], dtype=float32)
    """

    __slots__ = ()
    _in_keras = False

    values: Curve = Curve()
    name: Name = Name(default="Table")

    def _bind_plain(self, class_name: str, config: dict[str, Any], /) -> bool:
        return False  # a list becomes an array first

    def _changes(self, start: int, stop: int) -> Iterable[range]:
        return (range(max(start, 0), min(stop, len(self.values))),)

    def _needs_stop(self) -> None:
        return None

    def _extent(self) -> float:
        return float(len(self.values))
