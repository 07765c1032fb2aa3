"""The six classes: Keras's bits, wherever they come from, and Keras's behaviour everywhere else."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from bits import assert_same_rates
from registry import KERAS_ROWS, config_id, float64_config, steps_around

import fastlr.keras
from fastlr._verify import keras_oracle
from fastlr.keras.schedules import DROP_INS
from fastlr.schedules.kernel_schedule import SCHEDULES

KERAS = keras.optimizers.schedules


def pair(class_name, config):
    """The drop-in and the original, made from the same arguments."""
    return getattr(fastlr.keras, class_name)(**config), getattr(KERAS, class_name)(**config)


def outcome(schedule, step):
    """What a call gives: bits and dtype, or that it fails."""
    try:
        result = schedule(step)
    except Exception:
        return "fails"
    array = np.asarray(result)
    return array.dtype, array.shape, (array + 0).tobytes() if np.isfinite(array).all() else "nan"


@pytest.fixture
def ops_of_keras(monkeypatch):
    """Names of the built-in schedules whose original `__call__` ran."""
    called = []
    for name in KERAS_ROWS:
        original = getattr(KERAS, name)
        call = original.__call__

        def spy(self, step, call=call, name=name):
            called.append(name)
            return call(self, step)

        monkeypatch.setattr(original, "__call__", spy)
    return called


def compare_eager_steps(class_name, config):
    """Compare a drop-in with the original; how many values that were."""
    drop_in, original = pair(class_name, config)
    steps = steps_around(config, KERAS_ROWS[class_name], np.random.default_rng(1), random=5)
    steps = steps[:: max(1, len(steps) // 12)]
    for step in steps:
        variable = tf.Variable(step, dtype=tf.int64)
        expected = outcome(original, variable)
        for kind in (variable, tf.constant(step, tf.int64), keras.Variable(step, dtype="int64")):
            ours = outcome(drop_in, kind)
            assert ours == expected, (class_name, config, step, type(kind))
    return 3 * len(steps)


@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_eager_steps_have_keras_bits(class_name, count_compared):
    """With some configurations; tests/full/keras takes all of them."""
    for config in KERAS_ROWS[class_name].configs[::4]:
        count_compared("drop-in and Keras eager", compare_eager_steps(class_name, config))


# Arguments of every kind, sensible or not. What fastlr takes in another way than Keras is Keras's.
KINDS = [
    {"initial_learning_rate": 1, "decay_steps": 100},
    {"initial_learning_rate": 0, "decay_steps": 100, "warmup_target": 0.1, "warmup_steps": 9},
    {"initial_learning_rate": np.float32(0.1), "decay_steps": 100},
    {"initial_learning_rate": np.float64(0.1), "decay_steps": 100, "alpha": 0.3},
    {"initial_learning_rate": np.float16(0.1), "decay_steps": 100},
    {"initial_learning_rate": np.int64(1), "decay_steps": 100},
    {"initial_learning_rate": 0.1, "decay_steps": np.int64(100)},
    {"initial_learning_rate": 0.1, "decay_steps": np.float64(100.1)},
    {"initial_learning_rate": 0.1, "decay_steps": np.float16(100)},
    {"initial_learning_rate": 0.1, "decay_steps": 100, "alpha": np.float64(0.3)},
    {"initial_learning_rate": 0.1, "decay_steps": 100, "alpha": np.float32(0.3)},
    {"initial_learning_rate": 0.1, "decay_steps": 100, "alpha": np.float16(0.3)},
    {"initial_learning_rate": 0.1, "decay_steps": 100, "alpha": np.int64(0)},
    {"initial_learning_rate": 0.1, "decay_steps": 100, "alpha": True},
    {"initial_learning_rate": 0.1, "decay_steps": 100, "warmup_target": 1, "warmup_steps": 9.5},
    {"initial_learning_rate": 0.1, "decay_steps": 100, "name": None},
    {"initial_learning_rate": float("nan"), "decay_steps": 100},
    {"initial_learning_rate": float("inf"), "decay_steps": 100},
    {"initial_learning_rate": 0.1, "decay_steps": float("inf")},
    {"initial_learning_rate": 0.1, "decay_steps": 1e-40},
    {"initial_learning_rate": 1e-40, "decay_steps": 10},
    {"initial_learning_rate": "tensor", "decay_steps": 100},
    {"initial_learning_rate": 0.1, "decay_steps": "tensor"},
    {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 1e-40},
    {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": np.float64(0.9)},
    {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9, "staircase": 1},
    {"initial_learning_rate": 0.1, "decay_steps": 10, "power": np.float64(0.9), "cycle": True},
    {"initial_learning_rate": 0.1, "decay_steps": np.int32(10), "power": 2, "cycle": True},
    {"initial_learning_rate": 0.1, "decay_steps": np.float64(9.7), "power": 2.0, "cycle": True},
    {"initial_learning_rate": 0.1, "first_decay_steps": 10, "t_mul": 2, "m_mul": np.float64(0.9)},
    {"initial_learning_rate": 0.1, "first_decay_steps": 10, "t_mul": np.int64(2)},
    {"boundaries": [10, 20], "values": [1, 2, 3]},
    {"boundaries": [10, 20], "values": [1.0, 2, 3]},
    {"boundaries": [10, 20], "values": [1.0, np.float64(2.5), 3.0]},
    {"boundaries": [10, 20], "values": np.array([1.5, 2.5, 3.5])},
    {"boundaries": [10, 20], "values": np.array([1.5, 2.5, 3.5], np.float32)},
    {"boundaries": np.array([10, 20]), "values": [1.5, 2.5, 3.5]},
    {"boundaries": (10, 20.5), "values": (1.5, 2.5, 3.5)},
    {"boundaries": [10, 2**40], "values": [1.5, 2.5, 3.5]},
    {"boundaries": [-(2**40), 10], "values": [1.5, 2.5, 3.5]},
    {"boundaries": [], "values": [1.5]},
    {"boundaries": [10], "values": [1e-40, 1.0]},
    {"boundaries": [10], "values": [float("nan"), 1.0]},
]


@pytest.mark.parametrize("config", KINDS, ids=config_id)
def test_arguments_of_every_kind_give_what_keras_gives(config):
    config = {k: tf.constant(50.0) if isinstance(v, str) else v for k, v in config.items()}
    taken = [
        name
        for name in KERAS_ROWS
        if set(config) <= set(inspect.signature(getattr(KERAS, name)).parameters)
    ]
    assert taken
    for name in taken:
        full = dict(config)
        if "decay_rate" in inspect.signature(getattr(KERAS, name)).parameters:
            full.setdefault("decay_rate", 0.9)
        drop_in, original = pair(name, full)
        for step in (0, 1, 10, 11, 25):
            for kind in (step, tf.Variable(step, dtype=tf.int64), tf.constant(step, tf.int32)):
                expected, ours = outcome(original, kind), outcome(drop_in, kind)
                if expected == "fails" and isinstance(kind, int):
                    continue  # fastlr may do better
                assert ours == expected, (name, full, kind)


@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_who_computes(class_name, ops_of_keras):
    """Numbers and tensors with a value go through fastlr, the rest through Keras."""
    drop_in, original = pair(class_name, KERAS_ROWS[class_name].configs[0])
    for step in (5, 5.5, True, np.int64(5), np.float32(5.5), np.array(5), np.array([5, 6])):
        assert tf.is_tensor(drop_in(step))
    for step in (tf.constant(5), tf.Variable(5), keras.Variable(5, dtype="int64")):
        assert drop_in(step).dtype == tf.float32
    assert ops_of_keras == []

    tf.function(drop_in)(tf.constant(5))
    tf.function(lambda: drop_in(5))()  # no tensor, but operations recorded for later
    assert ops_of_keras == 2 * [class_name]
    for step in (tf.constant(5.5), tf.constant(5, tf.int8)):
        assert outcome(drop_in, step) == outcome(original, step)
    assert ops_of_keras == 6 * [class_name]


@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_results_are_tensors(class_name):
    config = KERAS_ROWS[class_name].configs[0]
    drop_in, _ = pair(class_name, config)
    ours = getattr(fastlr, class_name)(**config)
    assert drop_in(5).numpy() == ours(5)
    assert float(drop_in(5)) == ours(5)
    assert drop_in(5).dtype == tf.float32
    assert drop_in(5).shape == ()
    assert_same_rates(drop_in(np.arange(9)), ours.table(9), range(9), class_name)


@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_float64(class_name, ops_of_keras):
    config = float64_config(KERAS_ROWS[class_name].configs[0])
    drop_in, original = pair(class_name, config)
    ours = [drop_in(step).numpy() for step in range(20)]
    assert ops_of_keras == []
    assert_same_rates(ours, [original(step).numpy() for step in range(20)], range(20), class_name)
    assert drop_in.table(20).dtype == np.float64


@pytest.mark.parametrize("floatx", ["float16", "bfloat16", "float64"])
@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_floatx_has_the_meaning_that_keras_gives_it(class_name, floatx):
    drop_in, original = pair(class_name, KERAS_ROWS[class_name].configs[0])
    before = keras.config.floatx()
    keras.config.set_floatx(floatx)
    try:
        for step in (0, 7, tf.Variable(7, dtype=tf.int64)):
            theirs = outcome(original, step)
            assert outcome(drop_in, step) == theirs
    finally:
        keras.config.set_floatx(before)


@pytest.mark.parametrize(
    ("class_name", "config"), [(n, r.configs[0]) for n, r in KERAS_ROWS.items()], ids=config_id
)
def test_is_keras_class_in_all_but_speed(class_name, config):
    drop_in, original = pair(class_name, config)
    assert isinstance(drop_in, type(original))
    assert type(drop_in).__name__ == class_name
    assert inspect.signature(type(drop_in)) == inspect.signature(type(original))
    for parameter in inspect.signature(type(drop_in)).parameters:
        assert f"\n{parameter} : " in type(drop_in).__doc__
    assert drop_in.get_config() == original.get_config()
    for again in (
        type(drop_in).from_config(drop_in.get_config()),
        copy.copy(drop_in),
        copy.deepcopy(drop_in),
        pickle.loads(pickle.dumps(drop_in)),
        keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(drop_in)),
        KERAS.deserialize(KERAS.serialize(drop_in)),
    ):
        assert type(again) is type(drop_in)
        assert again.get_config() == drop_in.get_config()
        assert again(5).numpy() == drop_in(5).numpy()
    # Importing fastlr.keras changes nothing for those who do not use it.
    assert type(KERAS.deserialize(KERAS.serialize(original))) is type(original)


@pytest.mark.parametrize(
    ("class_name", "config"),
    [
        ("CosineDecay", {"initial_learning_rate": np.array(0.1), "decay_steps": np.array(10)}),
        ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 10, "alpha": np.array(0.5)}),
        ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 10,
                                 "t_mul": np.array(2.0)}),
        ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 10,
                                 "m_mul": np.array([0.5])}),
    ],
)  # fmt: skip
def test_arrays_for_numbers(class_name, config):
    """Keras takes them, and computes: fastlr's table names the argument."""
    drop_in, original = pair(class_name, config)
    with pytest.raises(TypeError, match=r"Argument `\w+` must be a"):
        drop_in.table(5)
    assert drop_in(13).numpy() == original(13).numpy()
    assert drop_in.get_config().keys() == original.get_config().keys()


