"""``fastlr.dask``: the bits of tables, on every scheduler, without the tables."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from bits import assert_same_bits

import fastlr
import fastlr.dask

SCHEDULE = fastlr.CosineDecay(0.1, 1000).with_warmup(100)
SWEEP = [fastlr.CosineDecay(rate / 10, 1000) for rate in range(1, 9)]
BOUNDS = [(2001,), (-5, 2000, 3), (2000, -7, -9), (0,), (5, 5), (2**53, 2**53 + 1000, 7)]
SLICES = [slice(None, None, -7), slice(5, 500, 3), 7, -1, [1, 5, 9], slice(0, 0), np.int64(3)]


class Own(fastlr.LearningRateSchedule):
    """A schedule that processes import from here."""

    def __call__(self, step):
        return 1.0 / (abs(step) + 1)


@pytest.mark.parametrize("bounds", BOUNDS)
@pytest.mark.parametrize("chunks", ["auto", 100, (7, 13), -1])
def test_a_table_in_chunks(bounds, chunks):
    expected = SCHEDULE.table(*bounds)
    if isinstance(chunks, tuple):
        rest = len(expected) - sum(chunks)
        chunks = ((*chunks, rest),) if rest > 0 else "auto"
    lazy = fastlr.dask.table(SCHEDULE, *bounds, chunks=chunks)
    assert lazy.shape == expected.shape
    for scheduler in ("sync", "threads"):
        rates = lazy.compute(scheduler=scheduler)
        assert_same_bits(rates, expected, range(*bounds), f"{scheduler}, {chunks}")


@pytest.mark.parametrize("execution", ["eager", "graph", "xla"])
def test_many_tables_in_chunks(execution):
    expected = fastlr.tables(SWEEP, 2000, execution=execution)
    for chunks in ("auto", (3, 700), (1, -1), ((2, 6), 999)):
        lazy = fastlr.dask.tables(SWEEP, 2000, chunks=chunks, execution=execution)
        assert_same_bits(lazy.compute(), expected, range(expected.size), f"{chunks}")
    assert fastlr.dask.tables([], 5).compute().shape == (0, 5)


def test_slices():
    row, rows = SCHEDULE.table(2000), fastlr.tables(SWEEP, 2000)
    lazy_row = fastlr.dask.table(SCHEDULE, 2000, chunks=100)
    lazy_rows = fastlr.dask.tables(SWEEP, 2000, chunks=(3, 700))
    for each in SLICES:
        assert np.array_equal(lazy_row[each].compute(scheduler="sync"), row[each])
        assert np.array_equal(lazy_rows[:, each].compute(scheduler="sync"), rows[:, each])
        assert np.array_equal(lazy_rows[2, each].compute(scheduler="sync"), rows[2, each])
    assert np.array_equal(lazy_rows[::-1, 3].compute(), rows[::-1, 3])
    assert lazy_row.max().compute() == row.max()


def test_only_the_chunks_that_are_asked_for_are_computed():
    lazy = fastlr.dask.table(SCHEDULE, 10**9, chunks=10**6)  # 4 GB, each chunk 4 MB
    start = 7 * 10**8 - 2
    expected = SCHEDULE.table(start, start + 5)
    assert_same_bits(lazy[start : start + 5].compute(), expected, range(5), "two chunks")
    assert lazy[start].compute() == expected[0]


def test_chunks_carry_the_schedule_and_not_its_table():
    lazy = fastlr.dask.table(SCHEDULE, 10**9, chunks=10**7)
    assert len(pickle.dumps(lazy)) < 300 * lazy.npartitions
    assert lazy.name == fastlr.dask.table(SCHEDULE, 10**9, chunks=10**7).name
    assert lazy.name != fastlr.dask.table(0.5 * SCHEDULE, 10**9, chunks=10**7).name


def test_float64():
    schedule = fastlr.CosineDecay(np.float64(0.1), 1000)
    lazy = fastlr.dask.table(schedule, 2000, chunks=300)
    assert_same_bits(lazy.compute(), schedule.table(2000), range(2000), "float64")


def test_processes():
    for schedule in (SCHEDULE, Own()):
        lazy = fastlr.dask.table(schedule, 500, chunks=200)
        rates = lazy.compute(scheduler="processes", num_workers=2)
        assert_same_bits(rates, schedule.table(500), range(500), repr(schedule))


def test_more_than_the_memory_of_a_cluster(tmp_path):
    program = Path(__file__).parent / "cluster_program.py"
    done = subprocess.run([sys.executable, program, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"2 workers wrote {160 * 2**20} rates\n"


def test_refusals():
    for call, error, named in [
        (lambda: fastlr.dask.table(0.1, 5), TypeError, "`schedule`"),
        (lambda: fastlr.dask.tables([SCHEDULE, 0.1], 5), TypeError, r"`schedules\[1\]`"),
        (lambda: fastlr.dask.table(SCHEDULE, 1.5), TypeError, "`stop`"),
        (lambda: fastlr.dask.table(SCHEDULE, 0, 5, 0), ValueError, "`step`"),
        (lambda: fastlr.dask.table(SCHEDULE, 2**64, 2**64 + 5), ValueError, "int64"),
        (lambda: fastlr.dask.table(SCHEDULE, 5, execution="fast"), ValueError, "execution"),
        (
            lambda: fastlr.dask.table(fastlr.Constant(np.float64(1)), 5, execution="xla"),
            NotImplementedError,
            "float64",
        ),
    ]:
        with pytest.raises(error, match=named):
            call()
