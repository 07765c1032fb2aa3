"""Run in a process of its own with KERAS_BACKEND set: what must hold on every backend of Keras.

Prints how many values it compared. Backends whose models cannot be fitted (NumPy) apply gradients.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
from bits import assert_same_bits, assert_same_rates
from models import clear, dense_model, fit_dense, recording_model, train, weights
from registry import KERAS_ROWS

import fastlr.keras

BACKEND = keras.backend.backend()
TRAINS = BACKEND != "numpy"
ORIGINALS = keras.optimizers.schedules
CONFIGS = [
    (name, row.configs[index]) for name, row in KERAS_ROWS.items() for index in (0, 4)
] + [("CosineDecay", {"initial_learning_rate": 0.01, "decay_steps": 60, "alpha": 0.1,
                      "warmup_target": 0.1, "warmup_steps": 40})]  # fmt: skip
STEPS = [0, 1, 7, 50, 99, 101, 1000, 5000]
compared = 0


def same(ours, theirs, steps, what):
    global compared
    ours = [keras.ops.convert_to_numpy(rate) for rate in ours]
    theirs = [keras.ops.convert_to_numpy(rate) for rate in theirs]
    assert_same_rates(ours, theirs, steps, what)
    compared += len(ours)


def variable(step):
    return keras.Variable(step, dtype="int", trainable=False)


def tensor(step):
    return keras.ops.convert_to_tensor(step, "int32")


def test_tensors_give_keras_bits():
    """What training passes to a schedule: a variable, and a tensor with a value."""
    for name, config in CONFIGS:
        if isinstance(config.get("initial_learning_rate"), int):
            continue
        ours, theirs = getattr(fastlr.keras, name)(**config), getattr(ORIGINALS, name)(**config)
        for make in (variable, tensor):
            steps = [make(step) for step in STEPS]
            same([ours(s) for s in steps], [theirs(s) for s in steps], STEPS, f"{name}, {config}")


def test_numbers_give_fastlr_bits():
    for name, config in CONFIGS:
        ours, fast = getattr(fastlr.keras, name)(**config), getattr(fastlr, name)(**config)
        if ours._mirror() is None:
            continue
        rates = [ours(step) for step in STEPS]
        assert all(keras.ops.is_tensor(rate) for rate in rates)
        same(rates, [np.float32(fast(step)) for step in STEPS], STEPS, name)
        assert np.array_equal(ours.table(5), fast.table(5), equal_nan=True)


def test_looking():
    """Tables of tables, and what the callback that sets the rate of each epoch asks for."""
    table = fastlr.keras.TableSchedule(fastlr.CosineDecay(0.1, 10).with_warmup(3), 9)
    same(table.table(-2, 15), [table(step) for step in range(-2, 15)], range(-2, 15), "table")
    for schedule in (table, fastlr.keras.CosineDecay(0.1, 10)):
        assert type(schedule(3, 0.5)) is float
        assert schedule(3, 0.5) == float(schedule(3))
        assert repr(schedule).startswith(f"{type(schedule).__name__}(")


def test_floatx():
    before = keras.config.floatx()
    for floatx in ("float16", "bfloat16", "float64"):
        keras.config.set_floatx(floatx)
        for name in KERAS_ROWS:
            config = KERAS_ROWS[name].configs[0]
            ours, theirs = getattr(fastlr.keras, name)(**config), getattr(ORIGINALS, name)(**config)
            for step in (3, variable(3)):
                dtypes = [keras.backend.standardize_dtype(s(step).dtype) for s in (ours, theirs)]
                assert dtypes[0] == dtypes[1], (name, floatx, dtypes)
    keras.config.set_floatx(before)


def test_learning_rate():
    for name, config in CONFIGS:
        schedule = getattr(ORIGINALS, name)(**config)
        optimizer = keras.optimizers.SGD(schedule)
        for step in (0, 7, 100):
            expected = float(keras.ops.convert_to_numpy(schedule(variable(step))))
            for thing in (schedule, optimizer, getattr(fastlr.keras, name)(**config)):
                assert fastlr.keras.learning_rate(thing, step) == expected, (name, config, step)
        optimizer.iterations.assign(7)
        now = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
        assert fastlr.keras.learning_rate(optimizer) == now
    assert fastlr.keras.learning_rate(keras.optimizers.SGD(0.25)) == 0.25


def test_table_by_hand():
    ours = fastlr.CosineDecay(0.1, 20)
    schedule = fastlr.keras.TableSchedule(ours, 15)
    for step in (-3, 0, 7, 14, 15, 10**6):
        for kind in (step, variable(step), tensor(step)):
            rate = np.asarray(keras.ops.convert_to_numpy(schedule(kind)))
            assert rate == ours(min(max(step, 0), 14)), (step, kind)
    both = keras.ops.convert_to_numpy(schedule(keras.ops.convert_to_tensor([3, 99], "int32")))
    assert_same_bits(both, ours([3, 14]), [3, 14], "array")


def test_vectorised():
    """JAX and torch call a schedule with a tensor that stands for many and has no value."""
    if BACKEND not in ("jax", "torch"):
        return
    vmap = __import__(BACKEND).vmap
    steps = keras.ops.convert_to_tensor([0, 3, 14], "int32")
    if BACKEND == "jax":  # Keras's own cannot all be called so on torch
        for name, config in CONFIGS[::3]:
            both = [vmap(getattr(library, name)(**config)) for library in (ORIGINALS, fastlr.keras)]
            theirs, ours = (keras.ops.convert_to_numpy(function(steps)) for function in both)
            assert_same_bits(ours, theirs, [0, 3, 14], name)
    table = fastlr.keras.TableSchedule(fastlr.CosineDecay(0.1, 20), 15)
    entries = fastlr.CosineDecay(0.1, 20)([0, 3, 14])
    assert_same_bits(keras.ops.convert_to_numpy(vmap(table)(steps)), entries, [0, 3, 14], "table")


def test_gradients_by_hand():
    """Every backend: the weights after applying gradients."""
    for name, config in CONFIGS[::3]:
        kept = []
        for library in (ORIGINALS, fastlr.keras):
            optimizer = keras.optimizers.SGD(getattr(library, name)(**config), momentum=0.9)
            weight = keras.Variable(np.zeros(3, np.float32))
            for _ in range(5):
                optimizer.apply([keras.ops.convert_to_tensor(np.ones(3, np.float32))], [weight])
            kept.append(keras.ops.convert_to_numpy(weight.value).tobytes())
        assert kept[0] == kept[1], (name, config)


def modes():
    return [{}, {"run_eagerly": True}] if TRAINS else []


def test_training_leaves_the_same_weights():
    for options in modes():
        for name, config in CONFIGS[::3]:
            kept = []
            for library in (ORIGINALS, fastlr.keras):
                optimizer = keras.optimizers.Adam(getattr(library, name)(**config))
                model = dense_model(optimizer, **options)
                fit_dense(model, epochs=1)
                kept.append(weights(model))
            assert kept[0] == kept[1], (name, config, options)


def test_training_with_a_table():
    ours = fastlr.CosineDecay(0.1, 20)
    for options in modes():
        schedule = fastlr.keras.TableSchedule(ours, 30)
        model = recording_model(keras.optimizers.SGD(schedule), 16, **options)
        used, _ = train(model, 16)
        same(used, ours.table(16), range(16), f"table, {options}")
        with tempfile.TemporaryDirectory() as folder:
            model.save(Path(folder) / "model.keras")
            model = keras.models.load_model(Path(folder) / "model.keras")
        clear(model)
        used, _ = train(model, 16)
        same(used, ours.table(30)[np.minimum(np.arange(16, 32), 29)], range(16, 32), "resumed")


class Batches(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.rates = []

    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(np.float32(logs["lr"]))


def test_logger():
    for options in modes():
        for name, config in CONFIGS[::2]:
            seen = Batches()
            optimizer = keras.optimizers.SGD(getattr(fastlr.keras, name)(**config))
            model = recording_model(optimizer, 12, **options)
            callbacks = [fastlr.keras.LearningRateLogger(), seen]
            used, history = train(model, 12, callbacks=callbacks)
            same(seen.rates, used, range(12), f"logger, {name}, {config}, {options}")
            assert np.float32(history.history["lr"][0]) == used[-1]


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            print(name, flush=True)
            test()
    assert "tf_keras" not in sys.modules
    print(f"{BACKEND}: {compared} values compared")
