"""`LearningRateLogger`: the rate that each batch used, where Keras's own metrics appear."""

from __future__ import annotations

import csv

import keras
import numpy as np
import pytest
import tensorflow as tf
from bits import assert_same_rates
from models import MODES, clear, dense_model, fit_dense, in_turn, recording_model, short, train
from registry import KERAS_ROWS

import fastlr.keras
from fastlr.keras import LearningRateLogger

STEPS = 12


class Batches(keras.callbacks.Callback):
    """What a callback after the logger sees, batch by batch."""

    def __init__(self, name="lr"):
        super().__init__()
        self.name = name
        self.rates = []

    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(logs[self.name])


def logged_and_used(optimizer, steps=STEPS, start=0, **options):
    """The rates in the logs, and those that plain SGD left in the weights."""
    model = recording_model(optimizer, steps, **options)
    model.optimizer.iterations.assign(start)
    seen = Batches()
    used, history = train(model, steps, callbacks=[LearningRateLogger(), seen])
    assert history.history["lr"] == [seen.rates[-1]]
    return np.array(seen.rates, np.float32), used


def compare_rates_of_a_training(class_name, mode):
    config = short(class_name)
    for library in (keras.optimizers.schedules, fastlr.keras):
        schedule = getattr(library, class_name)(**config)
        logged, used = logged_and_used(keras.optimizers.SGD(schedule), start=5, **MODES[mode])
        assert_same_rates(logged, used, range(5, 5 + STEPS), mode)


@pytest.mark.parametrize(("class_name", "mode"), in_turn(KERAS_ROWS))
def test_the_rates_of_a_training(class_name, mode):
    compare_rates_of_a_training(class_name, mode)


@pytest.mark.parametrize("mode", MODES)
def test_rates_without_a_formula(mode):
    """A schedule of one's own, a table, float64: computed by a compiled function."""

    class Own(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.3 * keras.ops.exp(-0.1 * keras.ops.cast(step, "float32"))

    for schedule in (
        Own(),
        fastlr.keras.TableSchedule(fastlr.CosineDecay(0.1, 9), 7),
        keras.optimizers.schedules.ExponentialDecay(np.float64(0.1), 10, 0.9),
        keras.optimizers.schedules.PiecewiseConstantDecay([5], [3.0, 2.0], name="steps"),
    ):
        logged, used = logged_and_used(keras.optimizers.SGD(schedule), **MODES[mode])
        assert_same_rates(logged, used, range(STEPS), mode)


@pytest.mark.parametrize("mode", ["graph", "xla"])
def test_several_steps_per_execution(mode):
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    model = recording_model(
        keras.optimizers.SGD(schedule), STEPS, steps_per_execution=5, **MODES[mode]
    )
    seen = Batches()
    used, _ = train(model, STEPS, callbacks=[LearningRateLogger(), seen])
    assert_same_rates(np.array(seen.rates, np.float32), used[[4, 9, 11]], [4, 9, 11], mode)


def test_constant_rates_that_others_change():
    model = dense_model(keras.optimizers.SGD(0.5))
    seen = Batches()

    def halve(epoch, rate):
        return rate / 2

    callbacks = [LearningRateLogger(), seen, keras.callbacks.LearningRateScheduler(halve)]
    history = fit_dense(model, epochs=3, callbacks=callbacks)
    assert history.history["lr"] == [0.25, 0.125, 0.0625]
    assert seen.rates == 6 * [0.25] + 6 * [0.125] + 6 * [0.0625]


class Replacing(keras.callbacks.Callback):
    """Gives the optimizer another schedule after the first epoch."""

    def __init__(self, schedule):
        super().__init__()
        self.schedule = schedule

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            self.model.optimizer.learning_rate = self.schedule


@pytest.mark.parametrize(
    "first", [0.3, fastlr.keras.CosineDecay(0.1, 100)], ids=["constant", "schedule"]
)
@pytest.mark.parametrize("mode", ["eager", "graph"])
def test_a_schedule_that_another_callback_replaces(mode, first):
    """Eager training goes on with the new one, compiled training with what it compiled."""
    second = fastlr.keras.CosineDecay(0.9, 100)
    model = recording_model(keras.optimizers.SGD(first), 4, **MODES[mode])
    seen = Batches()
    callbacks = [LearningRateLogger(), seen, Replacing(second)]
    used, _ = train(model, 4, epochs=2, callbacks=callbacks)
    logged = np.array(seen.rates, np.float32)
    assert_same_rates(logged[:4] + logged[4:], used, range(4), mode)
    assert (logged[4] == second(4)) == (mode == "eager")


@pytest.mark.parametrize(
    "first", [0.3, fastlr.keras.CosineDecay(0.1, 100)], ids=["constant", "schedule"]
)
def test_a_schedule_replaced_between_two_trainings(first):
    model = recording_model(keras.optimizers.SGD(first), 4, **MODES["graph"])
    logged, used = [], []
    for _ in range(2):
        clear(model)
        seen = Batches()
        used.append(train(model, 4, callbacks=[LearningRateLogger(), seen])[0])
        logged.append(np.array(seen.rates, np.float32))
        model.optimizer.learning_rate = fastlr.keras.CosineDecay(0.9, 100)
    assert_same_rates(np.array(logged), np.array(used), range(8), "two trainings")


def test_beside_the_callbacks_that_change_rates():
    """ReduceLROnPlateau writes the epoch's rate, too, under its own name."""
    model = dense_model(keras.optimizers.SGD(0.5))
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=1e9)
    history = fit_dense(model, epochs=4, callbacks=[LearningRateLogger(), plateau]).history
    assert set(history) == {"loss", "lr", "learning_rate"}
    assert history["lr"] == history["learning_rate"]
    assert history["lr"][:3] == [np.float32(0.5), np.float32(0.5), np.float32(0.05)]