def test_all_have_names():
    """Those for people and type checkers are written down; the classes come from a list."""
    assert set(DROP_INS) == set(KERAS_ROWS) == {name for name in SCHEDULES if hasattr(KERAS, name)}
    assert set(DROP_INS) < set(fastlr.keras.__all__)


def test_changed_attributes_count():
    schedule = fastlr.keras.CosineDecay(0.1, 1000)
    assert float(schedule(0)) == np.float32(0.1)
    schedule.initial_learning_rate = 0.2
    assert float(schedule(0)) == np.float32(0.2)
    assert schedule.table(1)[0] == np.float32(0.2)
    steps = fastlr.keras.PiecewiseConstantDecay([10], [0.1, 0.2])
    assert float(steps(0)) == np.float32(0.1)
    steps.values[0] = 0.5
    assert float(steps(0)) == np.float32(0.5)


def test_subclasses_may_take_other_arguments():
    class Peak(fastlr.keras.CosineDecay):
        def __init__(self, peak):
            super().__init__(0.0, 90, warmup_target=peak, warmup_steps=10)
            self.peak = peak

        def get_config(self):
            return {"peak": self.peak}

    assert float(Peak(0.5)(10)) == 0.5
    assert Peak(0.5).table(11)[10] == 0.5


@pytest.mark.parametrize("execution", ["eager", "graph", "xla"])
@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_table(class_name, execution):
    config = KERAS_ROWS[class_name].configs[0]
    drop_in, _ = pair(class_name, config)
    ours = getattr(fastlr, class_name)(**config)
    out = np.empty(5, np.float32)
    assert drop_in.table(3, 13, 2, out=out, threads=1, execution=execution) is out
    assert_same_rates(out, ours.table(3, 13, 2, execution=execution), range(3, 13, 2), class_name)


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"initial_learning_rate": 1, "decay_steps": 10}, "must be of one type of floats"),
        ({"initial_learning_rate": float("nan"), "decay_steps": 10}, "`initial_learning_rate`"),
        ({"initial_learning_rate": 0.1, "decay_steps": 10, "alpha": np.int64(0)}, "`alpha`"),
        ({"initial_learning_rate": 0.1, "decay_steps": 10, "name": None}, "`name`"),
    ],
    ids=str,
)
def test_no_table_of_what_fastlr_computes_in_another_way(config, named):
    with pytest.raises(ValueError, match=named):
        fastlr.keras.CosineDecay(**config).table(10)


