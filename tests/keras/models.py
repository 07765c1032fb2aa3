"""Small models whose weights tell which rates they were trained with."""

from __future__ import annotations

import itertools

import keras
import numpy as np

#: How `compile` chooses the execution modes.
MODES = {
    "eager": {"run_eagerly": True},
    "graph": {"jit_compile": False},
    "xla": {"jit_compile": True},
}


def in_turn(class_names):
    """Each class with one of the modes; tests/full/keras trains every class in every mode."""
    return list(zip(class_names, itertools.cycle(MODES), strict=False))


def short(class_name):
    """A configuration that goes through all its regimes within a dozen steps."""
    return {
        "CosineDecay": {"initial_learning_rate": 0.01, "decay_steps": 6, "alpha": 0.1,
                        "warmup_target": 0.1, "warmup_steps": 4},
        "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 3,
                                "m_mul": 0.7, "alpha": 0.05},
        "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.7},
        "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.7,
                             "staircase": True},
        "PiecewiseConstantDecay": {"boundaries": [3, 7], "values": [0.1, 0.03, 0.01]},
        "PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 7, "power": 0.9,
                            "cycle": True},
    }[class_name]  # fmt: skip


@keras.saving.register_keras_serializable("fastlr-keras-tests")
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


@keras.saving.register_keras_serializable("fastlr-keras-tests")
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