def test_history_over_epochs_and_names():
    schedule = fastlr.keras.ExponentialDecay(0.1, 10, 0.5)
    model = dense_model(keras.optimizers.Adam(schedule))
    seen = Batches("rate")
    history = fit_dense(model, epochs=3, callbacks=[LearningRateLogger("rate"), seen])
    expected = schedule.table(18, execution="graph")
    assert_same_rates(np.array(seen.rates, np.float32), expected, range(18), "batches")
    assert history.history["rate"] == expected[[5, 11, 17]].tolist()


def test_csv_logger(tmp_path):
    schedule = fastlr.keras.CosineDecay(0.1, 20)
    file = tmp_path / "log.csv"
    callbacks = [LearningRateLogger(), keras.callbacks.CSVLogger(file)]
    fit_dense(dense_model(keras.optimizers.SGD(schedule)), epochs=3, callbacks=callbacks)
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert [float(row["lr"]) for row in rows] == (
        schedule.table(5, 18, 6, execution="graph").tolist()
    )


def test_a_batch_that_loss_scaling_skipped():
    """It has no rate; the entry stays."""
    schedule = fastlr.keras.ExponentialDecay(0.1, 1, 0.5)
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(schedule))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=optimizer, loss="mse", jit_compile=False)
    seen = Batches()
    x = np.array([[1.0], [1.0], [np.inf], [1.0]], np.float32)
    model.fit(x, np.ones(4), batch_size=1, shuffle=False, verbose=0,
              callbacks=[LearningRateLogger(), seen])  # fmt: skip
    expected = schedule.table(3, execution="graph")[[0, 1, 1, 2]]
    assert seen.rates == expected.tolist()


def test_gradient_accumulation():
    schedule = fastlr.keras.ExponentialDecay(0.1, 1, 0.5)
    model = dense_model(keras.optimizers.SGD(schedule, gradient_accumulation_steps=2))
    seen = Batches()
    fit_dense(model, epochs=1, callbacks=[LearningRateLogger(), seen])
    assert seen.rates == schedule.table(6, execution="graph").tolist()


def test_it_changes_nothing():
    def trained(callbacks):
        model = dense_model(keras.optimizers.Adam(fastlr.keras.CosineDecay(0.1, 20)))
        fit_dense(model, callbacks=callbacks)
        return [weight.tobytes() for weight in model.get_weights()]

    assert trained([LearningRateLogger()]) == trained([])


def test_under_a_distribution_strategy():
    schedule = fastlr.keras.CosineDecay(0.1, 20)
    with tf.distribute.MirroredStrategy(["/cpu:0"]).scope():
        model = dense_model(keras.optimizers.SGD(schedule))
    seen = Batches()
    fit_dense(model, epochs=1, callbacks=[LearningRateLogger(), seen])
    assert seen.rates == schedule.table(6, execution="graph").tolist()


def test_several_optimizers_have_several_rates():
    one = keras.optimizers.SGD(0.1)
    model = dense_model(keras.optimizers.MultiOptimizer(lambda variable: one))
    with pytest.raises(ValueError, match="several rates"):
        fit_dense(model, callbacks=[LearningRateLogger()])


def test_names_are_text():
    with pytest.raises(TypeError, match="`name` must be a string"):
        LearningRateLogger(3)


