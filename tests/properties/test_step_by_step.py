"""Tables and plots of schedules that are called step by step: those of users."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from matplotlib.figure import Figure

import fastlr


def same(ours, theirs):
    """Fail where two tables are not the same."""
    assert ours.dtype == theirs.dtype
    assert ours.tobytes() == theirs.tobytes()


def offset_schedules(fastlr):
    """Schedules whose calls are not what a kernel computes."""

    class Late(fastlr.CosineDecay):
        def __call__(self, step, **how):
            return super().__call__(step + 5, **how)

    class Later(Late):
        pass

    class Mixin:
        def __call__(self, step, **how):
            return 0.5 * super().__call__(step, **how)

    class Mixed(Mixin, fastlr.PiecewiseConstantDecay):
        pass

    class Own(fastlr.LearningRateSchedule):
        def __call__(self, step, execution="eager"):
            return 0.1 / (step + 100)

    return [Late(0.1, 10), Later(np.float64(0.1), 10), Mixed([3], [0.1, 0.2]), Own()]


def test_tables_are_calls(fastlr):
    for schedule in offset_schedules(fastlr):
        for bounds in [(12,), (0,), (2, 9), (9, 2), (9, -3, -2)]:
            steps = range(*bounds)
            expected = np.array([schedule(step) for step in steps], schedule._dtype)
            same(schedule.table(*bounds), expected)
        out = np.empty(4, schedule._dtype)
        assert schedule.table(1, step=2, stop=9, out=out, threads=2) is out
        same(out, schedule.table(9)[1::2])
        same(schedule.table(9, step=2), schedule.table(0, 9, 2))


class Power(fastlr.LearningRateSchedule):
    """Of one's own, at the top of a module, where pickle finds it."""

    def __init__(self, base):
        self.base = base

    def __call__(self, step):
        return self.base**step


def test_schedules_of_ones_own_are_copied_and_pickled():
    for restored in (
        pickle.loads(pickle.dumps(Power(0.5))), copy.copy(Power(0.5)), copy.deepcopy(Power(0.5)),
    ):  # fmt: skip
        assert type(restored) is Power
        same(restored.table(5), Power(0.5).table(5))


def test_modes_are_passed_on(fastlr):
    late, _, _, own = offset_schedules(fastlr)
    expected = fastlr.CosineDecay(0.1, 10).table(5, 15, execution="xla")
    same(late.table(10, execution="xla"), expected)
    same(own.table(10, execution="xla"), own.table(10))


def test_bad_arguments_of_tables(fastlr):
    out = np.full(6, 7, np.float32)
    for schedule in offset_schedules(fastlr):
        for arguments, keywords, error in [
            ((1.5,), {}, TypeError), ((0, 5, 0), {}, ValueError),
            ((6,), {"threads": 0, "out": out}, ValueError),
            ((6,), {"execution": "fast", "out": out}, ValueError),
            ((5,), {"out": out}, ValueError), ((10**15,), {}, MemoryError),
        ]:  # fmt: skip
            with pytest.raises(error):
                schedule.table(*arguments, **keywords)

    class Failing(fastlr.LearningRateSchedule):
        def __call__(self, step):
            return None if step == 5 else 0.1

    with pytest.raises(TypeError):
        Failing().table(6, out=out)
    assert (out == 7).all()


def test_plots_are_of_the_calls(fastlr):
    for schedule in offset_schedules(fastlr):
        ax = schedule.plot(Figure().subplots(), stop=12)
        (line,) = ax.lines  # no mark of the schedule that was overridden
        same(line.get_ydata(), schedule.table(12))
    with pytest.raises(ValueError, match=r"`stop` must be given.*Own"):
        schedule.plot(Figure().subplots())
