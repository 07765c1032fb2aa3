"""Compositions beside their own parts: tables, arrays in any order, and single calls.

`python benchmarks/report.py` writes the ratios. Each group's reference is the parts' own work.
"""

from __future__ import annotations

import numpy as np
import pytest

import fastlr

STEPS = 1_000_000
TABLE = f"Compositions: a table of {STEPS:,} steps"
SHUFFLED = f"Compositions: {STEPS:,} shuffled steps"
CALL = "Compositions: one call"
CALLS = [None] * 10_000

WARMUP, DECAY = STEPS // 10, STEPS * 7 // 10
RAMP = fastlr.PolynomialDecay(0.0, WARMUP, 0.1)
COSINE = fastlr.CosineDecay(0.1, DECAY)
REST = fastlr.Constant(0.001)
BOUNDARIES = [WARMUP, WARMUP + DECAY]
JOINED = fastlr.Join([RAMP, COSINE, REST], BOUNDARIES)
TWO = fastlr.Join([RAMP, COSINE], [WARMUP])
#: Each of the same work as its part, and a little more.
OTHERS = {
    "Scale": COSINE * 0.5,
    "Shift": COSINE.shifted(-1000),
    "Clip": COSINE.clipped(minimum=0.01),
    "with_warmup": COSINE.with_warmup(WARMUP),
}


def tables_of_parts(out):
    """The same table, of the parts by themselves."""
    first, second = BOUNDARIES
    RAMP.table(first, out=out[:first], threads=1)
    COSINE.table(second - first, out=out[first:second], threads=1)
    REST.table(STEPS - second, out=out[second:], threads=1)
    return out


def test_tables_of_parts(timed):
    out = np.empty(STEPS, np.float32)
    assert tables_of_parts(out).tobytes() == JOINED.table(STEPS).tobytes()
    timed(TABLE, "their parts' own tables", lambda: tables_of_parts(out))


def test_table(timed):
    out = np.empty(STEPS, np.float32)
    timed(TABLE, "fastlr", lambda: JOINED.table(STEPS, out=out, threads=1))


def test_table_of_one_part(timed):
    out = np.empty(STEPS, np.float32)
    timed(TABLE, "CosineDecay", lambda: COSINE.table(STEPS, out=out, threads=1))


@pytest.mark.parametrize("name", OTHERS)
def test_other_tables(timed, name):
    out, schedule = np.empty(STEPS, np.float32), OTHERS[name]
    timed(TABLE, f"{name} of CosineDecay", lambda: schedule.table(STEPS, out=out, threads=1))


@pytest.mark.parametrize(
    ("name", "schedule"), [("fastlr", TWO), ("CosineDecay", COSINE), ("Join of three", JOINED)]
)
def test_shuffled(timed, name, schedule):
    order = np.random.default_rng(0).permutation(STEPS)
    assert schedule(order).tobytes() == schedule.table(STEPS)[order].tobytes()
    timed(SHUFFLED, name, lambda: schedule(order))


@pytest.mark.parametrize(
    ("name", "schedule"),
    [("fastlr", JOINED), ("CosineDecay", COSINE), *((name, OTHERS[name]) for name in OTHERS)],
)
def test_call(timed, name, schedule):
    def calls():
        for _ in CALLS:
            schedule(500_000)

    timed(CALL, name, calls, calls=len(CALLS))
