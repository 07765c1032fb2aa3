"""The essential ratios on this machine, for ``fastlr bench``; benchmarks/ has the full suites."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

import fastlr
from fastlr._quiet_tensorflow import quiet_tensorflow

STEPS = 1_000_000
CALLS = 10_000


class Comparison(NamedTuple):
    """Fastest rounds in seconds by name, fastlr's first; the others are compared with it."""

    title: str
    seconds: dict[str, float]


def missing_peers() -> list[str]:
    """Packages that would be compared too, were they installed."""
    return [name for name in ("keras", "tensorflow") if find_spec(name) is None]


def comparisons() -> Iterator[Comparison]:
    """Time each group of peers, one after the other."""
    schedule = fastlr.CosineDecay(0.1, STEPS)
    keras_schedule = None if missing_peers() else _keras_schedule()
    yield Comparison(f"a table of {STEPS:,} steps", _tables(schedule, keras_schedule))
    yield Comparison(f"an int64 array of {STEPS:,} steps, shuffled", _arrays(schedule))
    yield Comparison("one call, schedule(500)", _calls(schedule, keras_schedule))


def _tables(schedule: Any, keras_schedule: Any) -> dict[str, float]:
    seconds = {
        "fastlr": _fastest(lambda: schedule.table(STEPS)),
        "fastlr, one thread": _fastest(lambda: schedule.table(STEPS, threads=1)),
        "NumPy, float32 formula": _fastest(lambda: _formula(np.arange(STEPS, dtype=np.float32))),
    }
    if keras_schedule is not None:
        steps = np.arange(STEPS)
        seconds["Keras on the vector"] = _fastest(lambda: keras_schedule(steps), rounds=10)
    return seconds


def _arrays(schedule: Any) -> dict[str, float]:
    steps = np.random.default_rng(0).permutation(STEPS)
    return {
        "fastlr": _fastest(lambda: schedule(steps)),
        "NumPy, float32 formula": _fastest(lambda: _formula(steps.astype(np.float32))),
    }


def _calls(schedule: Any, keras_schedule: Any) -> dict[str, float]:
    empty = _loop(None, CALLS)
    seconds = {
        "fastlr": _loop(schedule, CALLS) - empty,
        "Python, the formula in one line": _loop(_one_line, CALLS) - empty,
    }
    if keras_schedule is not None:
        seconds["Keras"] = _loop(keras_schedule, CALLS // 100) * 100 - empty
    return seconds


def _keras_schedule() -> Any:
    with quiet_tensorflow():
        import keras

        schedule = keras.optimizers.schedules.CosineDecay(0.1, STEPS)
        schedule(0)  # TensorFlow starts up, and says so
    return schedule


def _formula(step: Any) -> Any:
    rate, half, pi, steps = np.array([0.1, 0.5, np.pi, STEPS], np.float32)
    return rate * (half * (1 + np.cos(pi * (step / steps))))


def _one_line(step: int) -> float:
    return 0.1 * 0.5 * (1 + math.cos(math.pi * min(step, STEPS) / STEPS))


def _loop(function: Any, calls: int) -> float:
    def call_often() -> None:
        for _ in range(calls):
            function(500)

    def do_nothing() -> None:
        for _ in range(calls):
            pass

    return _fastest(do_nothing if function is None else call_often)


def _fastest(function: Callable[[], Any], rounds: int = 30) -> float:
    """Seconds of the fastest round: others are slower for reasons that are not the function's."""
    function()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)
