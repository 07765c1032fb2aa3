"""Programs in C and C++ that write the rates of all schedules, and what they must write."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from bits import assert_same_bits
from registry import ROWS, steps_around

import fastlr

CONSUMERS = Path(__file__).parent

RANGE = range(-1000, -1000 + 3 * 20_000, 3)


def fits_c(config: Any) -> bool:
    """Whether binary64 holds every integer, so that JSON takes it to C."""
    if isinstance(config, dict):
        return all(map(fits_c, config.values()))
    if isinstance(config, list):
        return all(map(fits_c, config))
    return not isinstance(config, int) or abs(config) <= 2**53


@cache
def task() -> tuple[str, np.ndarray, np.ndarray]:
    """The schedules, one a line, the steps, and the rates that Python gives."""
    rng = np.random.default_rng(6)
    schedules, steps = [], set(range(-3, 50))
    for row in ROWS.values():
        for config in row.configs:
            schedule = getattr(fastlr, row.class_name).from_config(config)
            if fits_c(fastlr.serialize(schedule)):
                schedules.append(schedule)
                steps |= set(steps_around(config, row, rng, 20))
    assert len(schedules) > 50
    array = np.array(sorted(steps), np.int64)
    assert array.size <= 10_000
    expected = []
    for schedule in schedules:
        for execution in ("eager", "graph", "xla"):
            rates = schedule(array, execution=execution)
            real = schedule((array + 0.3).tolist(), execution=execution)
            expected += [rates, rates, schedule(RANGE, execution=execution), real]
    text = "".join(f"{json.dumps(fastlr.serialize(schedule))}\n" for schedule in schedules)
    return text, array, np.concatenate(expected)


def check_consumer(program: Path, folder: Path) -> int:
    """Run a consumer with files in a folder and compare its rates; how many they are."""
    schedules, steps, expected = task()
    (folder / "schedules").write_text(schedules)
    steps.tofile(folder / "steps")
    done = subprocess.run(
        [program, folder / "schedules", folder / "steps"], capture_output=True, check=True
    )
    rates = np.frombuffer(done.stdout, np.float32)
    assert_same_bits(rates, expected, range(expected.size), str(program))
    return rates.size
