"""What Keras saved, read where Keras cannot be imported: the rates are Keras's."""

from __future__ import annotations

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from bits import assert_same_bits
from models import dense_model, fit_dense, short
from registry import KERAS_ROWS

import fastlr
import fastlr.keras

STEPS = 30
SCHEDULES = keras.optimizers.schedules
COSINE = SCHEDULES.CosineDecay(0.1, 20)

#: Loads what its arguments name, and writes their tables.
READER = """
import sys
sys.modules |= {"keras": None, "tensorflow": None, "h5py": None}
import fastlr, numpy
steps, output, *files = sys.argv[1:]
numpy.savez(output, *[fastlr.load(file).table(int(steps)) for file in files])
"""


def saved(optimizer, path):
    """The path of a compiled model that Keras has saved."""
    dense_model(optimizer).save(path)
    return path


def tables_read(files, folder):
    """The tables of the schedules in files, read in a process without Keras."""
    command = [sys.executable, "-c", READER, str(STEPS), folder / "read.npz", *files]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with np.load(folder / "read.npz") as read:
        return [read[name] for name in read.files]


def eager_rates(rate):
    """What an optimizer with this rate trains with, step by step."""
    if isinstance(rate, float):
        return np.full(STEPS, rate, np.float32)
    steps = [tf.constant(step, tf.int64) for step in range(STEPS)]
    return np.array([float(rate(step)) for step in steps], np.float32)


def test_models_have_the_rates_of_keras(tmp_path):
    rates = {
        "constant": 0.3,
        "table": fastlr.keras.TableSchedule(0.5 * fastlr.CosineDecay(0.1, 20), 11),
        "array": fastlr.keras.TableSchedule(np.linspace(0.0, 0.1, 7)),
    }
    for class_name in KERAS_ROWS:
        for library in (SCHEDULES, fastlr.keras):
            schedule = getattr(library, class_name)(**short(class_name))
            rates[f"{class_name} of {library.__name__}"] = schedule
    files = [
        saved(keras.optimizers.SGD(rate), tmp_path / f"{name}.keras")
        for name, rate in rates.items()
    ]
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(COSINE))
    files.append(saved(scaled, tmp_path / "scaled.keras"))
    rates["scaled"] = COSINE
    for (name, rate), read in zip(rates.items(), tables_read(files, tmp_path), strict=True):
        assert_same_bits(read, eager_rates(rate), range(STEPS), name)


def test_configs_as_json(tmp_path):
    """Of a schedule, an optimizer, what a model was compiled with, and a model."""
    schedule = fastlr.keras.CosineDecay(0.1, 20)
    model = dense_model(keras.optimizers.Adam(schedule))
    described = [
        SCHEDULES.serialize(schedule),
        keras.saving.serialize_keras_object(schedule),
        model.optimizer.get_config(),
        keras.optimizers.serialize(model.optimizer),
        model.get_compile_config(),
        json.loads(model.to_json()),
    ]
    for number, written in enumerate(described):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(written))
        assert fastlr.load(path) == fastlr.CosineDecay(0.1, 20)


def test_the_constant_in_force_when_the_model_was_saved(tmp_path):
    model = dense_model("sgd")
    fit_dense(model, epochs=1)
    model.optimizer.learning_rate = 0.25
    model.save(tmp_path / "model.keras")
    assert fastlr.load(tmp_path / "model.keras") == fastlr.Constant(0.25)


class Own(SCHEDULES.LearningRateSchedule):
    """A schedule of one's own, with the name of an argument that optimizers have."""

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def __call__(self, step):
        return self.learning_rate

    def get_config(self):
        return {"learning_rate": self.learning_rate}


@keras.saving.register_keras_serializable("mine")
class CosineDecay(SCHEDULES.CosineDecay):
    """One that has the name of Keras's, but is not it."""

    def __call__(self, step):
        return 2 * super().__call__(step)


class Adversaries(keras.Model):
    """Saves the optimizers of its own."""

    def compile(self, d_optimizer, g_optimizer):
        super().compile()
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer

    def get_compile_config(self):
        serialize = keras.optimizers.serialize
        return {
            "d_optimizer": serialize(self.d_optimizer),
            "g_optimizer": serialize(self.g_optimizer),
        }


def without_a_schedule():
    """Models, and what `load` says of them."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    yield model, "not compiled"
    yield dense_model(keras.optimizers.SGD(Own(0.1))), "class 'Own'"
    yield dense_model(keras.optimizers.SGD(CosineDecay(0.1, 9))), "class 'mine>CosineDecay'"
    table = fastlr.keras.TableSchedule(fastlr.CosineDecay(0.1, 9).with_warmup(2), 9)
    table.schedule = fastlr.Join([MyOwn(), fastlr.Constant(0.1)], [3])
    yield dense_model(keras.optimizers.SGD(table)), "Unknown schedule class: 'MyOwn'"
    model = Adversaries()
    model.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.2))
    model.build((1, 4))
    yield model, r"several optimizers, \['d_optimizer', 'g_optimizer'\]"


class MyOwn(fastlr.LearningRateSchedule):
    """A schedule of one's own, of plain fastlr."""

    def __call__(self, step):
        return 0.5

    def get_config(self):
        return {}


def test_models_without_a_schedule(tmp_path):
    for model, said in without_a_schedule():
        model.save(tmp_path / "model.keras")
        with pytest.raises(ValueError, match=said):
            fastlr.load(tmp_path / "model.keras")


def test_weights_alone(tmp_path):
    model = dense_model("sgd")
    model.save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ValueError, match="HDF5 file"):
        fastlr.load(tmp_path / "model.weights.h5")


@pytest.mark.filterwarnings("ignore")  # Keras's, about the lambda
def test_a_function_is_not_executed(tmp_path):
    saved(keras.optimizers.SGD(lambda: 0.25), tmp_path / "model.keras")
    with pytest.raises(ValueError, match="Functions are not executed"):
        fastlr.load(tmp_path / "model.keras")
