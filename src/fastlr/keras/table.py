"""A Keras schedule that looks its rate up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras.optimizers import schedules

import fastlr
from fastlr._config_limits import check_limits
from fastlr._table import check_length
from fastlr.keras._backend import backend, whole_step
from fastlr.keras._drawn import Drawn
from fastlr.keras.conversion import from_keras
from fastlr.schedules.base import check_execution
from fastlr.schedules.composition import Composition

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    from typing_extensions import Self

    from fastlr._parameters import Execution
    from fastlr.schedules.base import FloatArray, Mark

#: Rates of an array that a config holds: as JSON, fewer bytes than configs are read with.
MOST_SAVED = 500_000


@keras.saving.register_keras_serializable("fastlr")
class TableSchedule(schedules.LearningRateSchedule, Drawn):  # type: ignore[misc]
    """A Keras schedule that looks its rate up in a table: of any fastlr schedule, or an array.

    ::

        table[min(max(step, 0), steps - 1)]

    The same bits in every execution mode and on every backend: those of Keras's eager mode on
    TensorFlow.

    Parameters
    ----------
    schedule : fastlr schedule, Keras schedule or array_like
        What the table is made from: a schedule of fastlr, compositions and recipes among them, your
        own subclass of ``fastlr.LearningRateSchedule``, anything that `from_keras` takes, or the
        rates of the steps 0, 1, ..., at most 500,000, which become float32.
    steps : int, optional
        Length of the table; must be given for a schedule, and is that of the array otherwise. Later
        steps get its last entry, steps below zero its first; fractional steps are cut to whole
        ones. The rate at a step that is NaN is NaN.

    Raises
    ------
    TypeError
        If `schedule` is none of these, or `steps` is not an integer.
    ValueError
        If `steps` is not above 0 and below 2**31, or an array is empty, too long, or has rates that
        are NaN or infinite.

    Notes
    -----
    The table takes 4 bytes per step (8 where the schedule computes in float64). The config holds
    the schedule and the number of steps, not the table, which loading computes anew; of an array
    it holds the rates. What is loaded computes in float32.

    Examples
    --------
    >>> schedule = fastlr.keras.TableSchedule(fastlr.CosineDecay(0.1, 1000), 1001)
    >>> float(schedule(500)) == fastlr.CosineDecay(0.1, 1000)(500)
    True
    >>> float(schedule(10**6)) == float(schedule(1000))
    True
    >>> float(fastlr.keras.TableSchedule([0.5, 0.25])(1))
    0.25
    """

    def __init__(self, schedule: Any, steps: int | None = None) -> None:
        super().__init__()
        self.schedule: fastlr.LearningRateSchedule
        if isinstance(schedule, fastlr.LearningRateSchedule):
            self.schedule = schedule
        elif isinstance(schedule, Sequence) or hasattr(schedule, "__array__"):
            self.schedule, length = _table_of(schedule)
            steps = length if steps is None else steps
        else:
            self.schedule = from_keras(schedule)
        self.steps = check_length(steps)
        with backend.outside_graphs():
            table = self.schedule.table(self.steps)
            self._table = keras.ops.convert_to_tensor(table, dtype=table.dtype.name)

    def __call__(self, step: Any, learning_rate: float | None = None) -> Any:
        """The rate at a step, as a tensor of the backend.

        Parameters
        ----------
        step : int, tensor or variable
            Steps taken before.
        learning_rate : float, optional
            What ``keras.callbacks.LearningRateScheduler`` passes, with an epoch as the step; it has
            no effect on the rate.

        Returns
        -------
        tensor of the backend
            Of the shape of `step` and the dtype of the table. A Python float if `learning_rate` is
            given, as that callback requires.
        """
        if learning_rate is not None:
            return float(self(step))
        if backend.runs_at_once():
            number = step if isinstance(step, (int, float, np.integer)) else whole_step(step)
            if number is not None and number == number:
                # One entry costs less to compute than to look up; the bits are the same.
                rate = self.schedule(int(min(max(number, 0), self.steps - 1)))
                return backend.tensor(rate, self._table.dtype)
        ops = keras.ops
        step = ops.convert_to_tensor(step)
        rates = ops.take(self._table, self._entry(step))
        if "float" in keras.backend.standardize_dtype(step.dtype):
            rates = ops.where(ops.isnan(step), ops.full_like(rates, np.nan), rates)
        return rates

    def _entry(self, step: Any) -> Any:
        """Number of the entry of a step, as a tensor of int32."""
        ops = keras.ops
        dtype = keras.backend.standardize_dtype(step.dtype)
        if dtype in ("float16", "bfloat16"):
            step = ops.cast(step, "float32")
        elif dtype in ("bool", "int8", "uint8", "int16", "uint16"):
            step = ops.cast(step, "int32")  # which holds the number of the last entry
        last = ops.cast(self.steps - 1, step.dtype)
        within = ops.cast(ops.maximum(ops.minimum(step, last), ops.zeros_like(step)), "int32")
        # A float32 may be rounded to either side of the last entry's number.
        entry = ops.where(step > last, ops.cast(self.steps - 1, "int32"), within)
        # And a NaN is cast to any number.
        return ops.clip(entry, 0, self.steps - 1)

    def table(
        self,
        start: int,
        stop: int | None = None,
        step: int = 1,
        *,
        out: FloatArray | None = None,
        threads: int | None = None,
        execution: Execution = "eager",
    ) -> FloatArray:
        """Rates at the steps of ``range(start, stop, step)``, as a NumPy array.

        Parameters
        ----------
        start, stop, step : int
            As in ``range``; with one argument, the steps 0 to ``start - 1``. Steps beyond the table
            have its last entry.
        out : numpy.ndarray, optional
            A writable, C-contiguous array to fill and return.
        threads : int, optional
            Taken as in other schedules; rates are copied by one thread.
        execution : {"eager", "graph", "xla"}
            Taken as in other schedules; the rates are the same in all modes.

        Returns
        -------
        numpy.ndarray
            Shape ``(len(range(start, stop, step)),)``, of the dtype of the table.

        Raises
        ------
        ValueError, TypeError
            If an argument is not as described.

        Examples
        --------
        >>> fastlr.keras.TableSchedule([0.5, 0.25]).table(4)
        array([0.5 , 0.25, 0.25, 0.25], dtype=float32)
        """
        looked_up = self._as_fastlr()
        return looked_up.table(start, stop, step, out=out, threads=threads, execution=execution)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.schedule!r}, steps={self.steps})"

    def _as_fastlr(self) -> fastlr.LearningRateSchedule:
        return _LookUp(self, keras.ops.convert_to_numpy(self._table))

    def get_config(self) -> dict[str, Any]:
        """The schedule and the length of the table, but not the table.

        Returns
        -------
        dict
            Plain data, from which ``from_config`` makes an equal schedule.
        """
        config = fastlr.serialize(self.schedule)
        _write_registered_names(self.schedule, config)
        return {"schedule": config, "steps": self.steps}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make a schedule from what ``get_config`` returned.

        Parameters
        ----------
        config : dict
            ``schedule`` and ``steps``. Classes of your own, also of the parts of a composition, are
            found among Keras's ``custom_objects``, or the classes that are registered with Keras.

        Returns
        -------
        TableSchedule
        """
        check_limits(config)
        own = dict(_own_classes(config["schedule"]))
        return cls(fastlr.deserialize(config["schedule"], own), config["steps"])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.schedule, self.steps)


