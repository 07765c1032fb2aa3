"""`TableSchedule`: the rates that real training steps used, in every execution mode."""

from __future__ import annotations

import copy
import json
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf
from bits import assert_same_bits
from models import MODES, clear, dense_model, fit_dense, in_turn, recording_model, train
from registry import ROWS

import fastlr.keras
from fastlr.keras import TableSchedule

STEPS, TABLE = 16, 10


def expected(schedule, start=0):
    return schedule.table(TABLE)[np.minimum(np.arange(start, start + STEPS), TABLE - 1)]


def compare_entries_of_a_training(class_name, mode):
    schedule = getattr(fastlr, class_name).from_config(ROWS[class_name].configs[0])
    model = recording_model(
        keras.optimizers.SGD(TableSchedule(schedule, TABLE)), STEPS, **MODES[mode]
    )
    used, _ = train(model, STEPS)
    assert_same_bits(used, expected(schedule), range(STEPS), mode)


@pytest.mark.parametrize(("class_name", "mode"), in_turn(ROWS))
def test_training_uses_the_entries(class_name, mode):
    compare_entries_of_a_training(class_name, mode)


@pytest.mark.parametrize("mode", MODES)
def test_resuming_continues_at_the_right_entry(mode, tmp_path):
    schedule = fastlr.CosineDecay(0.1, 20)
    model = recording_model(keras.optimizers.SGD(TableSchedule(schedule, 40)), STEPS, **MODES[mode])
    train(model, STEPS)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.optimizer._learning_rate.get_config() == {
        "schedule": fastlr.serialize(schedule), "steps": 40,
    }  # fmt: skip
    clear(loaded)
    used, _ = train(loaded, STEPS)
    assert_same_bits(used, schedule.table(STEPS, 2 * STEPS), range(STEPS, 2 * STEPS), mode)


def test_resuming_from_a_checkpoint(tmp_path):
    schedule = fastlr.ExponentialDecay(0.1, 20, 0.5)
    before = recording_model(keras.optimizers.SGD(TableSchedule(schedule, 40)), STEPS)
    train(before, STEPS)
    tf.train.Checkpoint(optimizer=before.optimizer).write(str(tmp_path / "checkpoint"))
    after = recording_model(keras.optimizers.SGD(TableSchedule(schedule, 40)), STEPS)
    after.optimizer.build(after.trainable_variables)
    tf.train.Checkpoint(optimizer=after.optimizer).read(str(tmp_path / "checkpoint"))
    clear(after)  # the optimizer's checkpoint holds the weights, too
    used, _ = train(after, STEPS)
    assert_same_bits(used, schedule.table(STEPS, 2 * STEPS), range(STEPS, 2 * STEPS), "checkpoint")


@pytest.mark.parametrize("jit_compile", [False, True])
def test_every_kind_of_step(jit_compile):
    ours = fastlr.CosineDecay(0.1, 20)
    schedule = TableSchedule(ours, TABLE)
    compiled = tf.function(schedule, jit_compile=jit_compile)
    entries = {-5: 0, -1: 0, 0: 0, 3: 3, TABLE - 1: TABLE - 1, TABLE: TABLE - 1, 10**12: TABLE - 1}
    for step, entry in entries.items():
        for kind in (
            step,
            float(step),
            np.int64(step),
            tf.constant(step, tf.int64),
            tf.constant(float(step)),
            keras.Variable(step, dtype="int64"),
            np.array([step, step]),
        ):
            assert np.all(schedule(kind).numpy() == ours(entry)), (step, kind)
        assert compiled(tf.constant(step, tf.int64)).numpy() == ours(entry), step
    assert compiled(tf.constant(7, tf.int32)).numpy() == ours(7)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64", "float16"])
def test_steps_of_small_types(dtype):
    ours = fastlr.CosineDecay(0.1, 2000)
    schedule = TableSchedule(ours, 1000)
    step = tf.constant(100, dtype)
    assert schedule(step).numpy() == tf.function(schedule)(step).numpy() == ours(100)