def test_steps_of_the_wrong_kind():
    with pytest.raises(TypeError, match="Steps must be"):
        fastlr.keras.CosineDecay(0.1, 10)(np.array("five"))


def test_oracle_takes_the_same_path_as_training():
    """An optimizer passes its own variable to the schedule."""
    optimizer = keras.optimizers.SGD(fastlr.keras.CosineDecay(0.1, 10))
    optimizer.iterations.assign(5)
    expected = keras_oracle.rates(KERAS.CosineDecay(0.1, 10), [5])[0]
    assert optimizer.learning_rate.numpy() == expected


def test_an_optimizer_says_what_it_takes():
    """A schedule of plain fastlr, which Keras takes for a function without arguments."""
    optimizer = keras.optimizers.SGD(fastlr.CosineDecay(0.1, 10))
    with pytest.raises(TypeError, match=r"this is `fastlr.CosineDecay`.*Use `fastlr\.keras\.Cos"):
        float(optimizer.learning_rate)


WARM = {"initial_learning_rate": 0.0, "decay_steps": 10, "warmup_target": 0.1, "warmup_steps": 5}


@pytest.mark.parametrize(
    "steps",
    [[0, 1, 2], (0, 1, 2), range(3), np.arange(3), [0.0, 1.0, 2.0], tf.range(3),
     tf.constant([0, 1, 2], tf.int64), tf.constant([[0, 1, 2]]), tf.constant([0.0, 1.0, 2.0])],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("config", [WARM, {"initial_learning_rate": 0.1, "decay_steps": 10}])
def test_several_steps_at_once(steps, config):
    rates = fastlr.keras.CosineDecay(**config)(steps)
    assert tf.is_tensor(rates)
    expected = fastlr.CosineDecay(**config).table(3).reshape(np.shape(steps))
    assert rates.shape == expected.shape
    assert rates.numpy().tobytes() == expected.tobytes()


def test_several_steps_in_a_graph_are_left_to_keras():
    schedule = fastlr.keras.CosineDecay(0.1, 10)
    theirs = keras.optimizers.schedules.CosineDecay(0.1, 10)
    ours, expected = (tf.function(function)(tf.range(4)).numpy() for function in (schedule, theirs))
    assert ours.tobytes() == expected.tobytes()


def test_a_table_does_not_ignore_an_overridden_call():
    class Offset(fastlr.keras.CosineDecay):
        def __call__(self, step):
            return super().__call__(step + 5)

    assert float(Offset(0.1, 10)(0)) == fastlr.CosineDecay(0.1, 10)(5)
    with pytest.raises(TypeError, match="Offset overrides `__call__`"):
        Offset(0.1, 10).table(3)


def test_arrays_of_boundaries_save_and_load(tmp_path):
    schedule = fastlr.keras.PiecewiseConstantDecay(np.array([3, 7]), np.array([0.1, 0.03, 0.01]))
    assert [type(value) for value in schedule.get_config().values()][:2] == [list, list]
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(schedule), "mse")
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras").optimizer._learning_rate
    assert type(loaded) is fastlr.keras.PiecewiseConstantDecay
    assert [float(loaded(step)) for step in (3, 4, 8)] == [np.float32(r) for r in (0.1, 0.03, 0.01)]


