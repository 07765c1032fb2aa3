"""CosineDecay beside what a user would otherwise write."""

from __future__ import annotations

import numpy as np
import pytest

import fastlr
from fastlr import _core

STEPS = 1_000_000
TABLE = f"Table of {STEPS:,} steps"
SHORT = "Table of 1,000 steps"
LONG = "Table of 20,000,000 steps"


@pytest.fixture
def schedule():
    return fastlr.CosineDecay(0.1, STEPS, alpha=0.01)


def numpy_formula():
    step = np.arange(STEPS, dtype=np.float32)
    cosine = np.float32(0.5) * (1 + np.cos(np.float32(np.pi) * (step / np.float32(STEPS))))
    return np.float32(0.1) * (np.float32(0.99) * cosine + np.float32(0.01))


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


@pytest.mark.parametrize("peer", ["fastlr", "np.full"])
@pytest.mark.parametrize(("group", "count"), [(SHORT, 1000), (LONG, 20_000_000)])
def test_beside_a_constant(timed, group, count, peer):
    """np.full is the fastest way to fill an array with anything."""
    schedule = fastlr.CosineDecay(0.1, count)
    functions = {
        "fastlr": lambda: schedule.table(count),
        "np.full": lambda: np.full(count, 0.1, np.float32),
    }
    assert len(functions[peer]()) == count
    options = {"rounds": 300, "iterations": 100} if group == SHORT else {"rounds": 15}
    timed(group, peer, functions[peer], **options)


def test_table_numpy(timed, schedule):
    assert is_close(numpy_formula(), schedule)
    timed(TABLE, "NumPy, float32 formula", numpy_formula)


def test_table_tensorflow(timed, schedule, keras):
    theirs = keras.optimizers.schedules.CosineDecay(0.1, STEPS, alpha=0.01)
    steps = np.arange(STEPS)
    assert is_close(theirs(steps).numpy(), schedule)
    timed(TABLE, "Keras, called with an array (no warmup)", lambda: theirs(steps).numpy())


@pytest.mark.parametrize("jit_compile", [False, True], ids=["graph", "XLA"])
def test_table_tensorflow_compiled(timed, schedule, keras, jit_compile):
    """With the first step as an argument, or XLA would compute the table in advance."""
    import tensorflow as tf

    theirs = keras.optimizers.schedules.CosineDecay(0.1, STEPS, alpha=0.01)
    first = tf.constant(0, tf.int64)
    compiled = tf.function(
        lambda first: theirs(first + tf.range(STEPS, dtype=tf.int64)), jit_compile=jit_compile
    )
    assert is_close(compiled(first).numpy(), schedule)
    name = f"Keras in tf.function{' under XLA' if jit_compile else ''}"
    timed(TABLE, name, lambda: compiled(first).numpy())


def test_table_numexpr(timed, schedule, peer):
    numexpr = peer("numexpr")
    rate, half, one, pi, all_steps, span, alpha = np.array(
        [0.1, 0.5, 1, np.pi, STEPS, 0.99, 0.01], np.float32
    )
    names = {
        "rate": rate, "half": half, "one": one, "pi": pi, "all_steps": all_steps,
        "span": span, "alpha": alpha,
    }  # fmt: skip

    def table():
        step = np.arange(STEPS, dtype=np.float32)
        formula = "rate * (span * (half * (one + cos(pi * (step / all_steps)))) + alpha)"
        return numexpr.evaluate(formula, {**names, "step": step})

    assert is_close(table(), schedule)
    timed(TABLE, "numexpr", table)


def test_table_torch(timed, schedule, peer):
    torch = peer("torch")

    def table():
        step = torch.arange(STEPS, dtype=torch.float32)
        cosine = 0.5 * (1 + torch.cos(np.pi * (step / STEPS)))
        return (0.1 * (0.99 * cosine + 0.01)).numpy()

    assert is_close(table(), schedule)
    timed(TABLE, "torch", table)


def test_table_optax(timed, schedule, peer):
    optax, jax = peer("optax"), peer("jax")
    theirs = jax.jit(optax.cosine_decay_schedule(0.1, STEPS, 0.01))
    steps = jax.numpy.arange(STEPS)

    def table():
        return np.asarray(theirs(steps))

    assert np.abs(table() - schedule.table(STEPS)).max() < 1e-6
    timed(TABLE, "optax in jax.jit", table)