@pytest.mark.parametrize(
    ("step", "dtype", "entry"),
    [
        (3 * 10**9, "uint32", 4099),
        (2**63, "uint64", 4099),
        (4098, "uint32", 4098),
        (5000, "float16", 4099),
        (float("inf"), "float16", 4099),
        (4096, "bfloat16", 4096),
        (4128, "bfloat16", 4099),
        (-3, "bfloat16", 0),
        (float("-inf"), "float32", 0),
        (float("inf"), "float64", 4099),
    ],
)
def test_steps_that_the_table_does_not_hold(step, dtype, entry):
    ours = fastlr.CosineDecay(0.1, 5000)
    schedule = TableSchedule(ours, 4100)
    tensor = tf.constant(step, dtype)
    assert schedule(tensor).numpy() == ours(entry)
    assert tf.function(schedule)(tensor).numpy() == ours(entry)


def test_numbers_that_the_table_does_not_hold():
    ours = fastlr.CosineDecay(0.1, 5000)
    schedule = TableSchedule(ours, 4100)
    for step in (np.uint64(2**63), 10**30, float("inf"), np.float32("inf"), np.float64(1e300)):
        assert schedule(step).numpy() == ours(4099), step


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_the_rate_at_nan_is_nan(dtype):
    schedule = TableSchedule(fastlr.CosineDecay(0.1, 5000), 4100)
    steps = tf.constant([float("nan"), 5.0], dtype)
    for rates in (schedule(steps), tf.function(schedule)(steps)):
        assert np.isnan(rates[0])
        assert rates[1] == fastlr.CosineDecay(0.1, 5000)(5)
    for step in (steps[0], float("nan"), np.float32("nan")):
        assert np.isnan(schedule(step).numpy())


@pytest.mark.parametrize("beyond", [4, 5])
def test_tables_longer_than_float32_counts(beyond):
    """Number 2**24 + 5 is none in float32; 2**24 + 3 is rounded to a later one."""
    ours = fastlr.ExponentialDecay(0.1, 10**6, 0.9)
    schedule = TableSchedule(ours, 2**24 + beyond)
    for step in (2.0**25, 2.0**24 + 6):
        assert schedule(tf.constant(step)).numpy() == ours(2**24 + beyond - 1)
    assert schedule(tf.constant(2.0**24 + 2)).numpy() == ours(2**24 + 2)


def test_made_inside_a_function():
    kept = []

    @tf.function
    def trained(step):
        if not kept:
            kept.append(TableSchedule(fastlr.CosineDecay(0.1, 20), TABLE))
        return kept[0](step)

    assert trained(tf.constant(5)).numpy() == fastlr.CosineDecay(0.1, 20)(5)
    assert kept[0](5).numpy() == fastlr.CosineDecay(0.1, 20)(5)


def test_the_table_is_not_part_of_the_graph():
    """A long table is an input of the compiled step, not a constant in it."""
    schedule = TableSchedule(fastlr.CosineDecay(0.1, 10**6), 10**6)
    graph = tf.function(schedule).get_concrete_function(tf.TensorSpec((), tf.int64)).graph
    assert graph.as_graph_def().ByteSize() < 10_000


@pytest.mark.parametrize(
    "schedule",
    [
        fastlr.CosineDecay(0.1, 20),
        fastlr.keras.CosineDecay(0.1, 20),
        keras.optimizers.schedules.CosineDecay(0.1, 20),
    ],
)
def test_what_it_is_made_from(schedule):
    assert TableSchedule(schedule, 5).schedule == fastlr.CosineDecay(0.1, 20)


