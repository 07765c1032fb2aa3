"""What is added to Keras's schedules: fastlr evaluates them wherever the bits are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import keras
import numpy as np
from keras.optimizers import schedules

from fastlr.keras._backend import backend, several_steps, whole_step
from fastlr.keras._drawn import Drawn
from fastlr.keras._mirror import mirror
from fastlr.schedules.kernel_schedule import SCHEDULES, KernelSchedule, constructor_call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastlr._parameters import Execution
    from fastlr.schedules.base import FloatArray

#: The attribute with the state that a fastlr schedule was made from, and the schedule.
_MIRROR = "_fastlr_schedule"
_NO_STEP: Any = object()


class DropIn(schedules.LearningRateSchedule, Drawn):  # type: ignore[misc]
    """What all drop-ins add to Keras's classes: a faster call, ``table``, ``plot`` and a repr."""

    #: The arguments that are sequences, which may change in place.
    _sequences: ClassVar[Sequence[str]]

    def __call__(self, step: Any = _NO_STEP, learning_rate: float | None = None) -> Any:
        """The rate at a step, as a tensor of the backend.

        Parameters
        ----------
        step : number, array, sequence, tensor or variable
            Numbers, and several steps at once, are evaluated by fastlr (Keras evaluates no array
            with warmup). So are scalar tensors with a value, where Keras's operations have the same
            bits. Everything else is left to Keras.
        learning_rate : float, optional
            What ``keras.callbacks.LearningRateScheduler`` passes, with an epoch as the step; it has
            no effect on the rate.

        Returns
        -------
        tensor of the backend
            Of the shape of `step`; float32, or float64 where the initial rate is an
            ``np.float64``. A Python float if `learning_rate` is given, as that callback requires.

        Raises
        ------
        TypeError
            If `step` is missing.

        Examples
        --------
        >>> schedule = fastlr.keras.CosineDecay(0.1, 1000)
        >>> float(schedule(500))
        0.04999999701976776
        """
        if step is _NO_STEP:  # as tf_keras calls what is not a schedule of its own
            raise TypeError(
                "Argument `step` must be given. Received: nothing, as from an optimizer of "
                "tf_keras, which needs a schedule of tf_keras. Use "
                "fastlr.keras.to_keras(schedule, tf_keras)"
            )
        if learning_rate is not None:
            return float(self(step))
        if backend.runs_at_once():
            ours = self._mirror()
            if ours is not None:
                steps = step if isinstance(step, backend.numbers) else several_steps(step)
                if steps is not None:
                    return backend.tensor(ours(steps), ours._dtype)
                if backend.has_bits_of(ours):
                    number = whole_step(step)
                    if number is not None:
                        return backend.tensor(ours(number), ours._dtype)
        return super().__call__(step)

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
            As in ``range``; with one argument, the steps 0 to ``start - 1``.
        out : numpy.ndarray, optional
            A writable, C-contiguous array to fill and return.
        threads : int, optional
            How many threads to use; by default chosen by size.
        execution : {"eager", "graph", "xla"}
            The execution mode, on TensorFlow, whose bits are wanted.

        Returns
        -------
        numpy.ndarray
            Shape ``(len(range(start, stop, step)),)``, float32, or float64 where the initial rate
            is an ``np.float64``.

        Raises
        ------
        ValueError, TypeError
            If fastlr does not compute what Keras computes from this schedule's arguments, or an
            argument is not as described.
        NotImplementedError
            If the execution mode has no exact formula.

        Examples
        --------
        >>> fastlr.keras.CosineDecay(0.1, 1000).table(0, 1001, 500)
        array([0.1 , 0.05, 0.  ], dtype=float32)
        """
        ours = self._as_fastlr()
        return ours.table(start, stop, step, out=out, threads=threads, execution=execution)

    def get_config(self) -> dict[str, Any]:
        """The arguments by name; arrays as lists, which Keras saves and loads.

        Returns
        -------
        dict
            With the keys of Keras's class.
        """
        return {
            name: list(value) if isinstance(value, np.ndarray) and value.ndim else value
            for name, value in super().get_config().items()
        }

    def __setattr__(self, name: str, value: object) -> None:
        # Keras's schedules can be changed, and then compute with what they were changed to.
        self.__dict__.pop(_MIRROR, None)
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        parameters = SCHEDULES[self._keras_class().__name__]._parameters
        return constructor_call(type(self).__name__, parameters, self._keras_config())

    def _as_fastlr(self) -> KernelSchedule:
        """The fastlr schedule with the same rates; an error says why there is none."""
        if type(self).__call__ is not DropIn.__call__:
            raise TypeError(
                f"{type(self).__name__} overrides `__call__`, which a table or plot of "
                f"fastlr.keras.{self._keras_class().__name__} would ignore. Call the schedule step "
                "by step instead"
            )
        return self._mirror() or mirror(self._keras_class().__name__, self._keras_config())

    def _mirror(self) -> KernelSchedule | None:
        """The fastlr schedule with the same bits; None where there is none."""
        ours: KernelSchedule | None
        known, ours = self.__dict__.get(_MIRROR, (None, None))
        state = self._state()
        if known != state:
            try:
                ours = mirror(self._keras_class().__name__, self._keras_config())
            except (TypeError, ValueError):
                ours = None
            self.__dict__[_MIRROR] = state, ours
        return ours

    def _state(self) -> list[Any]:
        """What decides about the rates and may change without a change of an attribute."""
        return [keras.config.floatx(), *[tuple(getattr(self, name)) for name in self._sequences]]

    @classmethod
    def _keras_class(cls) -> Any:
        """Keras's own class, which comes after this one."""
        return cls.__mro__[cls.__mro__.index(DropIn) + 1]

    def _keras_config(self) -> dict[str, Any]:
        """The config without what a subclass adds to it."""
        config: dict[str, Any] = self._keras_class().get_config(self)
        return config
