"""Many schedules at once beside one table of as many rates."""

from __future__ import annotations

import numpy as np
import pytest

import fastlr

SCHEDULES, STEPS = 1_000, 10_000
GROUP = f"{SCHEDULES:,} schedules by {STEPS:,} steps"
ALL = SCHEDULES * STEPS
THREADS = {1: "one thread", 2: "two threads"}


def make():
    return [fastlr.CosineDecay(0.1 + 1e-4 * i, STEPS) for i in range(SCHEDULES)]


@pytest.fixture
def out():
    """Memory that was touched before: what pages cost is the same for all."""
    return np.zeros((SCHEDULES, STEPS), np.float32)


@pytest.mark.parametrize("threads", THREADS)
def test_tables(timed, out, threads):
    schedules = make()
    fastlr.tables(schedules, STEPS, out=out)
    assert out[-1].tobytes() == schedules[-1].table(STEPS).tobytes()
    timed(
        GROUP,
        f"fastlr, {THREADS[threads]}",
        lambda: fastlr.tables(schedules, STEPS, out=out, threads=threads),
    )


@pytest.mark.parametrize("threads", THREADS)
def test_one_table(timed, out, threads):
    schedule = fastlr.CosineDecay(0.1, ALL)
    assert len(schedule.table(ALL, out=out.reshape(-1))) == ALL
    timed(
        GROUP,
        f"one table of {ALL:,} steps, {THREADS[threads]}",
        lambda: schedule.table(ALL, out=out.reshape(-1), threads=threads),
    )


def test_loop(timed, out):
    schedules = make()

    def fill():
        for schedule, row in zip(schedules, out, strict=True):
            schedule.table(STEPS, out=row)

    fill()
    assert out[-1].tobytes() == schedules[-1].table(STEPS).tobytes()
    timed(GROUP, "a loop of `table(out=)`", fill)


def test_construction(timed):
    assert make()[-1].decay_steps == STEPS
    timed(GROUP, f"constructing the {SCHEDULES:,} schedules", make)