def test_copies():
    table = TableSchedule(fastlr.CosineDecay(0.1, 20), TABLE)
    for again in (
        copy.deepcopy(table),
        pickle.loads(pickle.dumps(table)),
        TableSchedule.from_config(json.loads(json.dumps(table.get_config()))),
        keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(table)),
        keras.optimizers.SGD.from_config(keras.optimizers.SGD(table).get_config())._learning_rate,
    ):
        assert type(again) is TableSchedule
        assert again.get_config() == table.get_config()
        assert again(5).numpy() == table(5).numpy()


def with_a_floor(peak):
    """Linear warmup, half a cosine, and a constant rate as its floor."""
    cosine = fastlr.CosineDecay(peak, 9).with_warmup(4)
    return fastlr.Join([cosine, fastlr.Constant(0.01)], [12])


@pytest.mark.parametrize("mode", ["graph", "xla"])
@pytest.mark.parametrize(
    "made",
    [
        lambda: (TableSchedule(with_a_floor(0.1), STEPS), with_a_floor(0.1).table(2 * STEPS)),
        lambda: (TableSchedule(with_a_floor(0.1).table(14)), with_a_floor(0.1).table(2 * STEPS)),
    ],
    ids=["composition", "array"],
)
def test_a_whole_training_with_a_composition_saved_and_loaded(made, mode, tmp_path):
    schedule, rates = made()
    model = recording_model(keras.optimizers.SGD(schedule), STEPS, **MODES[mode])
    assert_same_bits(train(model, STEPS)[0], rates[:STEPS], range(STEPS), mode)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.optimizer._learning_rate.get_config() == schedule.get_config()
    clear(loaded)
    assert_same_bits(train(loaded, STEPS)[0], rates[STEPS:], range(STEPS, 2 * STEPS), mode)


def test_arrays():
    for values in ([0.5, 0.25], (0.5, 0.25), np.array([0.5, 0.25]), tf.constant([0.5, 0.25])):
        table = TableSchedule(values)
        assert table.steps == 2
        assert [float(table(step)) for step in (-1, 0, 1, 2)] == [0.5, 0.5, 0.25, 0.25]
        again = TableSchedule.from_config(json.loads(json.dumps(table.get_config())))
        assert [float(again(step)) for step in (0, 1)] == [0.5, 0.25]
    assert TableSchedule([0.5, 0.25], 5).steps == 5
    assert TableSchedule(np.array([0.5])).schedule(0) == 0.5


def test_arrays_become_float32():
    rates = np.linspace(0.0, 0.1, 7)
    table = TableSchedule(rates)
    again = TableSchedule.from_config(json.loads(json.dumps(table.get_config())))
    for schedule in (table, again):
        assert_same_bits(schedule.schedule.table(7), rates.astype(np.float32), range(7), "array")
        assert schedule(1).dtype == tf.float32


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ([], ValueError, "at least one"),
        ([0.1, float("nan")], ValueError, "finite"),
        (np.zeros((2, 2)), TypeError, "one dimension"),
        (["0.1"], TypeError, "real number"),
        ("0.1", TypeError, "Received"),
        (np.zeros(500_001, np.float32), ValueError, "at most 500,000 rates"),
    ],
)
def test_arrays_that_are_no_tables(values, error, said):
    with pytest.raises(error, match=said):
        TableSchedule(values)


def test_keras_has_no_compositions():
    for schedule in (with_a_floor(0.1), 0.5 * fastlr.CosineDecay(0.1, 9), fastlr.Table([0.1])):
        with pytest.raises(ValueError, match=r"Keras has no schedule .*TableSchedule"):
            fastlr.keras.to_keras(schedule)
    cosine = fastlr.recipes.cosine_with_warmup(0.1, 9, 3)
    assert fastlr.keras.to_keras(cosine).get_config() == cosine.get_config()


def test_float64():
    ours = fastlr.CosineDecay(np.float64(0.1), 20)
    table = TableSchedule(ours, TABLE)
    assert table(3).numpy() == ours(3)
    assert table(3).dtype == tf.float64
    assert tf.function(table)(tf.constant(3)).numpy() == ours(3)


