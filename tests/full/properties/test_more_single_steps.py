"""Schedules in compiled code of others: all of them, with both backends, and what takes long."""

from __future__ import annotations

import subprocess
import sys

import numba
import numpy as np
import pytest
from backends import BACKENDS, using
from bits import assert_same_bits
from registry import ROWS
from single_steps import check_c_functions, schedules_with_steps

CACHED = """
import sys
import fastlr, numba, numpy as np

@numba.njit(cache=True)
def at(schedule, step):
    return schedule(step)

for rate in (0.1, np.float64(0.1)):
    schedule = fastlr.CosineDecay(rate, int(sys.argv[1]))
    assert [at(schedule, step) for step in range(99)] == schedule.table(99).tolist()
print(sum(at.stats.cache_hits.values()))
"""


@numba.njit(parallel=True)
def filled(schedule, n):
    out = np.empty(n, np.float64)
    for step in numba.prange(n):
        out[step] = schedule(step)
    return out


# The fallback compiles each kind of schedule for seconds.
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("class_name", ROWS)
def test_c_functions(class_name, backend, count_compared):
    with using(backend) as fastlr:
        compared = check_c_functions(fastlr, class_name, every=6 if backend == "numba" else 1)
    count_compared("compiled code of others and calls", compared)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("class_name", ROWS)
def test_tables_in_prange(class_name, backend, count_compared):
    with using(backend) as fastlr:
        for schedule, _ in schedules_with_steps(fastlr, class_name, every=12):
            table = schedule.table(20_000)
            rates = filled(schedule, table.size).astype(table.dtype)
            assert_same_bits(rates, table, range(table.size), f"{backend}, {schedule!r}")
            count_compared("compiled code of others and tables", table.size)


@pytest.mark.parametrize("backend", ["cpp", "numba"])
def test_cached_functions_hold_no_address(backend, tmp_path):
    program = tmp_path / "cached.py"
    program.write_text(CACHED)
    hits = []
    for decay_steps in ("10", "77"):
        done = subprocess.run(
            [sys.executable, str(program), decay_steps],
            env={"FASTLR_BACKEND": backend},  # the cache is beside the program
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        hits.append(int(done.stdout))
    assert hits == [0, 2]


def test_functions_with_a_global_schedule_are_not_cached(tmp_path):
    program = tmp_path / "frozen.py"
    program.write_text(
        "import fastlr, numba\n"
        "schedule = fastlr.CosineDecay(0.1, 1000)\n"
        "@numba.njit(cache=True)\n"
        "def at(step): return schedule(step)\n"
        "assert at(5) == schedule(5)\n"
    )
    done = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Cannot cache compiled function" in done.stderr
