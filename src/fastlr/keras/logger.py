"""The rate of each batch, in the logs."""

from __future__ import annotations

from typing import Any

import keras

from fastlr.keras._backend import backend, number
from fastlr.keras._optimizers import TrainedWith, is_schedule, trained_with
from fastlr.keras.rate import rate_at, with_bits


class LearningRateLogger(keras.callbacks.Callback):  # type: ignore[misc]
    """Puts the rate that each batch was trained with into `logs`.

    Give it first in the list of callbacks: those after it see the entry as they see Keras's own
    metrics, and none has changed the rate before it looks.

    Parameters
    ----------
    name : str, default "lr"
        Key in `logs`. ``"learning_rate"`` is what Keras's own callbacks use; TensorBoard writes
        there the rate of the step after the epoch.

    Notes
    -----
    The rate is the one of the optimizer's last step, with the bits of the mode in which the model
    trains (eager, graph or XLA). With ``steps_per_execution`` above 1 Keras calls its callbacks
    once for several steps; the entry is the rate of the last of them. A batch that loss scaling
    skipped has no rate; the entry is that of the step before. An epoch's entry is that of its last
    batch.

    Rates without an exact formula (schedules of your own, float64 in graphs, any schedule on a GPU)
    are computed by a function that holds nothing but the schedule, compiled as the training step
    is; a compiler may still round differently there.

    Examples
    --------
    >>> import keras
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(fastlr.keras.CosineDecay(0.1, 10)), "mse")
    >>> log = fastlr.keras.LearningRateLogger()
    >>> history = model.fit(np.ones((4, 1)), np.ones((4, 1)), verbose=0, callbacks=[log])
    >>> history.history["lr"]
    [0.10000000149011612]
    """

    def __init__(self, name: str = "lr") -> None:
        super().__init__()
        if not isinstance(name, str):
            raise TypeError(
                f"Argument `name` must be a string. Received: name={name!r} "
                f"(type {type(name).__name__})"
            )
        self.name = name
        self._evaluate: Any = None
        self._last: float | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """See how the model trains.

        Raises
        ------
        ValueError
            If the model trains with several optimizers.
        """
        trained = trained_with(self.model)
        self._evaluate = _evaluator(self.model, trained) if is_schedule(trained.rate) else None

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the rate of this batch."""
        self._last = self._used(trained_with(self.model))
        if logs is not None:
            logs[self.name] = self._last

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the rate of the epoch's last batch."""
        if logs is not None and self._last is not None:
            logs[self.name] = self._last

    def _used(self, trained: TrainedWith) -> float:
        if self._evaluate is None:
            return float(number(trained.rate() if callable(trained.rate) else trained.rate))
        steps = int(number(trained.iterations))
        return float(self._evaluate(max(steps - 1, 0)))


def _evaluator(model: Any, trained: TrainedWith) -> Any:
    """A function that computes the rate of a step as the model's training step does."""
    schedule = trained.rate
    execution = _execution(model)
    if execution == "eager":
        return lambda step: rate_at(schedule, step)
    ours = with_bits(schedule)
    if ours is not None and backend.has_bits_of(ours):
        try:
            ours(0, execution=execution)
        except NotImplementedError:  # float64
            pass
        else:
            return lambda step: ours(step, execution=execution)
    compiled = backend.compiled(schedule, jit_compile=execution == "xla")
    counter = keras.Variable(0, dtype="int", trainable=False)

    def evaluate(step: int) -> float:
        counter.assign(step)
        return float(compiled(keras.ops.convert_to_tensor(counter)))

    return evaluate


def _execution(model: Any) -> str:
    if model.run_eagerly or keras.backend.backend() not in ("tensorflow", "jax"):
        return "eager"
    return "xla" if model.jit_compile or keras.backend.backend() == "jax" else "graph"
