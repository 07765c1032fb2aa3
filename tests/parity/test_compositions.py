"""Compositions: the bits of their parts, composed in NumPy, for steps of every kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from backends import BACKENDS, using
from bits import assert_same_bits
from compositions import COMPOSITIONS, OF_SCHEDULES, random_config
from registry import ROWS, config_id, float64_config

CONFIGS = [(name, config) for name in COMPOSITIONS for config in ROWS[name].configs]

EXTREMES = [-(2**63), -(2**63) + 1, -(2**53) - 1, 2**24, 2**24 + 1, 2**53 + 1, 2**63 - 1]
ODD = [0.5, -0.5, 1e-40, -1e-40, 1e-310, 0.1, 2.0**24 + 2, 2.0**53, 1e15, -1e15, 3e38, -3e38, 1e300,
       np.inf, -np.inf, np.nan, -0.0]  # fmt: skip
BEYOND_INT64 = [2**63, 2**63 + 2**39 + 1, 2**64 - 1]


def kinds_of_steps(class_name: str, config: Any, rng: np.random.Generator) -> dict[str, Any]:
    """At the landmarks, beside them and far away: arrays of every type that kernels read."""
    marks = [int(mark) for mark in ROWS[class_name].landmarks(config)]
    if len(marks) > 12:
        marks = [marks[i] for i in sorted(rng.choice(len(marks), 12, replace=False))]
    near = [mark + offset for mark in (0, *marks) for offset in (-1, 0, 1)]
    integers = np.array([*near, *EXTREMES], np.int64)
    rng.shuffle(integers)
    floats = np.array([*marks, *(mark + 0.5 for mark in marks), *(m - 1e-4 for m in marks), *ODD])
    with np.errstate(over="ignore"):
        singles = floats.astype(np.float32)
    unsigned = np.array([*(step for step in near if step >= 0), *BEYOND_INT64], np.uint64)
    small = np.array([step for step in near if abs(step) < 2**31] or [0], np.int32)
    return {"int64": integers, "float64": floats, "float32": singles, "uint64": unsigned,
            "int32": small}  # fmt: skip


def compare(class_name: str, config: Any, execution: str, seed: int) -> int:
    """Compare every backend with the oracle; how many rates that were."""
    compared = 0
    for kind, steps in kinds_of_steps(class_name, config, np.random.default_rng(seed)).items():
        expected = ROWS[class_name].expected(config, list(steps), execution)
        for backend in BACKENDS:
            with using(backend) as fastlr:
                schedule = getattr(fastlr, class_name).from_config(config)
                what = f"{backend}, {execution}, {kind}, {schedule!r}"
                rates = schedule(steps, execution=execution)
                assert_same_bits(rates, expected, steps, what)
                every = 1 if backend == "cpp-baseline" else 9
                few = steps[::every]
                calls = [schedule(step, execution=execution) for step in few]
                calls = np.array(calls, expected.dtype)
                assert_same_bits(calls, expected[::every], few, what)
                compared += rates.size + calls.size
    return compared


MODES = ["eager", "graph", "xla", "float64"]


def compare_in(mode: str, class_name: str, config: Any, seed: int) -> int:
    if mode == "float64":
        return compare(class_name, float64_config(config), "eager", seed)
    return compare(class_name, config, mode, seed)


@pytest.mark.parametrize("mode", ["eager", "float64"])
@pytest.mark.parametrize(("class_name", "config"), CONFIGS, ids=config_id)
def test_steps_of_every_kind(class_name, config, mode, count_compared):
    """Other modes differ in what the parts give only: some configurations, and those at random."""
    count_compared("compositions and their parts", compare_in(mode, class_name, config, 0))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("class_name", sorted(OF_SCHEDULES))
def test_at_random(class_name, mode, count_compared):
    """Compositions of any schedules; of another seed in every run."""
    seed = int(np.random.SeedSequence().entropy) % 2**32
    print(f"seed {seed}")  # pytest shows it where this fails
    rng = np.random.default_rng(seed)
    for _ in range(4):
        config = random_config(class_name, ROWS, rng)
        compared = compare_in(mode, class_name, config, seed)
        count_compared("compositions and their parts", compared)


@pytest.mark.parametrize("class_name", sorted(OF_SCHEDULES))
def test_tables_are_cut_at_the_right_steps(class_name, count_compared):
    """Over all parts, in any direction, stride and number of threads."""
    for config in ROWS[class_name].configs[:: 1 if class_name == "Join" else 4]:
        marks = [int(mark) for mark in ROWS[class_name].landmarks(config)]
        ranges = [range(mark - 5, mark + 300, 97) for mark in marks[:6]]
        ranges += [range(marks[-1] + 9, marks[0] - 9, -max(1, (marks[-1] - marks[0]) // 50))]
        ranges += [range(-(2**63), 2**63, 2**59 + 12345), range(2**63 - 3, 2**63)]
        for steps in ranges:
            expected = ROWS[class_name].expected(config, list(steps))
            for backend in BACKENDS:
                with using(backend) as fastlr:
                    schedule = getattr(fastlr, class_name).from_config(config)
                    bounds = (steps.start, steps.stop, steps.step)
                    table = schedule.table(*bounds, threads=3)
                    assert_same_bits(table, expected, steps, f"{backend}, {schedule!r}")
                    assert_same_bits(schedule(steps), expected, steps, f"{backend}, {schedule!r}")
            count_compared("compositions and their parts", 2 * len(BACKENDS) * len(steps))