class GAN(keras.Model):
    """Keras's DCGAN example, small: `compile` and `train_step` with optimizers of its own.

    The discriminator takes two steps for each one of the generator, as in WGAN-GP.
    """

    def __init__(self):
        super().__init__()
        self.generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(16)])
        self.discriminator = keras.Sequential(
            [keras.Input((16,)), keras.layers.Dense(1, activation="sigmoid")]
        )

    def compile(self, d_optimizer, g_optimizer, loss_fn, **options):
        super().compile(**options)
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

    def train_step(self, real_images):
        count = tf.shape(real_images)[0]
        for _ in range(2):
            images = tf.concat([self.generate(count), real_images], axis=0)
            labels = tf.concat([tf.ones((count, 1)), tf.zeros((count, 1))], axis=0)
            with tf.GradientTape() as tape:
                d_loss = self.loss_fn(labels, self.discriminator(images))
            d_used = self.apply(self.d_optimizer, self.discriminator, tape, d_loss)
        with tf.GradientTape() as tape:
            judged = self.discriminator(self.generate(count))
            g_loss = self.loss_fn(tf.zeros((count, 1)), judged)
        g_used = self.apply(self.g_optimizer, self.generator, tape, g_loss)
        return {"d_loss": d_loss, "g_loss": g_loss, "d_used": d_used, "g_used": g_used}

    def generate(self, count):
        return self.generator(tf.random.normal((count, 3)))

    def apply(self, optimizer, network, tape, loss):
        """Train one network; the rate as the optimizer asks for it in this step."""
        used = optimizer._get_current_learning_rate()
        weights = network.trainable_weights
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return used


def gan(**options):
    model = GAN()
    schedules = fastlr.keras.CosineDecay(0.1, 20), fastlr.keras.PolynomialDecay(0.2, 7)
    optimizers = (keras.optimizers.SGD(schedule) for schedule in schedules)
    model.compile(*optimizers, keras.losses.BinaryCrossentropy(), **options)
    return model, schedules


def fit_gan(model, epochs=1, **options):
    images = np.random.default_rng(3).normal(size=(24, 16)).astype("float32")
    return model.fit(images, batch_size=4, epochs=epochs, verbose=0, **options)


@pytest.mark.parametrize("mode", MODES)
def test_optimizers_of_the_models_own(mode):
    """Each has its own schedule, and its own number of steps."""
    model, (falling, linear) = gan(**MODES[mode])
    seen = []
    logger = LearningRateLogger(optimizer={"d": model.d_optimizer, "g": model.g_optimizer})
    keeper = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(dict(logs))
    )
    history = fit_gan(model, callbacks=[logger, keeper]).history
    d_rates, g_rates = (table.table(20, execution=mode) for table in (falling, linear))
    for batch, logs in enumerate(seen):
        assert logs["d"] == logs["d_used"] == d_rates[2 * batch + 1]
        assert logs["g"] == logs["g_used"] == g_rates[batch]
    assert len(seen) == 6
    assert history["d"] == [d_rates[11]]
    assert history["g"] == [g_rates[5]]
    assert "lr" not in history


def test_an_optimizer_that_does_not_train():
    model, _ = gan()
    with pytest.warns(UserWarning, match="did not train the model") as caught:
        history = fit_gan(model, epochs=2, callbacks=[LearningRateLogger()])
    assert len(caught) == 1
    assert "lr" not in history.history
    with pytest.raises(ValueError, match="d_optimizer, g_optimizer"):
        fastlr.keras.learning_rate(model)
    assert fastlr.keras.learning_rate(model.d_optimizer, 0) == np.float32(0.1)


def test_optimizer_argument():
    model = dense_model(keras.optimizers.SGD(0.5))
    history = fit_dense(
        model, epochs=1, callbacks=[LearningRateLogger("rate", optimizer=model.optimizer)]
    )
    assert history.history["rate"] == [0.5]
    for wrong in (3, keras.optimizers.SGD, {"d": None}, {3: model.optimizer}, [model.optimizer]):
        with pytest.raises(TypeError, match="`optimizer` must be an optimizer of Keras"):
            LearningRateLogger(optimizer=wrong)


@pytest.mark.parametrize("optimizer", [None, "its own"])
def test_a_name_that_a_metric_has(optimizer):
    model = dense_model(keras.optimizers.SGD(0.5))
    optimizer = optimizer and {"loss": model.optimizer}
    logger = LearningRateLogger("loss", optimizer=optimizer)
    with pytest.raises(ValueError, match="would replace 'loss'"):
        fit_dense(model, epochs=1, callbacks=[logger])
    # Keras's own callbacks add to the logs of epochs.
    after = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate)
    logger = LearningRateLogger("learning_rate")
    assert fit_dense(model, callbacks=[after, logger]).history["learning_rate"][0] == 0.5


@pytest.mark.parametrize("mode", ["graph", "xla"])
def test_a_step_that_was_compiled_before(mode):
    """Keras goes on with the constant 0; the logger cannot know, and says so, once."""
    model = dense_model(keras.optimizers.SGD(0.0), **MODES[mode])
    fit_dense(model, epochs=1)
    model.optimizer.learning_rate = fastlr.keras.CosineDecay(0.1, 100)
    with pytest.warns(UserWarning, match="compiled before LearningRateLogger saw it") as caught:
        fit_dense(model, epochs=1, callbacks=[LearningRateLogger()])
    assert len(caught) == 1
    fit_dense(model, epochs=1, callbacks=[LearningRateLogger()])
    model.compile(model.optimizer, "mse", **MODES[mode])
    fit_dense(model, epochs=1, callbacks=[LearningRateLogger()])
