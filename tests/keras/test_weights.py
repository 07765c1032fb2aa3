"""Training with the drop-in classes leaves the very weights that Keras's own classes leave."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from models import MODES, dense_model, fit_dense, in_turn, recording_model, short, train, weights
from registry import KERAS_ROWS

import fastlr.keras


def both(class_name, config):
    return (
        getattr(keras.optimizers.schedules, class_name)(**config),
        getattr(fastlr.keras, class_name)(**config),
    )


def test_an_int_rate_trains_as_with_keras():
    """fastlr would take it for a float; Keras computes in another type."""
    config = {"initial_learning_rate": 1, "decay_steps": 8, "decay_rate": 0.5}
    kept = []
    for schedule in both("InverseTimeDecay", config):
        try:
            kept.append(weights(fit_dense_with(keras.optimizers.SGD(schedule), run_eagerly=True)))
        except Exception as error:
            kept.append(type(error))
    assert kept[0] == kept[1]


def fit_dense_with(optimizer, **options):
    model = dense_model(optimizer, **options)
    fit_dense(model)
    return model


@pytest.mark.parametrize("strategy", ["OneDevice", "Mirrored"])
def test_distribution_strategies(strategy):
    devices = [f"/cpu:{i}" for i in range(len(tf.config.list_logical_devices("CPU")))]
    kept = []
    for schedule in both("CosineDecay", short("CosineDecay")):
        scope = (
            tf.distribute.MirroredStrategy(devices)
            if strategy == "Mirrored"
            else tf.distribute.OneDeviceStrategy(devices[0])
        )
        with scope.scope():
            model = dense_model(keras.optimizers.SGD(schedule))
        fit_dense(model)
        assert fastlr.keras.learning_rate(model) == float(model.optimizer.learning_rate)
        kept.append(weights(model))
    assert kept[0] == kept[1]


def loop_in_a_function(schedule):
    optimizer = keras.optimizers.SGD(schedule)
    weight = keras.Variable(np.zeros(5, np.float32))
    optimizer.build([weight])

    @tf.function
    def step():
        optimizer.apply([tf.ones(5)], [weight])

    for _ in range(8):
        step()
    return weight.value.numpy().tobytes()


def test_custom_loop_in_a_function():
    theirs, ours = both("CosineDecay", short("CosineDecay"))
    assert loop_in_a_function(ours) == loop_in_a_function(theirs)


@pytest.mark.parametrize(("class_name", "mode"), in_turn(KERAS_ROWS))
def test_save_load_and_go_on(class_name, mode, tmp_path):
    """Half a training, saved and loaded, is the other half of a whole one."""
    whole = fit_dense_with(
        keras.optimizers.Adam(getattr(keras.optimizers.schedules, class_name)(**short(class_name))),
        **MODES[mode],
    )
    half = dense_model(
        keras.optimizers.Adam(getattr(fastlr.keras, class_name)(**short(class_name))), **MODES[mode]
    )
    fit_dense(half, epochs=1)
    half.save(tmp_path / "half.keras")
    loaded = keras.models.load_model(tmp_path / "half.keras")
    assert type(loaded.optimizer._learning_rate) is getattr(fastlr.keras, class_name)
    # What compile was told is not part of every saved model.
    loaded.run_eagerly, loaded.jit_compile = half.run_eagerly, half.jit_compile
    fit_dense(loaded, epochs=1)
    assert weights(loaded) == weights(whole)


def test_clone_and_config():
    optimizer = keras.optimizers.Adam(fastlr.keras.CosineDecay(0.1, 10))
    described = optimizer.get_config()["learning_rate"]
    assert described["registered_name"] == "fastlr>CosineDecay"
    assert described["config"] == fastlr.keras.CosineDecay(0.1, 10).get_config()
    again = keras.optimizers.Adam.from_config(optimizer.get_config())
    assert type(again._learning_rate) is fastlr.keras.CosineDecay
    model = dense_model(optimizer)
    clone = keras.models.clone_model(model)
    clone.compile(optimizer=keras.optimizers.get(keras.optimizers.serialize(optimizer)), loss="mse")
    fit_dense(clone)
    fit_dense(model)
    assert clone.optimizer.learning_rate.numpy() == model.optimizer.learning_rate.numpy()


@pytest.mark.parametrize("mode", ["graph", "xla"])
def test_steps_per_execution(mode):
    kept = [
        train(
            recording_model(
                keras.optimizers.SGD(schedule), 12, steps_per_execution=5, **MODES[mode]
            ),
            12,
        )[0].tobytes()
        for schedule in both("PolynomialDecay", short("PolynomialDecay"))
    ]
    assert kept[0] == kept[1]
