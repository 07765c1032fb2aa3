"""`learning_rate`, `from_keras`, `to_keras`: schedules, optimizers and models."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from bits import assert_same_rates
from models import dense_model, fit_dense
from registry import KERAS_ROWS

import fastlr.keras
from fastlr.keras import from_keras, learning_rate, to_keras

CONFIGS = [(name, row.configs[0]) for name, row in KERAS_ROWS.items()]


@pytest.fixture
def library():
    """Keras 3; tf_keras in tests/full/keras."""
    return keras


def custom_schedule(library):
    class Halving(library.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.5 / (tf.cast(step, tf.float32) + 1)

    return Halving()


def small_model(library, optimizer):
    model = library.Sequential([library.Input((2,)), library.layers.Dense(1)])
    model.compile(optimizer=optimizer, loss="mse")
    return model


def fit(model, batches):
    model.fit(np.ones((4 * batches, 2)), np.ones(4 * batches), batch_size=4, verbose=0)


@pytest.mark.parametrize(("class_name", "config"), CONFIGS)
def test_schedules(library, class_name, config):
    schedule = getattr(library.optimizers.schedules, class_name)(**config)
    for step in (0, 3, 500, 10**6):
        assert learning_rate(schedule, step) == float(schedule(step))
    optimizer = library.optimizers.SGD(schedule)
    assert learning_rate(optimizer, 500) == float(schedule(500))
    assert learning_rate(optimizer) == float(schedule(0))


def test_schedules_of_fastlr():
    assert learning_rate(fastlr.CosineDecay(0.1, 10), 5) == fastlr.CosineDecay(0.1, 10)(5)
    assert learning_rate(fastlr.keras.CosineDecay(0.1, 10), 5) == fastlr.CosineDecay(0.1, 10)(5)
    table = fastlr.keras.TableSchedule(fastlr.CosineDecay(0.1, 10), 3)
    assert learning_rate(table, 99) == fastlr.CosineDecay(0.1, 10)(2)


def test_arguments_that_fastlr_takes_in_another_way(library):
    schedule = library.optimizers.schedules.PiecewiseConstantDecay([5], [3, 2])
    assert learning_rate(schedule, 7) == float(schedule(7)) == 2


def test_own_schedules(library):
    schedule = custom_schedule(library)
    assert learning_rate(schedule, 3) == 0.125
    optimizer = library.optimizers.SGD(schedule)
    assert learning_rate(optimizer) == 0.5
    assert learning_rate(optimizer, 1) == 0.25
    optimizer.iterations.assign(3)
    assert learning_rate(optimizer) == 0.125


def test_constant_rates(library):
    optimizer = library.optimizers.Adam(0.25)
    assert learning_rate(optimizer) == learning_rate(optimizer, 1000) == 0.25
    optimizer.learning_rate = 0.125
    assert learning_rate(optimizer) == 0.125


def test_functions_without_arguments():
    rate = [0.5]
    optimizer = keras.optimizers.SGD(lambda: rate[0])
    assert learning_rate(optimizer) == 0.5
    rate[0] = 0.25
    assert learning_rate(optimizer) == learning_rate(optimizer, 7) == 0.25


def test_models_before_and_after_training(library):
    schedule = library.optimizers.schedules.PolynomialDecay(0.1, 10)
    model = small_model(library, library.optimizers.Adam(schedule))
    assert learning_rate(model) == float(schedule(0))
    fit(model, 4)
    assert learning_rate(model) == float(schedule(4))
    assert learning_rate(model, 2) == float(schedule(2))
    assert from_keras(model) == fastlr.PolynomialDecay(0.1, 10, name=schedule.name)


def test_loaded_models(library, tmp_path):
    schedule = library.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    model = small_model(library, library.optimizers.SGD(schedule))
    fit(model, 4)
    model.save(tmp_path / "model.keras")
    loaded = library.models.load_model(tmp_path / "model.keras")
    assert learning_rate(loaded) == float(schedule(4))
    assert from_keras(loaded) == fastlr.ExponentialDecay(0.1, 10, 0.5, name=schedule.name)


def test_loss_scaling(library):
    schedule = library.optimizers.schedules.CosineDecay(0.1, 10)
    wrapped = getattr(library, "mixed_precision", library.optimizers).LossScaleOptimizer
    optimizer = wrapped(library.optimizers.SGD(schedule))
    assert learning_rate(optimizer, 5) == float(schedule(5))
    model = small_model(library, optimizer)
    fit(model, 3)
    assert learning_rate(model) == float(schedule(3))
    assert from_keras(optimizer) == fastlr.CosineDecay(0.1, 10, name=schedule.name)


def test_mixed_precision_wraps_by_itself():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = small_model(keras, keras.optimizers.SGD(fastlr.keras.CosineDecay(0.1, 10)))
    finally:
        keras.config.set_dtype_policy(before)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert learning_rate(model, 5) == fastlr.CosineDecay(0.1, 10)(5)


def test_gradient_accumulation():
    """Keras passes the count of batches, not that of updates."""
    optimizer = keras.optimizers.SGD(
        keras.optimizers.schedules.CosineDecay(0.1, 10), gradient_accumulation_steps=2
    )
    model = small_model(keras, optimizer)
    fit(model, 4)
    assert int(optimizer.iterations) == 2
    assert learning_rate(optimizer) == float(optimizer.learning_rate)
    assert learning_rate(optimizer) == fastlr.CosineDecay(0.1, 10)(4)


class TestRefused:
    def test_schedule_without_step(self, library):
        with pytest.raises(ValueError, match="`step` must be given"):
            learning_rate(library.optimizers.schedules.CosineDecay(0.1, 10))

    @pytest.mark.parametrize("step", [1.5, "3", [1]])
    def test_steps(self, step):
        with pytest.raises(TypeError, match="`step` must be an integer"):
            learning_rate(keras.optimizers.SGD(0.1), step)

    def test_uncompiled_models(self, library):
        model = library.Sequential([library.layers.Dense(1)])
        for function in (learning_rate, from_keras):
            with pytest.raises(ValueError, match="compile it first"):
                function(model)

    @pytest.mark.parametrize("thing", [None, 0.1, "adam", object()])
    def test_other_things(self, thing):
        for function in (learning_rate, from_keras):
            with pytest.raises(TypeError, match=f"Received: .*{type(thing).__name__}"):
                function(thing)

    def test_several_optimizers(self):
        one = keras.optimizers.SGD(0.1)
        several = keras.optimizers.MultiOptimizer(lambda variable: one)
        with pytest.raises(ValueError, match="ask each of its `optimizers`"):
            learning_rate(several)

    def test_from_keras_of_rates_that_are_not_built_in(self, library):
        for obj in (
            custom_schedule(library),
            library.optimizers.SGD(custom_schedule(library)),
            library.optimizers.SGD(0.1),
        ):
            with pytest.raises(TypeError, match=r"learning_rate$"):
                from_keras(obj)

    def test_to_keras(self):
        class Own(fastlr.CosineDecay):
            pass

        for thing in (0.1, keras.optimizers.schedules.CosineDecay(0.1, 9), Own(0.1, 9)):
            with pytest.raises(TypeError, match="`schedule` must be one of"):
                to_keras(thing)

    def test_long_names_of_types_are_cut(self):
        thing = type("x" * 100_000, (), {})()
        for convert in (from_keras, to_keras):
            with pytest.raises(TypeError, match="Received") as caught:
                convert(thing)
            assert len(str(caught.value)) < 1500


@pytest.mark.parametrize(("class_name", "config"), CONFIGS)
def test_there_and_back(library, class_name, config):
    ours = getattr(fastlr, class_name)(**config)
    theirs = to_keras(ours, library)
    assert type(theirs) is getattr(library.optimizers.schedules, class_name)
    assert from_keras(theirs) == ours
    assert type(to_keras(ours)) is getattr(keras.optimizers.schedules, class_name)
    drop_in = getattr(fastlr.keras, class_name)(**config)
    assert from_keras(drop_in) == ours
    assert type(to_keras(drop_in, library)) is type(theirs)
    assert to_keras(drop_in, library).get_config() == drop_in.get_config()
    steps = range(0, 50, 7)
    assert_same_rates([theirs(step) for step in steps], ours(steps), steps, class_name)


def test_to_keras_computes_what_fastlr_does():
    """An int rate is a float for fastlr; a missing name is none for Keras."""
    ours = fastlr.CosineDecay(1, 10, name=None)
    assert float(to_keras(ours)(3)) == ours(3)
    pieces = fastlr.PiecewiseConstantDecay([3], [2, 1])
    assert float(to_keras(pieces)(3)) == pieces(3)


def test_float64():
    theirs = keras.optimizers.schedules.CosineDecay(np.float64(0.1), 10)
    assert from_keras(theirs).table(1).dtype == np.float64
    assert learning_rate(theirs, 3) == float(theirs(3))


def test_models_of_the_drop_ins():
    model = dense_model(keras.optimizers.AdamW(fastlr.keras.CosineDecay(0.1, 20)))
    fit_dense(model, epochs=1)
    assert learning_rate(model) == float(model.optimizer.learning_rate)
    assert learning_rate(model) == fastlr.CosineDecay(0.1, 20)(6)


def test_steps_that_are_counted_in_variables():
    schedule = fastlr.keras.CosineDecay(0.1, 10)
    optimizer = keras.optimizers.SGD(schedule)
    optimizer.iterations.assign(3)
    expected = fastlr.CosineDecay(0.1, 10)(3)
    steps = optimizer.iterations, tf.Variable(3), tf.constant(3, tf.int64), np.int32(3), 3
    assert [fastlr.keras.learning_rate(optimizer, step) for step in steps] == [expected] * 5
    for wrong in (tf.constant(3.0), tf.constant([3]), "3"):
        with pytest.raises(TypeError, match="`step` must be an integer"):
            fastlr.keras.learning_rate(optimizer, wrong)