class _LookUp(fastlr.LearningRateSchedule):
    """The entries of a table, as ``table`` and ``plot`` ask for them."""

    def __init__(self, schedule: TableSchedule, table: FloatArray) -> None:
        self._schedule = schedule
        self._table = table
        self._dtype = "float64" if table.dtype == np.float64 else "float32"

    def _fill(self, rates: FloatArray, steps: Iterable[int], execution: Execution) -> None:
        rates[...] = self._sampled(np.fromiter(steps, np.int64, len(rates)), execution)

    def _sampled(self, steps: npt.NDArray[np.int64], execution: Execution) -> FloatArray:
        check_execution(execution)
        return np.take(self._table, steps, mode="clip")

    def _extent(self) -> float:
        return float(len(self._table))

    def _marks(self, start: float, stop: float) -> Iterable[Mark]:
        return self._schedule.schedule._marks(start, min(stop, len(self._table)))

    def __repr__(self) -> str:
        return repr(self._schedule)


def _write_registered_names(schedule: fastlr.LearningRateSchedule, config: dict[str, Any]) -> None:
    """Put Keras's names of the classes of the user's own, which may be in a package, in a dict."""
    if config["registered_name"] is not None:
        config["registered_name"] = keras.saving.get_registered_name(type(schedule))
    if isinstance(schedule, Composition) and schedule._dtype_argument in config["config"]:
        parts = schedule._parts_in(config["config"])
        for part, written in zip(schedule._parts(), parts, strict=True):
            _write_registered_names(part, written)


def _own_classes(config: Any) -> Iterator[tuple[Any, Any]]:
    """Names in a config, and the classes of the user's own that Keras knows under them."""
    if not isinstance(config, dict):
        return
    name, registered = config.get("class_name"), config.get("registered_name")
    if registered is not None:
        known = map(keras.saving.get_registered_object, (registered, name))
        own = next(filter(None, known), None)
        if own is not None:
            yield name, own
    for value in config.values():
        for each in value if isinstance(value, list) else [value]:
            yield from _own_classes(each)


def _table_of(values: Any) -> tuple[fastlr.Table, int]:
    """An array as a schedule, and its length."""
    table = fastlr.Table(values)
    if table._dtype == "float64":  # which a config does not tell
        table = fastlr.Table(table.values.tolist())
    length = len(table.values)
    if length > MOST_SAVED:
        raise ValueError(
            f"Argument `schedule` must have at most {MOST_SAVED:,} rates, which a model saves. "
            f"Received: {length:,}. Give a schedule that computes them"
        )
    return table, length
