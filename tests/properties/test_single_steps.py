"""Schedules in compiled code of others: in functions of Numba's, and as C functions.

With the core; the fallback, which compiles seconds for each schedule, is in tests/full.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from importlib.metadata import entry_points
from typing import Any

import numba
import numpy as np
import pytest
from bits import assert_same_bits
from registry import ROWS, float64_config
from single_steps import FLOATS, check_c_functions, rates_at, schedules_with_steps

import fastlr

SCHEDULE = fastlr.CosineDecay(0.1, 1000).with_warmup(100)
GLOBAL = fastlr.Table([1.0, 2.0])
INT64_MAX = 2**63 - 1


class Halving(fastlr.LearningRateSchedule):
    def __call__(self, step: Any) -> float:
        return 0.5**step


@numba.njit
def at(schedule, step):
    return schedule(step)


# ---- Values -------------------------------------------------------------------------------------


@pytest.mark.parametrize("class_name", ROWS)
def test_steps_in_numba(class_name, count_compared):
    compared = 0
    for schedule, steps in schedules_with_steps(fastlr, class_name, every=2):
        for kind in (np.int64, float):
            given = [kind(step) for step in steps]
            expected = [schedule(step) for step in given]
            assert_same_bits([at(schedule, step) for step in given], expected, given, f"{schedule}")
            compared += len(given)
    count_compared("compiled code of others and calls", compared)


@pytest.mark.parametrize("class_name", ROWS)
def test_c_functions(class_name, count_compared):
    compared = check_c_functions(fastlr, class_name, every=2)
    count_compared("compiled code of others and calls", compared)


@pytest.mark.parametrize("step", [True, np.uint8(200), np.uint64(2**40), np.float32(7.3)])
def test_types_of_steps(step):
    rate = at(SCHEDULE, step)
    assert isinstance(rate, float)
    assert rate == SCHEDULE(step)


@pytest.mark.parametrize("step", [*FLOATS, -0.0, INT64_MAX, -(2**63)])
def test_unusual_steps(step):
    for schedule in (SCHEDULE, fastlr.CosineDecay(np.float64(0.1), 1000)):
        assert_same_bits(at(schedule, step), schedule(step), step, f"{schedule}")


def test_float_steps_are_float32_as_in_a_call():
    schedule = fastlr.PiecewiseConstantDecay([0.1], [np.float64(1.0), np.float64(2.0)])
    assert (
        schedule(0.1)
        == at(schedule, 0.1)
        == schedule.c_function(float).function(0.1, schedule.c_function(float).data)
    )


# ---- Numba --------------------------------------------------------------------------------------


@numba.njit(parallel=True)
def filled_in_parallel(schedule, n):
    out = np.empty(n, np.float32)
    for step in numba.prange(n):
        out[step] = schedule(step)
    return out


@numba.njit(nogil=True)
def fill(schedule, out):
    for step in range(out.size):
        out[step] = schedule(step)


def test_prange():
    assert_same_bits(filled_in_parallel(SCHEDULE, 5000), SCHEDULE.table(5000), range(5000), "")


def test_threads_without_the_gil():
    outs = [np.empty(200_000, np.float32) for _ in range(4)]
    fill(SCHEDULE, outs[0][:1])
    threads = [threading.Thread(target=fill, args=(SCHEDULE, out)) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for out in outs:
        assert_same_bits(out, SCHEDULE.table(out.size), range(out.size), "")


def test_several_schedules_and_keywords():
    @numba.njit
    def total(schedules, step):
        return schedules[0](steps=step) + schedules[1](step, execution="eager")

    both = SCHEDULE, fastlr.Constant(np.float64(1.0))
    assert total(both, 50) == SCHEDULE(50) + 1


@numba.njit
def at_a_global_one(step):
    return GLOBAL(step)


def test_global_schedules(monkeypatch):
    assert at_a_global_one(1) == 2.0
    monkeypatch.setattr(sys.modules[__name__], "GLOBAL", None)
    assert at_a_global_one(1) == 2.0


def test_schedules_live_as_long_as_a_generator():
    @numba.njit
    def rates(schedule, n):
        for step in range(n):
            yield schedule(step)

    values = np.arange(100_000) + 1.0
    generator = rates(fastlr.Table(values), 5)
    del values
    assert list(generator) == [1, 2, 3, 4, 5]


def test_no_references_are_left():
    before = sys.getrefcount(SCHEDULE)
    for step in range(100):
        at(SCHEDULE, step)
    assert sys.getrefcount(SCHEDULE) == before


@pytest.mark.parametrize("schedule", [Halving(), Halving().with_warmup(3) * 2])
def test_schedules_of_ones_own_are_refused_by_name(schedule):
    for use in (lambda: at(schedule, 3), schedule.c_function):
        with pytest.raises(TypeError, match=r"Halving.*only Python can call"):
            use()


@pytest.mark.parametrize("step", ["3", None, 1j, np.arange(3), (1, 2)])
def test_other_steps_are_refused(step):
    with pytest.raises(numba.TypingError, match="Argument `steps` must be one integer or float"):
        at(SCHEDULE, step)


def test_steps_beyond_int64_are_refused():
    with pytest.raises(OverflowError, match="Argument `steps` must lie within int64"):
        at(SCHEDULE, np.uint64(2**63))


def test_other_execution_modes_are_refused():
    @numba.njit
    def rate(schedule, step):
        return schedule(step, execution="xla")

    with pytest.raises(numba.TypingError, match=r"Use schedule\.table\(steps, execution='xla'\)"):
        rate(SCHEDULE, 3)


# ---- How Numba finds it -------------------------------------------------------------------------


def test_entry_point():
    (entry,) = (each for each in entry_points(group="numba_extensions") if "fastlr" in each.value)
    assert entry.name == "init"
    assert entry.load() is sys.modules["fastlr_numba"].init


@pytest.mark.parametrize(
    "program",
    [
        """
        import inspect, sys
        import fastlr

        class Own(fastlr.LearningRateSchedule):
            pass

        fastlr.CosineDecay(0.1, 1000).c_function()
        inspect.getmembers(fastlr.CosineDecay(0.1, 1000))
        inspect.getmembers(Own())
        assert not {"numba", "llvmlite", "fastlr_numba"} & set(sys.modules)
        """,
        """
        import sys
        import numba
        numba.njit(lambda x: x + 1)(1)
        assert "fastlr_numba" in sys.modules
        assert "fastlr" not in sys.modules
        """,
    ],
    ids=["fastlr", "numba"],
)
def test_neither_imports_the_other(program):
    environment = {"FASTLR_BACKEND": "cpp"}
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], env=environment, check=True)


# ---- C functions --------------------------------------------------------------------------------


def test_data_keep_the_schedule_alive():
    made = fastlr.Table(np.arange(100_000, dtype=np.float32)).c_function()
    assert rates_at(made, range(3)) == [0, 1, 2]


def test_addresses():
    made = SCHEDULE.c_function()
    assert made.address > 0
    assert made.data.value == SCHEDULE.c_function(float).data.value
    assert made.address != SCHEDULE.c_function(float).address


@pytest.mark.parametrize("steps", [None, "int", np.int64, bool, 5])
def test_other_types_of_steps_are_refused(steps):
    with pytest.raises(ValueError, match=r"Argument `steps` must be `int`.*or `float`"):
        SCHEDULE.c_function(steps)


def test_c_functions_in_other_modes():
    schedule = fastlr.CosineDecay(0.1, 777, alpha=0.1)
    for mode in ("eager", "graph", "xla"):
        made = schedule.c_function(execution=mode)
        rates = np.array(rates_at(made, range(3000)), np.float32)
        assert_same_bits(rates, schedule.table(3000, execution=mode), range(3000), mode)
    wide = fastlr.CosineDecay(**float64_config({"initial_learning_rate": 0.1, "decay_steps": 7}))
    with pytest.raises(NotImplementedError, match="float64"):
        wide.c_function(execution="xla")
    with pytest.raises(ValueError, match="Argument `execution`"):
        wide.c_function(execution="fast")
