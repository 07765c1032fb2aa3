"""The rate of each batch, in the logs."""

from __future__ import annotations

import warnings
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
    optimizer : optimizer or dict of str to optimizer, optional
        For models whose ``train_step`` uses optimizers of their own: the one whose rate is logged,
        or several by their keys in `logs`. By default the one that the model was compiled with.

    Raises
    ------
    TypeError
        If `name` is not a string, or `optimizer` neither an optimizer nor a dict of them.
    ValueError
        After the first batch, if a metric has the name of an entry.

    Warns
    -----
    UserWarning
        Where a batch did not move the step count of an optimizer: it did not train the model, so
        its rate is left out of `logs`. Where a training step that follows a schedule was compiled
        before the logger saw it, so that the schedule may have been replaced since.

    Notes
    -----
    The rate is the one of the optimizer's last step, with the bits of the mode in which the model
    trains (eager, graph or XLA). With ``steps_per_execution`` above 1 Keras calls its callbacks
    once for several steps; the entry is the rate of the last of them. A batch that loss scaling
    skipped has no rate; the entry is that of the step before. Where gradients are accumulated,
    every batch has the entry of its own step. An epoch's entry is that of its last batch.

    Keras compiles a training step once: a schedule that is replaced or changed afterwards has no
    effect until the model is compiled again. The logger goes by what was compiled, from the first
    `fit` that it saw, which should be the first.

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

    def __init__(self, name: str = "lr", optimizer: Any = None) -> None:
        super().__init__()
        if not isinstance(name, str):
            raise TypeError(f"Argument `name` must be a string. {received('name', name)}")
        _check_optimizer(optimizer)
        self.name = name
        self.optimizer = optimizer
        self._watched: dict[str, _Watched] = {}
        self._has_added = False
        self._compiled_before: Any = None

    def set_model(self, model: Any) -> None:
        """See what was compiled before: Keras makes the training step after this."""
        super().set_model(model)
        self._compiled_before = getattr(model, "train_function", None)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """See how the model trains."""
        optimizers = self.optimizer
        if not isinstance(optimizers, dict):
            optimizers = {self.name: self.model.optimizer if optimizers is None else optimizers}
        unseen = self._compiled_before is not None and self._compiled_before not in _compiled_with
        self._watched = {name: _Watched(self.model, each) for name, each in optimizers.items()}
        self._has_added = False
        if unseen and any(watched.follows_a_schedule for watched in self._watched.values()):
            warnings.warn(
                "The training step was compiled before LearningRateLogger saw it. If the schedule "
                "was replaced since then, training does not use it, but the logs show it: call "
                "`compile` again, or log from the first `fit` on",
                stacklevel=2,
            )

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the rate of this batch."""
        model = self.model  # asked for at each batch: on JAX that brings its variables up to date
        for name, watched in self._watched.items():
            watched.look(model, name)
        if not self._has_added:
            self._check_names(logs)
            self._has_added = True
        self._add_to(logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the rate of the epoch's last batch."""
        self._add_to(logs)

    def _check_names(self, logs: dict[str, Any] | None) -> None:
        for name in self._watched:
            if name in (logs or {}):
                raise ValueError(
                    f"LearningRateLogger would replace {name!r}, which is in `logs` already: it is "
                    "a metric or comes from another callback. Give another `name`"
                )

    def _add_to(self, logs: dict[str, Any] | None) -> None:
        if logs is not None:
            last = {name: watched.last for name, watched in self._watched.items()}
            logs.update({name: rate for name, rate in last.items() if rate is not None})


def _check_optimizer(optimizer: Any) -> None:
    """Refuse what is neither None, nor an optimizer, nor a dict of name to optimizer."""
    several = isinstance(optimizer, dict)
    for name, each in optimizer.items() if several else [("lr", optimizer)]:
        is_optimizer = hasattr(each, "apply_gradients") and not isinstance(each, type)
        if not isinstance(name, str) or not (is_optimizer or (each is None and not several)):
            raise TypeError(
                "Argument `optimizer` must be an optimizer of Keras, or a dict of names in `logs` "
                f"to optimizers. {received('optimizer', optimizer)}"
            )


class _Watched:
    """An optimizer while a model trains."""

    def __init__(self, model: Any, optimizer: Any) -> None:
        self._optimizer = optimizer
        self._start = int(number(trained_with(optimizer).iterations))
        self._has_moved = False
        self._has_warned = False
        self._find_evaluator(model)
        #: Whether a schedule was compiled into the training step.
        self.follows_a_schedule = is_schedule(self._rate) and _execution(model) != "eager"
        #: The rate of the last step.
        self.last: float | None = None

    def look(self, model: Any, name: str) -> None:
        """See which rate the last batch was trained with."""
        trained = trained_with(self._optimizer)
        count = int(number(trained.iterations))
        self._has_moved = self._has_moved or count != self._start
        if not self._has_moved:
            self._warn(name)
            return
        if trained.rate is not self._rate and _execution(model) == "eager":
            self._find_evaluator(model)  # another callback has replaced it
        self.last = float(self._evaluate(max(count - 1, 0)))

    def _warn(self, name: str) -> None:
        # Loss scaling and gradient accumulation leave the count alone for some batches.
        waits = getattr(self._optimizer, "gradient_accumulation_steps", None)
        if self._has_warned or waits or hasattr(self._optimizer, "inner_optimizer"):
            return
        self._has_warned = True
        warnings.warn(
            f"{type(self._optimizer).__name__} did not train the model: its step count does not "
            f"move, so {name!r} is left out of the logs. Give the optimizer that trains to "
            "LearningRateLogger(optimizer=...)",
            stacklevel=2,
        )

    def _find_evaluator(self, model: Any) -> None:
        trained = trained_with(self._optimizer)
        self._rate = trained.rate
        function = model.train_function
        if _execution(model) == "eager" or function is None:
            self._evaluate = _evaluator(model, trained)
            return
        known = _compiled_with.setdefault(function, WeakKeyDictionary())
        if self._optimizer not in known:
            known[self._optimizer] = _evaluator(model, trained)
        self._evaluate = known[self._optimizer]


#: By compiled training function and optimizer, for their rates. Keras goes on with what it has
#: compiled, whatever becomes of the optimizer's rate or the schedule's attributes, until the model
#: is compiled again.
_compiled_with: WeakKeyDictionary[Any, WeakKeyDictionary[Any, Callable[[int], Any]]] = (
    WeakKeyDictionary()
)


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
