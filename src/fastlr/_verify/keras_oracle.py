"""Real Keras on TensorFlow: one step at a time eagerly, and steps of ``model.fit``.

Importing this imports Keras.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastlr._quiet_tensorflow import quiet_tensorflow

with quiet_tensorflow():
    import keras
    import tensorflow as tf

#: What ``jit_compile`` is in the execution modes that are not eager.
MODES = {"graph": False, "xla": True}

WINDOW = 48  # consecutive steps that are trained


def make(class_name: str, config: dict[str, Any]) -> Any:
    """A schedule of Keras 3; an int rate as the float it means (a deliberate difference)."""
    rate = config.get("initial_learning_rate")
    if isinstance(rate, int):
        config = {**config, "initial_learning_rate": float(rate)}
    return getattr(keras.optimizers.schedules, class_name)(**config)


def rates(schedule: Any, steps: list[Any]) -> npt.NDArray[Any]:
    """What Keras gives for each step."""
    return np.array([schedule(step).numpy() for step in steps])


@keras.saving.register_keras_serializable("fastlr-verify")
class WeightedSum(keras.layers.Layer):  # type: ignore[misc]
    """Two weights: XLA compiles a training step with one scalar weight in another way."""

    def build(self, shape: Any) -> None:
        """Make a weight per step of a window, and another one."""
        self.rates = self.add_weight(shape=(WINDOW,), initializer="zeros")
        self.other = self.add_weight(shape=(3,), initializer="zeros")

    def call(self, rows: Any) -> Any:
        """Sum of inputs times weights."""
        return keras.ops.sum(rows * self.rates, axis=-1) + keras.ops.sum(self.other)


class Training(keras.callbacks.Callback):  # type: ignore[misc]
    """A compiled model that tells the rates its steps use.

    The model is a sum of inputs times weights, the loss its negative and each batch one row of the
    identity matrix: batch i has a gradient of -1 for weight i and none for the others. Plain SGD
    from zero leaves in weight i the very rate of step i, for an unmodified optimizer and training
    step. The weights are read after each batch: a rate that is not finite spoils all of them, and
    they start at zero again.
    """

    def __init__(self, class_name: str, config: dict[str, Any], execution: str) -> None:
        super().__init__()
        self.layer = WeightedSum()
        self.trained = keras.Sequential([keras.Input((WINDOW,)), self.layer])
        self.trained.compile(
            optimizer=keras.optimizers.SGD(make(class_name, config)),
            loss=lambda _, predicted: -predicted,
            jit_compile=MODES[execution],
        )

    def rates(self, *starts: int) -> npt.NDArray[Any]:
        """A row for each start: the rates of WINDOW consecutive steps."""
        self.starts = starts
        self.found = np.empty((len(starts), WINDOW), np.float32)
        rows = np.tile(np.eye(WINDOW, dtype=np.float32), (len(starts), 1))
        options = {"batch_size": 1, "shuffle": False, "verbose": 0, "callbacks": [self]}
        self.trained.fit(rows, np.zeros(len(rows)), **options)
        return self.found

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Go to the first step of a window."""
        window, at = divmod(batch, WINDOW)
        if at == 0:
            self.trained.optimizer.iterations.assign(self.starts[window])

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Read the rate of the step."""
        window, at = divmod(batch, WINDOW)
        rate = self.layer.rates.numpy()[at]
        self.found[window, at] = rate
        if at == WINDOW - 1 or not np.isfinite(rate):
            for weight in self.layer.weights:
                weight.assign(np.zeros(weight.shape, np.float32))


class Function:
    """A training step of one's own, compiled with ``tf.function``, that returns the loss or None.

    TensorFlow optimises the graph of a function only if its value is used: one that returns nothing
    is folded less, and has rates of its own.
    """

    def __init__(self, class_name: str, config: dict[str, Any], *, returns: bool) -> None:
        self.weight = tf.Variable(np.zeros(3, np.float32))
        self.optimizer = keras.optimizers.SGD(make(class_name, config))
        self.optimizer.build([self.weight])

        @tf.function  # type: ignore[untyped-decorator]
        def step(inputs: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = -tf.reduce_sum(inputs * self.weight)
            gradients = tape.gradient(loss, [self.weight])
            self.optimizer.apply_gradients(zip(gradients, [self.weight], strict=True))
            return loss if returns else None

        self.step = step

    def rates(self, steps: list[int]) -> npt.NDArray[Any]:
        """The rate of each step: what is left in a weight that was 0 and had a gradient of -1."""
        return np.array([self._rate(step) for step in steps])

    def _rate(self, step: int) -> Any:
        self.weight.assign(np.zeros(3, np.float32))
        self.optimizer.iterations.assign(step)
        self.step(tf.ones(3))
        return self.weight.numpy()[0]
