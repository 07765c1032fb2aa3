"""fastlr for Dask: tables that are computed in chunks, where and when Dask wants them.

Needs Dask 2024.8 or later. Import it by name: ``import fastlr`` does not.

>>> import fastlr.dask
>>> rates = fastlr.dask.table(fastlr.CosineDecay(0.1, 1000), 1001)
>>> float(rates[500].compute())
0.04999999701976776
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fastlr._many import checked_schedules
from fastlr._many import tables as tables_in_memory
from fastlr._table import step_range
from fastlr.schedules.base import LearningRateSchedule
from fastlr.schedules.parts import check_schedule

try:
    import dask.array as da
    from dask.array.core import normalize_chunks
except ImportError as error:
    raise ImportError(
        f"fastlr.dask needs Dask 2024.8 or later, which cannot be imported ({error}). Install it: "
        "pip install 'dask[array]>=2024.8'"
    ) from error

if TYPE_CHECKING:
    from fastlr._parameters import Execution
    from fastlr.schedules.base import FloatArray

__all__ = ["table", "tables"]


def table(
    schedule: LearningRateSchedule,
    start: int,
    stop: int | None = None,
    step: int = 1,
    *,
    chunks: Any = "auto",
    execution: Execution = "eager",
) -> da.Array:
    """A lazy table: the bits of ``schedule.table(start, stop, step)``, computed chunk by chunk.

    Each chunk is one call of ``table`` in the thread or process that Dask chooses. What is sent
    there is the schedule, not its rates. For one rate its whole chunk is computed.

    Parameters
    ----------
    schedule : LearningRateSchedule
        Any schedule of fastlr. Other processes must be able to import the class of one of your own.
    start, stop, step : int
        As in ``range``; with one argument, the steps 0 to ``start - 1``.
    chunks : int, tuple or str, default "auto"
        Steps per chunk, in any form that Dask takes; by default as many as Dask's configuration
        says, 128 MiB.
    execution : {"eager", "graph", "xla"}
        The Keras execution mode whose bits are wanted.

    Returns
    -------
    dask.array.Array
        Shape ``(len(range(start, stop, step)),)``, in the dtype of the schedule.

    Raises
    ------
    TypeError
        If `schedule` is not a fastlr schedule, or a step argument is not an integer.
    ValueError
        If `step` is 0, or a step is beyond int64.
    NotImplementedError
        If the execution mode has no exact formula.

    Examples
    --------
    >>> rates = fastlr.dask.table(fastlr.CosineDecay(0.1, 10**9), 10**9, chunks=10**7)
    >>> rates.numblocks
    (100,)
    >>> rates[:5].compute()
    array([0.1, 0.1, 0.1, 0.1, 0.1], dtype=float32)
    """
    check_schedule("`schedule`", schedule)

    def in_one_row(shape: tuple[int, int], dtype: np.dtype[Any]) -> Any:
        return (1,), *normalize_chunks(chunks, shape[1:], dtype=dtype)

    return _lazy([schedule], start, stop, step, in_one_row, execution)[0]


def tables(
    schedules: Iterable[LearningRateSchedule],
    start: int,
    stop: int | None = None,
    step: int = 1,
    *,
    chunks: Any = "auto",
    execution: Execution = "eager",
) -> da.Array:
    """Lazy tables of many schedules: the bits of ``fastlr.tables``, computed chunk by chunk.

    Parameters
    ----------
    schedules : iterable of LearningRateSchedule
        Schedules of one dtype; each chunk is sent its own.
    start, stop, step : int
        As in ``range``; with one argument, the steps 0 to ``start - 1``.
    chunks : int, tuple or str, default "auto"
        Schedules and steps per chunk, in any form that Dask takes.
    execution : {"eager", "graph", "xla"}
        The Keras execution mode whose bits are wanted.

    Returns
    -------
    dask.array.Array
        Shape ``(len(schedules), len(range(start, stop, step)))``.

    Raises
    ------
    TypeError, ValueError, NotImplementedError
        As from `table`; also where dtypes differ.

    Examples
    --------
    >>> sweep = [fastlr.CosineDecay(peak, 1000) for peak in (0.1, 0.2, 0.3)]
    >>> fastlr.dask.tables(sweep, 1000, chunks=(1, 500)).numblocks
    (3, 2)
    """
    rows = checked_schedules(schedules)

    def in_rows(shape: tuple[int, int], dtype: np.dtype[Any]) -> Any:
        return normalize_chunks(chunks, shape, dtype=dtype)

    return _lazy(rows, start, stop, step, in_rows, execution)


@dataclass(frozen=True)
class _Tables:
    """What Dask takes for an array in a file: it has a shape, and is read in parts."""

    schedules: list[LearningRateSchedule]
    steps: range
    execution: Execution
    dtype: np.dtype[Any]
    ndim: int = 2

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.schedules), len(self.steps)

    def __getitem__(self, key: tuple[int | slice, int | slice]) -> FloatArray:
        """The rates at slices or numbers of schedules and of steps."""
        # One row or column where a number is asked for, which is taken out of it at last.
        rows, columns = (each if isinstance(each, slice) else slice(each, each + 1) for each in key)
        steps = self.steps[columns]
        rates = tables_in_memory(
            self.schedules[rows],
            steps.start,
            steps.stop,
            steps.step,
            threads=1,  # the others are Dask's own
            execution=self.execution,
        )
        first_or_all = tuple(slice(None) if isinstance(each, slice) else 0 for each in key)
        wanted: FloatArray = rates[first_or_all]
        return wanted


def _lazy(
    schedules: list[LearningRateSchedule],
    start: int,
    stop: int | None,
    step: int,
    chunks: Callable[[tuple[int, int], np.dtype[Any]], Any],
    execution: Execution,
) -> da.Array:
    first = 0 if stop is None else start
    steps = range(first, first + step_range(start, stop, step).length * step, step)
    # Refuses an execution mode now rather than in a worker; it has the dtype, too.
    dtype = tables_in_memory(schedules, 0, execution=execution).dtype
    rows, columns = chunks((len(schedules), len(steps)), dtype)
    parts, end = [], 0
    for size in rows:  # so that no chunk carries the schedules of others
        begin, end = end, end + size
        rates = _Tables(schedules[begin:end], steps, execution, dtype)
        # In each task, and not as one that all others wait for; only slices are handed on to it.
        parts.append(
            da.from_array(rates, ((size,), columns), asarray=False, fancy=False, inline_array=True)
        )
    return da.concatenate(parts)
