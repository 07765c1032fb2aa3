"""Many schedules at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fastlr._backend import implementation
from fastlr._errors import received
from fastlr._parameters import Execution
from fastlr._table import check_out, check_threads, empty_table, step_range
from fastlr.schedules.base import LearningRateSchedule, check_execution
from fastlr.schedules.kernel_schedule import KernelSchedule
from fastlr.schedules.parts import check_one_dtype, check_schedule

if TYPE_CHECKING:
    from fastlr.schedules.base import FloatArray


def tables(
    schedules: Iterable[LearningRateSchedule],
    start: int,
    stop: int | None = None,
    step: int = 1,
    *,
    out: FloatArray | None = None,
    threads: int | None = None,
    execution: Execution = "eager",
) -> FloatArray:
    """Tables of many schedules at once: one row for each, filled in parallel.

    Row ``i`` has the bits of ``schedules[i].table(start, stop, step)``.

    Parameters
    ----------
    schedules : iterable of LearningRateSchedule
        Schedules of one dtype, compositions and schedules of your own among them.
    start, stop, step : int
        As in ``range``; with one argument, the steps 0 to ``start - 1``.
    out : numpy.ndarray, optional
        A writable array of the schedules' dtype whose rows are C-contiguous, with one row per
        schedule and one element in it per step; also a ``numpy.memmap``. It is filled and returned.
    threads : int, optional
        How many threads to use for all rows together. By default chosen by size from the processors
        this process may use, at most ``FASTLR_NUM_THREADS``.
    execution : {"eager", "graph", "xla"}
        The Keras execution mode whose bits are wanted.

    Returns
    -------
    numpy.ndarray
        Shape ``(len(schedules), len(range(start, stop, step)))``; float32 where there are no
        schedules.

    Raises
    ------
    ValueError
        If dtypes differ, `out` or `threads` is not as described, `step` is 0, or a step is beyond
        int64.
    TypeError
        If one of `schedules` is not a fastlr schedule, or a step argument is not an integer.
    MemoryError
        If there is less memory than the tables need; nothing is written.
    NotImplementedError
        If the execution mode has no exact formula.

    Notes
    -----
    A schedule of your own is called step by step in this thread, by its ``table``. If it raises an
    exception, rows of `out` may have been filled already.

    Examples
    --------
    >>> peaks = [0.25, 0.5, 1.0]
    >>> fastlr.tables([fastlr.PolynomialDecay(peak, 4, 0.0) for peak in peaks], 5)
    array([[0.25  , 0.1875, 0.125 , 0.0625, 0.    ],
           [0.5   , 0.375 , 0.25  , 0.125 , 0.    ],
           [1.    , 0.75  , 0.5   , 0.25  , 0.    ]], dtype=float32)
    """
    rows = checked_schedules(schedules)
    mode = check_execution(execution)
    steps = step_range(start, stop, step)
    thread_count = check_threads(threads)
    shape = (len(rows), steps.length)
    kernels = _kernels(rows, mode)
    dtype = rows[0]._dtype if rows else "float32"
    memory = empty_table(shape, dtype) if out is None else check_out(out, shape, dtype)
    if kernels is not None:
        implementation.fill_rows(kernels, steps.start, steps.stride, memory, thread_count)
    else:
        bounds = (0, start) if stop is None else (start, stop)
        for schedule, row in zip(rows, memory, strict=True):
            schedule.table(*bounds, step, out=row, threads=threads, execution=mode)
    return memory if out is None else out


def checked_schedules(schedules: Iterable[LearningRateSchedule]) -> list[LearningRateSchedule]:
    """A list of schedules of one dtype."""
    try:
        rows = list(schedules)
    except TypeError:
        raise TypeError(
            "Argument `schedules` must be an iterable of schedules. "
            f"{received('schedules', schedules)}"
        ) from None
    for index, schedule in enumerate(rows):
        check_schedule(f"`schedules[{index}]`", schedule)
    check_one_dtype("schedules", rows)
    return rows


def _kernels(schedules: list[LearningRateSchedule], execution: Execution) -> list[Any] | None:
    """What evaluates them; None where one of them has a ``table`` of its own."""
    if not all(_has_table_of_kernel(schedule) for schedule in schedules):
        return None
    for schedule in schedules[:1]:  # one for all: it depends on the dtype whether there are any
        schedule._kernel_for(execution)  # type: ignore[attr-defined]
    return [schedule._kernel(execution) for schedule in schedules]


def _has_table_of_kernel(schedule: LearningRateSchedule) -> bool:
    return type(schedule).table is KernelSchedule.table and schedule._has_kernel()
