"""Steps in what other libraries hold numbers in."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
import tensorflow as tf
from bits import assert_same_bits
from ml_dtypes import bfloat16
from registry import ROWS


def test_parameters_are_numbers_of_any_library(fastlr):
    expected = fastlr.CosineDecay(0.1, 20, warmup_target=0.2, warmup_steps=5)
    batches = tf.data.Dataset.range(10).cardinality()
    for like in (lambda number: batches * 0 + number, np.int64, np.array, jnp.asarray):
        schedule = fastlr.CosineDecay(0.1, like(20), warmup_target=0.2, warmup_steps=like(5))
        assert schedule == expected
        assert hash(schedule) == hash(expected)
        assert json.loads(json.dumps(fastlr.serialize(schedule))) == fastlr.serialize(expected)
    rates = fastlr.ExponentialDecay(tf.constant(0.1), jnp.asarray(10), np.array(0.5))
    assert rates == fastlr.ExponentialDecay(np.float32(0.1), 10, 0.5)
    assert fastlr.PolynomialDecay(np.array(0.1), 10).table(2).dtype == np.float64
    fastlr.CosineDecayRestarts(0.1, tf.constant(10), t_mul=jnp.asarray(2.0))
    fastlr.InverseTimeDecay(0.1, tf.constant(10), tf.constant(0.5))
    for like in (tf.constant, np.float32, jnp.asarray, list):
        stairs = fastlr.PiecewiseConstantDecay(like([2, 5]), like([0.3, 0.2, 0.1]))
        assert np.array_equal(stairs.table(9), np.float32([0.3] * 3 + [0.2] * 3 + [0.1] * 3))
    with pytest.raises(TypeError, match="`decay_steps`"):
        fastlr.CosineDecay(0.1, np.array([10]))


@pytest.mark.filterwarnings("ignore")
def test_steps_without_values_are_refused_and_say_what_to_use(fastlr):
    schedule = fastlr.CosineDecay(0.1, 10)
    counter = tf.Variable(3)
    for call, instead in (
        (lambda: jax.jit(lambda step: schedule(step))(3), "jax.lookup"),
        (lambda: jax.vmap(lambda step: schedule([step]))(jnp.arange(3)), "jax.lookup"),
        (lambda: tf.function(lambda step: schedule(step))(tf.constant(3)), "keras"),
        (lambda: tf.function(lambda: schedule(counter))(), "keras"),
        (lambda: schedule(keras.Input(())), "keras"),
    ):
        with pytest.raises(TypeError, match=rf"`steps` has no value.*fastlr\.{instead}"):
            call()


@pytest.mark.parametrize("class_name", ROWS)
def test_tensors_and_their_dtypes(fastlr, class_name):
    schedule = getattr(fastlr, class_name).from_config(ROWS[class_name].configs[3])
    steps = np.arange(50)
    expected = schedule.table(50)
    for like in (tf.constant(steps), tf.Variable(steps), steps.astype(bfloat16)):
        assert_same_bits(schedule(like), expected, steps, type(like).__name__)
    for scalar in (tf.constant(7), bfloat16(7)):
        rate = schedule(scalar)
        assert type(rate) is float
        assert rate == schedule(7)
