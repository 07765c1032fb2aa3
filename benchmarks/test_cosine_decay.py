"""CosineDecay beside what a user would otherwise write."""

from __future__ import annotations

import math

import numpy as np
import pytest

import fastlr
from fastlr import _core

STEPS = 1_000_000
TABLE = f"Table of {STEPS:,} steps"
CALL = "One call, `schedule(500)`"


@pytest.fixture
def schedule():
    return fastlr.CosineDecay(0.1, STEPS, alpha=0.01)


def numpy_formula():
    step = np.arange(STEPS, dtype=np.float32)
    cosine = np.float32(0.5) * (1 + np.cos(np.float32(np.pi) * (step / np.float32(STEPS))))
    return np.float32(0.1) * (np.float32(0.99) * cosine + np.float32(0.01))


def python_formula(step):
    return 0.1 * (0.99 * 0.5 * (1 + math.cos(math.pi * min(step, STEPS) / STEPS)) + 0.01)


def is_close(rates, schedule):
    """The peers approximate: they must at least compute the same schedule."""
    return np.abs(np.asarray(rates) - schedule.table(STEPS)).max() < 1e-7


@pytest.mark.parametrize("isa", _core.isas())
def test_table_one_thread(timed, schedule, isa):
    reference = schedule.table(STEPS)
    _core.set_isa(isa)
    try:
        assert schedule.table(STEPS, threads=1).tobytes() == reference.tobytes()
        timed(TABLE, f"fastlr, {isa}, one thread", lambda: schedule.table(STEPS, threads=1))
    finally:
        _core.set_isa("auto")


def test_table(timed, schedule):
    assert schedule.table(STEPS).tobytes() == schedule.table(STEPS, threads=1).tobytes()
    timed(TABLE, "fastlr", lambda: schedule.table(STEPS))


def test_table_warmup(timed):
    schedule = fastlr.CosineDecay(0.0, STEPS // 2, 0.01, warmup_target=0.1, warmup_steps=STEPS // 2)
    assert schedule.table(STEPS)[STEPS // 2] == np.float32(0.1)
    timed(TABLE, "fastlr, half of it warmup, one thread", lambda: schedule.table(STEPS, threads=1))


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
def test_array(timed, schedule, order):
    steps = np.arange(STEPS)
    if order == "shuffled":
        np.random.default_rng(0).shuffle(steps)
    assert schedule(steps).tobytes() == schedule.table(STEPS)[steps].tobytes()
    timed(TABLE, f"fastlr, called with a {order} int64 array", lambda: schedule(steps))


def test_table_numpy(timed, schedule):
    assert is_close(numpy_formula(), schedule)
    timed(TABLE, "NumPy, float32 formula", numpy_formula)


def test_table_tensorflow(timed, schedule, keras):
    theirs = keras.optimizers.schedules.CosineDecay(0.1, STEPS, alpha=0.01)
    steps = np.arange(STEPS)
    assert is_close(theirs(steps).numpy(), schedule)
    timed(TABLE, "Keras, called with an array (no warmup)", lambda: theirs(steps).numpy())


def test_call(timed, schedule):
    assert schedule(500) == schedule.table(501)[500]
    timed(CALL, "fastlr", lambda: [schedule(500) for _ in range(1000)], rounds=100)


def test_call_python(timed, schedule):
    assert abs(python_formula(500) - schedule(500)) < 1e-7
    timed(CALL, "Python, `math` formula", lambda: [python_formula(500) for _ in range(1000)],
          rounds=100)  # fmt: skip


def test_call_keras(timed, schedule, keras):
    theirs = keras.optimizers.schedules.CosineDecay(0.1, STEPS, alpha=0.01)
    assert float(theirs(500)) == schedule(500)
    timed(CALL, "Keras on TensorFlow", lambda: [theirs(500) for _ in range(1000)], rounds=3)
