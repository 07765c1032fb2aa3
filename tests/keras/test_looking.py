"""Schedules of fastlr.keras as one looks at them: repr and plot, and in callbacks by epoch."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from bits import assert_same_bits
from matplotlib.figure import Figure
from models import dense_model, fit_dense, short
from registry import KERAS_ROWS

import fastlr.keras
from fastlr.keras import TableSchedule
from fastlr.keras._backend import backend

WARM = fastlr.CosineDecay(0.1, 20).with_warmup(5)


def curves(ax):
    """What is drawn: the curve and the places of the marks."""
    curve, *marks = ax.get_lines()
    return curve.get_xydata().tolist(), sorted(mark.get_xdata()[0] for mark in marks)


@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_reprs_evaluate_back(class_name):
    for config in KERAS_ROWS[class_name].configs[::9]:
        drop_in = getattr(fastlr.keras, class_name)(**config)
        again = eval(repr(drop_in), vars(fastlr.keras))
        assert type(again) is type(drop_in)
        assert again.get_config() == drop_in.get_config()
        assert repr(drop_in) == repr(getattr(fastlr, class_name)(**config))


def test_reprs_of_what_fastlr_takes_in_another_way():
    class Mine(fastlr.keras.CosineDecay):
        def get_config(self):
            raise NotImplementedError

    schedule = Mine(1, tf.constant(10), np.array([0.5]))
    assert repr(schedule).startswith("Mine(initial_learning_rate=1, decay_steps=<tf.Tensor")
    schedule.alpha = 0.25
    assert repr(schedule).endswith("alpha=0.25)")


def test_reprs_of_tables():
    for table in (TableSchedule(WARM, 9), TableSchedule([0.5, 0.25])):
        again = eval(repr(table), {**vars(fastlr), "TableSchedule": TableSchedule})
        assert again.get_config() == table.get_config()


@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_plots_are_those_of_fastlr(class_name):
    drop_in = getattr(fastlr.keras, class_name)(**short(class_name))
    ours = getattr(fastlr, class_name)(**short(class_name))
    for how in ({"stop": 20}, {"start": 3, "stop": 9, "execution": "xla", "steps_per_epoch": 2}):
        ax, expected = Figure().subplots(), Figure().subplots()
        assert drop_in.plot(ax, **how, log_scale=True, label="mine") is ax
        assert curves(ax) == curves(ours.plot(expected, **how))
        assert ax.get_yscale() == "log"
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["mine"]


def test_no_plot_of_other_rates():
    class Offset(fastlr.keras.CosineDecay):
        def __call__(self, step):
            return super().__call__(step + 5)

    with pytest.raises(TypeError, match="Offset overrides `__call__`"):
        Offset(0.1, 10).plot(Figure().subplots())
    with pytest.raises(ValueError, match="must be of one type of floats"):
        fastlr.keras.CosineDecay(1, 10).plot(Figure().subplots())


@pytest.mark.parametrize("rate", [0.1, np.float64(0.1)])
def test_tables_of_tables(rate):
    """What calls return, beyond both ends, too; the same in every mode."""
    schedule = TableSchedule(fastlr.ExponentialDecay(rate, 3, 0.5), 10)
    dtype = schedule(0).dtype.as_numpy_dtype
    for steps in (range(12), range(-3, 14), range(25, -9, -4), range(0)):
        expected = np.array([float(schedule(step)) for step in steps], dtype)
        found = schedule.table(steps.start, steps.stop, steps.step, execution="xla", threads=2)
        assert_same_bits(found, expected, steps, "table")
    out = np.empty(3, dtype)
    assert schedule.table(3, out=out) is out
    assert out.tolist() == schedule.table(3).tolist()


def test_tables_of_rates_that_are_not_finite():
    grows = TableSchedule(fastlr.ExponentialDecay(1.0, 1, 10.0), 50)
    assert grows.table(49, 52).tolist() == [np.inf] * 3


def test_tables_refuse_what_others_refuse():
    schedule = TableSchedule([0.5, 0.25])
    for wrong, error in (
        ({"out": np.empty(2)}, ValueError),
        ({"threads": 0}, ValueError),
        ({"execution": "jit"}, ValueError),
        ({"step": 0}, ValueError),
        ({"start": 0.5}, TypeError),
    ):
        with pytest.raises(error):
            schedule.table(**{"start": 3, "stop": None, **wrong})
    with pytest.raises(ValueError, match="`execution`"):
        schedule.plot(Figure().subplots(), execution="jit")


def test_plots_of_tables():
    table = TableSchedule(WARM, 15)
    curve, marks = curves(table.plot(Figure().subplots()))
    assert curve == [[step, rate] for step, rate in enumerate(WARM.table(15).tolist())]
    assert marks == [5]
    curve, _ = curves(table.plot(Figure().subplots(), start=-2, stop=30))
    rates = WARM.table(15).tolist()
    assert [rate for _, rate in curve] == [rates[0]] * 2 + rates + [rates[-1]] * 15
    ax = TableSchedule([0.5, 0.25]).plot(Figure().subplots())
    assert ax.get_lines()[0].get_label() == "TableSchedule(Table(values=[0.5, 0.25]), steps=2)"


def test_what_a_table_looks_up():
    """`from_keras` gives a schedule with the same rates."""
    table = TableSchedule(WARM, 15)
    for obj in (table, dense_model(keras.optimizers.SGD(table))):
        found = fastlr.keras.from_keras(obj)
        assert_same_bits(found.table(40), table.table(40), range(40), "from_keras")
    array = TableSchedule([0.5, 0.25])
    assert fastlr.keras.from_keras(array) == fastlr.Table([0.5, 0.25])


@pytest.mark.parametrize(
    "schedule",
    [
        fastlr.CosineDecay(0.1, 4),
        fastlr.keras.CosineDecay(0.1, 4),
        TableSchedule(fastlr.CosineDecay(0.1, 4), 9),
    ],
    ids=lambda schedule: type(schedule).__module__,
)
def test_in_a_callback_that_sets_the_rate_of_each_epoch(schedule):
    model = dense_model(keras.optimizers.SGD(0.5))
    callbacks = [keras.callbacks.LearningRateScheduler(schedule)]
    history = fit_dense(model, epochs=3, callbacks=callbacks).history
    assert history["learning_rate"] == fastlr.CosineDecay(0.1, 4).table(3).tolist()


def test_on_a_gpu_keras_computes_what_trains(monkeypatch):
    """Its operations round in their own way there; numbers still have fastlr's bits."""
    called = []
    original = keras.optimizers.schedules.CosineDecay.__call__

    def spy(self, step):
        called.append(step)
        return original(self, step)

    monkeypatch.setattr(keras.optimizers.schedules.CosineDecay, "__call__", spy)
    devices = [tf.config.LogicalDevice("CPU:0", "CPU"), tf.config.LogicalDevice("GPU:0", "GPU")]
    monkeypatch.setattr(backend._tf.config, "list_logical_devices", lambda: devices)
    schedule = fastlr.keras.CosineDecay(0.1, 10)
    optimizer = keras.optimizers.SGD(schedule)
    for rate in (schedule(tf.constant(0)), optimizer.learning_rate, schedule(keras.Variable(0))):
        assert float(rate) == np.float32(0.1)
    assert len(called) == 3
    assert float(schedule(5)) == fastlr.CosineDecay(0.1, 10)(5)
    assert len(called) == 3
