"""The rate of each batch, in the logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import keras

from fastlr._errors import received
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
    skipped has no rate; the entry is that of the step before. Where gradients are accumulated,
    every batch has the entry of its own step. An epoch's entry is that of its last batch.

    Keras compiles a training step once: a schedule that is replaced or changed afterwards has no
    effect until the model is compiled again. The logger goes by what was compiled, from the first
    `fit` that it saw.

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
            raise TypeError(f"Argument `name` must be a string. {received('name', name)}")
        self.name = name
        self._rate: Any = None
        self._evaluate: Any = None
        self._last: float | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """See how the model trains.

        Raises
        ------
        ValueError
            If the model trains with several optimizers.
        """
        self._find_evaluator()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the rate of this batch."""
        trained = trained_with(self.model)
        if trained.rate is not self._rate and _execution(self.model) == "eager":
            self._find_evaluator()  # another callback has replaced it
        self._last = float(self._evaluate(max(int(number(trained.iterations)) - 1, 0)))
        if logs is not None:
            logs[self.name] = self._last

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the rate of the epoch's last batch."""
        if logs is not None and self._last is not None:
            logs[self.name] = self._last

    def _find_evaluator(self) -> None:
        trained = trained_with(self.model)
        self._rate = trained.rate
        function = self.model.train_function
        if _execution(self.model) == "eager" or function is None:
            self._evaluate = _evaluator(self.model, trained)
            return
        if function not in _compiled_with:
            _compiled_with[function] = _evaluator(self.model, trained)
        self._evaluate = _compiled_with[function]


#: By compiled training function, for its rates. Keras goes on with what it has compiled, whatever
#: becomes of the optimizer's rate or the schedule's attributes, until the model is compiled again.
_compiled_with: WeakKeyDictionary[Any, Callable[[int], Any]] = WeakKeyDictionary()


def _evaluator(model: Any, trained: TrainedWith) -> Callable[[int], Any]:
    """A function that computes the rate of a step as the model's training step does."""
    rate, execution = trained.rate, _execution(model)
    if not is_schedule(rate):
        return lambda step: number(rate() if callable(rate) else rate)
    if execution == "eager":
        return lambda step: rate_at(rate, step)
    ours = with_bits(rate)
    if ours is not None and backend.has_bits_of(ours):
        try:
            ours(0, execution=execution)
        except NotImplementedError:  # float64
            pass
        else:
            return lambda step: ours(step, execution=execution)
    compiled = backend.compiled(rate, jit_compile=execution == "xla")
    counter = keras.Variable(0, dtype="int", trainable=False)

    def evaluate(step: int) -> Any:
        counter.assign(step)
        return compiled(keras.ops.convert_to_tensor(counter))

    return evaluate


def _execution(model: Any) -> str:
    if model.run_eagerly or keras.backend.backend() not in ("tensorflow", "jax"):
        return "eager"
    return "xla" if model.jit_compile or keras.backend.backend() == "jax" else "graph"