@pytest.mark.parametrize("steps", [0, -1])
def test_lengths_that_make_no_table(steps):
    with pytest.raises(ValueError, match="`steps` must be > 0"):
        TableSchedule(fastlr.CosineDecay(0.1, 20), steps)


@pytest.mark.parametrize("steps", [1.5, "3", None])
def test_lengths_that_are_no_integers(steps):
    with pytest.raises(TypeError, match="`steps` must be an integer"):
        TableSchedule(fastlr.CosineDecay(0.1, 20), steps)


@pytest.mark.parametrize("schedule", [0.1, None, fastlr.LearningRateSchedule])
def test_what_makes_no_table(schedule):
    with pytest.raises(TypeError, match="Received"):
        TableSchedule(schedule, 5)


def test_under_a_distribution_strategy():
    with tf.distribute.MirroredStrategy(["/cpu:0"]).scope():
        model = dense_model(keras.optimizers.SGD(TableSchedule(fastlr.CosineDecay(0.1, 20), 30)))
    fit_dense(model, epochs=1)
    assert fastlr.keras.learning_rate(model) == fastlr.CosineDecay(0.1, 20)(6)


class Halving(fastlr.LearningRateSchedule):
    """A schedule of one's own, of plain fastlr."""

    def __init__(self, start):
        self.start = start

    def __call__(self, step):
        return self.start * 0.5**step

    def get_config(self):
        return {"start": self.start}


@keras.saving.register_keras_serializable("mine")
class Third(Halving):
    """One that Keras knows."""

    def __call__(self, step):
        return self.start / 3**step


def test_a_table_of_a_registered_schedule(tmp_path):
    """Loaded, copied and pickled without custom objects."""
    model = dense_model(keras.optimizers.SGD(fastlr.keras.TableSchedule(Third(0.5), 6)))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras").optimizer._learning_rate
    for schedule in (loaded, copy.deepcopy(loaded), pickle.loads(pickle.dumps(loaded))):
        assert type(schedule.schedule) is Third
        assert float(schedule(2)) == np.float32(0.5 / 9)


@pytest.mark.parametrize("part", [Third(0.5), Halving(0.5)], ids=["registered", "custom"])
def test_a_composition_with_a_part_of_ones_own(part, tmp_path):
    """Its class is found wherever it stands."""
    composition = (0.5 * fastlr.Join([fastlr.Constant(0.1), part.with_warmup(2)], [3])).shifted(1)
    model = dense_model(keras.optimizers.SGD(TableSchedule(composition, 9)))
    model.save(tmp_path / "model.keras")
    custom = {} if isinstance(part, Third) else {"Halving": Halving}
    loaded = keras.models.load_model(tmp_path / "model.keras", custom_objects=custom)
    schedule = loaded.optimizer._learning_rate.schedule
    assert type(schedule.schedule.schedule.schedules[1].schedules[1]) is type(part)
    assert_same_bits(schedule.table(9), composition.table(9), range(9), "loaded")


def test_a_table_of_a_schedule_of_ones_own(tmp_path):
    schedule = fastlr.keras.TableSchedule(Halving(0.5), 6)
    assert [float(schedule(step)) for step in (0, 1, 5, 6)] == [0.5, 0.25, 2.0**-6, 2.0**-6]
    model = recording_model(keras.optimizers.SGD(schedule), 8, **MODES["graph"])
    used, _ = train(model, 8)
    assert used.tolist() == [2.0 ** -(1 + min(step, 5)) for step in range(8)]
    model.save(tmp_path / "model.keras")
    with pytest.raises((TypeError, ValueError), match="Halving"):
        keras.models.load_model(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", custom_objects={"Halving": Halving})
    clear(loaded)
    loaded.optimizer.iterations.assign(0)
    assert train(loaded, 8)[0].tolist() == used.tolist()
