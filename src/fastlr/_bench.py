"""The essential times on this machine, for ``fastlr bench``; benchmarks/ has the full suites."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

import fastlr
from fastlr._quiet_tensorflow import quiet_tensorflow

STEPS = 1_000_000
CALLS = 10_000
ROUNDS = 30


class Timing(NamedTuple):
    """Seconds that something took, over many rounds."""

    fastest: float
    median: float
    spread: float
    """The distance between the quartiles."""

    def without(self, loop: Timing) -> Timing:
        """Less what the loop takes that makes the calls."""
        return Timing(self.fastest - loop.fastest, self.median - loop.median, self.spread)

    def each(self, calls: int) -> Timing:
        """The time of one of several calls."""
        return Timing(self.fastest / calls, self.median / calls, self.spread / calls)


class Comparison(NamedTuple):
    """The times of some peers by name, fastlr's first; the others are compared with it."""

    title: str
    timings: dict[str, Timing]


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


def duration(seconds: float) -> str:
    """A time with three significant digits and its unit.

    >>> duration(0.0123456)
    '12.3 ms'
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{float(f'{seconds / size:.3g}'):,g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _tables(schedule: Any, keras_schedule: Any) -> dict[str, Timing]:
    steps = np.arange(STEPS)
    peers = {
        "fastlr": lambda: schedule.table(STEPS),
        "fastlr, one thread": lambda: schedule.table(STEPS, threads=1),
        "NumPy, float32 formula": lambda: _formula(np.arange(STEPS, dtype=np.float32)),
    }
    if keras_schedule is not None:
        peers["Keras on the vector"] = lambda: keras_schedule(steps)
    return _timings(peers)


def _arrays(schedule: Any) -> dict[str, Timing]:
    steps = np.random.default_rng(0).permutation(STEPS)
    return _timings(
        {
            "fastlr": lambda: schedule(steps),
            "NumPy, float32 formula": lambda: _formula(steps.astype(np.float32)),
        }
    )


def _calls(schedule: Any, keras_schedule: Any) -> dict[str, Timing]:
    def loop(function: Any, calls: int = CALLS) -> Callable[[], None]:
        def call_often() -> None:
            for _ in range(calls):
                function(500)

        return call_often

    def empty() -> None:
        for _ in range(CALLS):
            pass

    python = "Python, the formula in one line"
    timings = _timings({"fastlr": loop(schedule), python: loop(_one_line), "": empty})
    nothing = timings.pop("")
    calls = {name: timing.without(nothing).each(CALLS) for name, timing in timings.items()}
    if keras_schedule is not None:
        slow = CALLS // 100
        calls["Keras"] = _timings({"": loop(keras_schedule, slow)})[""].each(slow)
    return calls


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


def _timings(peers: dict[str, Callable[[], Any]]) -> dict[str, Timing]:
    """Time peers in turns, so that what else the machine does slows all of them."""
    times: dict[str, list[float]] = {name: [] for name in peers}
    for function in peers.values():
        function()
    for _ in range(ROUNDS):
        for name, function in peers.items():
            start = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - start)
    return {name: _timing(seconds) for name, seconds in times.items()}


def _timing(seconds: list[float]) -> Timing:
    low, median, high = statistics.quantiles(seconds)
    return Timing(min(seconds), median, high - low)
