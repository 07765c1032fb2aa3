"""What fastlr makes of tf_keras, the old generation of Keras: what it makes of Keras 3."""

from __future__ import annotations

import warnings

import pytest
import tensorflow as tf
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
    with pytest.raises(
        TypeError, match=r"tf_keras\.optimizers\.schedules\.CosineDecay\.from_config"
    ):
        tf_keras.optimizers.SGD(schedule)
    theirs = tf_keras.optimizers.schedules.CosineDecay.from_config(schedule.get_config())
    optimizer = tf_keras.optimizers.SGD(theirs)
    assert fastlr.keras.learning_rate(optimizer, 3) == fastlr.CosineDecay(0.1, 10)(3)
