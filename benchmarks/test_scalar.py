"""One call, `schedule(step)`, from a Python loop. The report subtracts the loop's own cost."""

from __future__ import annotations

import math

import numpy as np
import pytest

import fastlr

CALL = "One call, `schedule(500)`"
LOOP = "the loop itself"
SCHEDULES = "One call of each schedule"
SMALL = "Small inputs"
CALLS = [None] * 10_000
DECAY_STEPS = 1000


class Subclass(fastlr.CosineDecay):
    """As users write them."""


def one_line(step):
    return 0.1 * 0.5 * (1 + math.cos(math.pi * min(step, DECAY_STEPS) / DECAY_STEPS))


def calls(function, argument):
    """A function that calls 10,000 times."""

    def loop():
        for _ in CALLS:
            function(argument)

    return loop


@pytest.fixture
def time_calls(timed):
    """time_calls(group, peer, function, argument): time one call of a function."""

    def run(group, peer, function, argument):
        timed(group, peer, calls(function, argument), calls=len(CALLS))

    return run


def empty_loop():
    for _ in CALLS:
        pass


@pytest.fixture
def expected():
    return fastlr.CosineDecay(0.1, DECAY_STEPS).table(501)[500]


def test_fastlr(time_calls, expected):
    schedule = fastlr.CosineDecay(0.1, DECAY_STEPS)
    assert schedule(500) == expected
    time_calls(CALL, "fastlr", schedule, 500)


def test_fastlr_subclass(time_calls, expected):
    schedule = Subclass(0.1, DECAY_STEPS)
    assert schedule(500) == expected
    time_calls(CALL, "fastlr, a Python subclass", schedule, 500)


@pytest.mark.parametrize("number", [float, np.int64, np.float32, np.float64])
def test_other_numbers(time_calls, expected, number):
    schedule = fastlr.CosineDecay(0.1, DECAY_STEPS)
    assert schedule(number(500)) == expected
    name = number.__name__ if number is float else f"np.{number.__name__}"
    time_calls(CALL, f"fastlr, a step of type {name}", schedule, number(500))


STEPS, OUT = np.arange(16), np.empty(DECAY_STEPS, np.float32)
FORMS = {
    "fastlr": lambda schedule: schedule(500),
    "execution='xla'": lambda schedule: schedule(500, execution="xla"),
    "a list of 4": lambda schedule: schedule([1, 2, 3, 4]),
    "an array of 16": lambda schedule: schedule(STEPS),
    "range(16)": lambda schedule: schedule(range(16)),
    "table(1000)": lambda schedule: schedule.table(1000),
    "table(1000, out=out, threads=1)": lambda schedule: schedule.table(1000, out=OUT, threads=1),
    "the constructor": lambda schedule: type(schedule)(0.1, DECAY_STEPS),
}


@pytest.mark.parametrize("form", FORMS)
def test_small_inputs(time_calls, form):
    schedule = fastlr.CosineDecay(0.1, DECAY_STEPS)
    assert schedule([1, 2, 3, 4]).tolist() == schedule.table(1, 5).tolist()
    time_calls(SMALL, form, FORMS[form], schedule)


@pytest.mark.parametrize("group", [CALL, SCHEDULES])
def test_loop(timed, group):
    timed(group, LOOP, empty_loop, calls=len(CALLS))


def test_no_op(time_calls):
    assert callable(500) is False
    time_calls(CALL, "a built-in that does nothing, `callable(500)`", callable, 500)


def test_python(time_calls, expected):
    assert abs(one_line(500) - expected) < 1e-7
    time_calls(CALL, "Python, the formula in one line", one_line, 500)


def test_keras(timed, expected, keras):
    theirs = keras.optimizers.schedules.CosineDecay(0.1, DECAY_STEPS)
    assert float(theirs(500)) == expected

    def loop():
        for _ in range(100):
            theirs(500)

    timed(CALL, "Keras on TensorFlow", loop, rounds=5, calls=100)


@pytest.mark.parametrize(
    "schedule",
    [
        fastlr.CosineDecay(0.1, DECAY_STEPS),
        fastlr.CosineDecayRestarts(0.1, 100),
        fastlr.ExponentialDecay(0.1, DECAY_STEPS, 0.96),
        fastlr.InverseTimeDecay(0.1, DECAY_STEPS, 0.5),
        fastlr.PiecewiseConstantDecay([100, 1000], [0.1, 0.01, 0.001]),
        fastlr.PolynomialDecay(0.1, DECAY_STEPS, power=0.9),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_schedules(time_calls, schedule):
    assert schedule(500) == schedule.table(501)[500]
    name = type(schedule).__name__
    time_calls(SCHEDULES, "fastlr" if name == "CosineDecay" else name, schedule, 500)
