"""Small models whose weights tell which rates they were trained with."""

from __future__ import annotations

import keras
import numpy as np

#: How `compile` chooses the execution modes.
MODES = {
    "eager": {"run_eagerly": True},
    "graph": {"jit_compile": False},
    "xla": {"jit_compile": True},
}


@keras.saving.register_keras_serializable("fastlr-tests")
class WeightedSum(keras.layers.Layer):
    """One weight for each step of a training, and others so that XLA compiles as usual."""

    def __init__(self, steps, **options):
        super().__init__(**options)
        self.steps = steps

    def build(self, shape):
        self.rates = self.add_weight(shape=(self.steps,), initializer="zeros", name="rates")
        self.other = self.add_weight(shape=(3,), initializer="zeros", name="other")

    def call(self, rows):
        return keras.ops.sum(rows * self.rates, axis=-1) + keras.ops.sum(self.other)

    def get_config(self):
        return {**super().get_config(), "steps": self.steps}


@keras.saving.register_keras_serializable("fastlr-tests")
def minus(_, predicted):
    """A loss whose gradient is -1 for the weight of the step and for all others."""
    return -predicted


def recording_model(optimizer, steps, **options):
    """A model that leaves in weight i the rate of its i-th step, for plain SGD."""
    model = keras.Sequential([keras.Input((steps,)), WeightedSum(steps)])
    model.compile(optimizer=optimizer, loss=minus, **options)
    return model


def train(model, steps, **options):
    """One step per weight; the rates used."""
    rows = np.eye(steps, dtype=np.float32)
    options = {"batch_size": 1, "shuffle": False, "verbose": 0, **options}
    history = model.fit(rows, np.zeros(steps, np.float32), **options)
    return rates(model), history


def clear(model):
    """Set the weights to zero again."""
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])


def rates(model):
    return keras.ops.convert_to_numpy(model.layers[-1].rates.value)


def dense_model(optimizer, **options):
    """A usual small model, the same each time."""
    keras.utils.set_random_seed(7)
    layers = [keras.Input((4,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    model.compile(optimizer=optimizer, loss="mse", **options)
    return model


def fit_dense(model, epochs=2, **options):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(24, 4)).astype("float32"), rng.normal(size=(24, 1)).astype("float32")
    options = {"batch_size": 4, "shuffle": False, "verbose": 0, **options}
    return model.fit(x, y, epochs=epochs, **options)


def weights(model):
    return b"".join(np.ascontiguousarray(weight).tobytes() for weight in model.get_weights())
