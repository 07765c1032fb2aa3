"""One step after another in a loop that Numba compiles: a schedule as its argument, and by hand."""

from __future__ import annotations

import ctypes
import math

import numba
import numpy as np
import pytest

import fastlr
from fastlr._step_functions import StepFunctions

STEPS = 100_000
GROUP = f"A loop of Numba's over {STEPS:,} steps of "
HAND = "the formula by hand in the same loop"
COSINE = fastlr.CosineDecay(0.1, STEPS)
SCHEDULES = {
    "CosineDecay": COSINE,
    "InverseTimeDecay": fastlr.InverseTimeDecay(0.1, 1000, 0.5),
    "CosineDecay with a warmup": COSINE.with_warmup(1000),
}
one, half, pi = np.float32(1), np.float32(0.5), np.float32(math.pi)


@numba.njit
def with_schedule(schedule, steps):
    total = 0.0
    for step in range(steps):
        total += schedule(step)
    return total


@numba.njit
def cosine_by_hand(initial, decay_steps, steps):
    total = 0.0
    for step in range(steps):
        passed = min(np.float32(step), decay_steps) / decay_steps
        total += initial * (half * (one + np.cos(pi * passed)))
    return total


@numba.njit
def inverse_time_by_hand(initial, decay_steps, rate, steps):
    total = 0.0
    for step in range(steps):
        total += initial / (one + rate * (np.float32(step) / decay_steps))
    return total


def indirect_calls(schedule):
    """The same loop around a pointer to the schedule's own C function."""
    functions = StepFunctions.from_address(schedule._step_functions())
    # The data as an integer: Numba makes no pointer of one.
    at = ctypes.CFUNCTYPE(ctypes.c_float, ctypes.c_size_t, ctypes.c_int64)(functions.at_integer)

    @numba.njit
    def loop(data, steps):
        total = 0.0
        for step in range(steps):
            total += at(data, step)
        return total

    data = np.uintp(functions.schedule)
    return lambda: loop(data, STEPS)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule(timed, name):
    schedule = SCHEDULES[name]
    expected = sum(schedule.table(STEPS).tolist())
    assert with_schedule(schedule, STEPS) == expected
    timed(GROUP + name, "fastlr", lambda: with_schedule(schedule, STEPS))


@pytest.mark.parametrize("name", SCHEDULES)
def test_indirect_calls(timed, name):
    calls = indirect_calls(SCHEDULES[name])
    assert calls() == with_schedule(SCHEDULES[name], STEPS)
    timed(GROUP + name, "an indirect call of the same C function", calls)


@pytest.mark.parametrize(
    ("name", "by_hand", "arguments"),
    [
        ("CosineDecay", cosine_by_hand, (0.1, STEPS)),
        ("InverseTimeDecay", inverse_time_by_hand, (0.1, 1000, 0.5)),
    ],
)
def test_by_hand(timed, name, by_hand, arguments):
    numbers = [*map(np.float32, arguments), STEPS]
    expected = with_schedule(SCHEDULES[name], STEPS)
    assert math.isclose(by_hand(*numbers), expected, rel_tol=1e-6)
    timed(GROUP + name, HAND, lambda: by_hand(*numbers))