@pytest.mark.parametrize("count", [np.int64(10), np.int32(10), tf.constant(10, tf.int64)], ids=repr)
def test_decay_steps_as_data_sets_count_them(count):
    ours = fastlr.keras.CosineDecay(0.1, count)
    theirs = keras.optimizers.schedules.CosineDecay(0.1, count)
    for step in (0, 3, 10):
        assert ours(step).numpy() == theirs(step).numpy()
    assert fastlr.CosineDecay(0.1, count) == fastlr.CosineDecay(0.1, count)


def test_numpy_integers_are_computed_by_fastlr():
    table = fastlr.keras.CosineDecay(0.1, np.int64(10)).table(11)
    assert table.tobytes() == fastlr.CosineDecay(0.1, 10).table(11).tobytes()


def test_keras_is_imported_when_asked_for():
    program = """
import sys, fastlr
assert "keras" not in sys.modules
assert float(fastlr.keras.CosineDecay(0.1, 10)(0)) == fastlr.CosineDecay(0.1, 10)(0)
try:
    fastlr.kears
except AttributeError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "module 'fastlr' has no attribute 'kears'\n"


def test_what_to_use_instead():
    schedule = fastlr.keras.CosineDecay(0.1, 10)
    with pytest.raises(TypeError, match=r"fastlr\.keras\.from_keras"):
        fastlr.serialize(schedule)
    theirs = keras.optimizers.schedules.CosineDecay(0.1, 10)
    with pytest.raises(TypeError, match="Keras's own already: use it as it is"):
        fastlr.keras.to_keras(theirs)
