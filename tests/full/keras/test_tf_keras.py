"""What fastlr makes of tf_keras, the old generation of Keras: what it makes of Keras 3."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import tensorflow as tf
from bits import assert_same_bits
from models import short
from registry import KERAS_ROWS
from test_rate import (  # noqa: F401 - they run here with the fixture below
    TestRefused,
    test_arguments_that_fastlr_takes_in_another_way,
    test_constant_rates,
    test_loaded_models,
    test_loss_scaling,
    test_models_before_and_after_training,
    test_own_schedules,
    test_schedules,
    test_there_and_back,
)
from test_values import test_round_trips_through_keras  # noqa: F401

import fastlr.keras
from fastlr.keras import learning_rate

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tf_keras


@pytest.fixture
def library():
    return tf_keras


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_legacy_optimizers(decay):
    schedule = tf_keras.optimizers.schedules.CosineDecay(0.1, 10)
    for rate in (0.1, schedule):
        optimizer = tf_keras.optimizers.legacy.SGD(rate, decay=decay)
        for step in (0, 5):
            optimizer.iterations.assign(step)
            expected = float(optimizer._decayed_lr(tf.float32))
            assert learning_rate(optimizer) == expected
            optimizer.iterations.assign(9)
            assert learning_rate(optimizer, step) == expected


def test_an_optimizer_of_tf_keras_says_what_it_needs():
    schedule = fastlr.keras.CosineDecay(0.1, 10)
    with pytest.raises(TypeError, match=r"fastlr\.keras\.to_keras\(schedule, tf_keras\)"):
        tf_keras.optimizers.SGD(schedule)
    with pytest.raises(ValueError, match="Keras has no schedule Scale"):
        fastlr.keras.to_keras(0.5 * fastlr.CosineDecay(0.1, 10), tf_keras)


@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_training_with_what_to_keras_gives(class_name):
    """A weight that starts at zero is trained to minus the rate of its step."""
    ours = getattr(fastlr, class_name)(**short(class_name))
    optimizer = tf_keras.optimizers.SGD(fastlr.keras.to_keras(ours, tf_keras))
    weight = tf.Variable(0.0)
    used = []
    for step in range(12):
        assert fastlr.keras.learning_rate(optimizer) == ours(step)
        weight.assign(0.0)
        optimizer.apply_gradients([(tf.constant(-1.0), weight)])
        used.append(weight.numpy())
    # tf_keras compiles the update itself, but asks its schedule before, eagerly.
    assert_same_bits(np.array(used), ours.table(12), range(12), class_name)


def saved(optimizer, path):
    """The path of a model that tf_keras has saved."""
    model = tf_keras.Sequential([tf_keras.Input((4,)), tf_keras.layers.Dense(1)])
    model.compile(optimizer=optimizer, loss="mse")
    model.save(path)
    return path


@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_schedules_in_files(class_name, tmp_path):
    theirs = getattr(tf_keras.optimizers.schedules, class_name)(**short(class_name))
    scaled = tf_keras.mixed_precision.LossScaleOptimizer(tf_keras.optimizers.Adam(theirs))
    steps = [tf.constant(step, tf.int64) for step in range(20)]
    expected = np.array([float(theirs(step)) for step in steps], np.float32)
    for optimizer in (tf_keras.optimizers.SGD(theirs), scaled):
        read = fastlr.load(saved(optimizer, tmp_path / "model.keras"))
        assert_same_bits(read.table(20), expected, range(20), class_name)


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_constants_of_legacy_optimizers_in_files(decay, tmp_path):
    optimizer = tf_keras.optimizers.legacy.SGD(0.1, decay=decay)
    read = fastlr.load(saved(optimizer, tmp_path / "model.keras"))
    expected = [learning_rate(optimizer, step) for step in range(20)]
    assert read.table(20).tolist() == expected


def test_an_optimizer_that_a_file_names_only(tmp_path):
    with pytest.raises(ValueError, match="'sgd' by name alone"):
        fastlr.load(saved("sgd", tmp_path / "model.keras"))
