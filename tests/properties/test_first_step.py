"""``first_step`` against a scan of the table."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from backends import over_backends, using
from registry import CONFIGS, ROWS, SOME_CONFIGS, config_id, float64_config

import fastlr
from fastlr._first_step import floats

BOUNDS = [(0, 2500), (-300, 200), (2**24 - 60, 2**24 + 300), (2**31 - 200, 2**31 + 1500),
          (-(2**30) - 400, -(2**30) + 400), (2**62 - 9, 2**62 + 900), (7, 8)]  # fmt: skip


def scanned(rates, condition, value):
    """Index of the first rate for which it holds."""
    wide = rates.astype(np.float64)
    found = np.flatnonzero(wide < value if condition == "below" else wide > value)
    return int(found[0]) if found.size else None


def values_near(rates):
    """Rates, numbers between two neighbouring ones, and beyond all."""
    finite = rates[np.isfinite(rates)]
    if not finite.size:
        return [0.0]
    picked = np.unique(np.concatenate([finite[[0, -1]], finite[:: max(1, len(finite) // 5)]]))
    wide = [float(rate) for rate in picked]
    return [*wide, *(rate * (1 + 2.0**-30) for rate in wide), float(finite.min()) - 1.0, 1e300]


def compare(schedule, start, stop):
    """Compare with a scan; how many searches that were."""
    rates = schedule.table(start, stop)
    values = values_near(rates)
    for value in values:
        for condition in ("below", "above"):
            index = scanned(rates, condition, value)
            expected = None if index is None else start + index
            found = schedule.first_step(**{condition: value}, start=start, stop=stop)
            assert found == expected, f"{schedule!r}, {condition}={value!r}, {start}, {stop}"
    return 2 * len(values)


def compare_config(backend, class_name, config):
    """Compare in ranges everywhere, and around the landmarks."""
    marks = [int(min(mark, 2**61)) for mark in ROWS[class_name].landmarks(config)][:4]
    with using(backend) as module:
        schedule = getattr(module, class_name).from_config(config)
        bounds = [*BOUNDS, *((mark - 400, mark + 400) for mark in marks)]
        return sum(compare(schedule, *each) for each in bounds)


@over_backends
@pytest.mark.parametrize(("class_name", "config"), SOME_CONFIGS, ids=config_id)
def test_as_a_scan(backend, class_name, config, count_compared):
    count_compared("first steps with a scan", compare_config(backend, class_name, config))


@pytest.mark.parametrize(("class_name", "config"), CONFIGS[::9], ids=config_id)
def test_float64(class_name, config):
    compare_config("cpp-baseline", class_name, float64_config(config))


def test_floats_are_those_that_steps_are_rounded_to():
    for dtype, bits in (("float32", 24), ("float64", 53)):
        for power in (*range(bits - 1, 62), 62):
            for sign in (1, -1):
                start, stop = sign * 2**power - 300, sign * 2**power + 300
                found = [step for steps in floats(start, stop, dtype) for step in steps]
                rounded = {int(np.asarray(step).astype(dtype)) for step in range(start, stop)}
                assert found == sorted(step for step in rounded if start <= step < stop)


@over_backends
def test_far_away(backend):
    """Where no scan is possible, the step before is not yet one."""
    with using(backend) as module:
        for schedule in (
            module.CosineDecay(0.1, 10**12),
            module.ExponentialDecay(0.1, 10**12, 0.5, staircase=True),
            module.PolynomialDecay(0.1, 3 * 10**10).with_warmup(10**10, start=0.1).shifted(12345),
            module.PiecewiseConstantDecay([10**9, 10**12 + 1], [0.1, 0.05, 0.01]),
        ):
            step = schedule.first_step(below=0.04)
            assert schedule(step) < 0.04 <= schedule(step - 1)
        assert module.CosineDecay(0.1, 1000).first_step(above=0.1, start=5, stop=10**9) is None


@over_backends
def test_searches_that_end_by_themselves(backend):
    with using(backend) as module:
        constant = module.Constant(np.float64(0.1))
        table = module.Table([0.3, 0.1, 0.2])
        pieces = module.PiecewiseConstantDecay([5, 9], [np.float64(0.1), 0.2, 0.3])
        assert constant.first_step(above=0.1) is None
        assert constant.first_step(below=0.2, start=-5) == -5
        assert table.first_step(below=0.2, start=-(2**63)) == 1
        assert table.first_step(below=0.0) is None
        assert table.first_step(above=0.25) == 0
        assert pieces.first_step(above=0.25) == 10
        assert pieces.shifted(-3).first_step(above=0.15) == 9
        joined = module.Join([module.CosineDecay(np.float64(0.1), 9), constant], [5])
        assert joined.first_step(below=0.0) is None
        assert module.CosineDecay(0.1, 10).first_step(below=0.05, start=7, stop=7) is None
        assert module.CosineDecay(0.1, 10).first_step(below=0.05, start=2**63 - 1) == 2**63 - 1


@over_backends
def test_schedules_of_ones_own(backend):
    with using(backend) as module:

        class Own(module.LearningRateSchedule):
            def __call__(self, step):
                return 1.0 / (step + 1)

        class Late(module.CosineDecay):
            def __call__(self, step, **how):
                return super().__call__(step - 100, **how)

        for schedule in (Own(), Own().with_warmup(5), 0.5 * Own(), Late(0.1, 1000)):
            compare(schedule, 0, 300)
            with pytest.raises(ValueError, match=r"`stop` must be given.*(Own|Late)"):
                schedule.first_step(below=0.001)
        early = module.Join([Own(), module.Constant(0.0)], [1000])
        assert early.first_step(below=0.0005) == 1000
        for part in (Own(), module.CosineDecay(np.float64(0.1), 2**50)):
            end = module.Constant(np.float64(0.0) if part._dtype == "float64" else 0.0)
            with pytest.raises(ValueError, match=r"`stop` must be given.*(Own|CosineDecay)"):
                module.Join([part, end], [2**50]).first_step(below=-1.0)


def test_values_beside_the_numbers_of_a_dtype():
    """Beyond the largest, and below the smallest: without warnings, whatever NumPy is set to."""
    schedule = fastlr.Constant(0.1)
    largest = float(np.finfo(np.float32).max)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        for value in (largest * (1 + 2.0**-30), 1e300):
            assert schedule.first_step(below=value, stop=9) == 0
            assert schedule.first_step(above=-value, stop=9) == 0
        assert schedule.first_step(below=1e-50, stop=9) is None
        assert schedule.first_step(above=1e-50, stop=9) == 0


@over_backends
def test_refusals_name_the_argument(backend):
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 10)
        wide = module.CosineDecay(np.float64(0.1), 10)
        for keywords, error, named in [
            ({}, ValueError, "`below` and `above`"),
            ({"below": 0.1, "above": 0.1}, ValueError, "`below` and `above`"),
            ({"below": "0.1"}, TypeError, "`below`"),
            ({"above": float("nan")}, ValueError, "`above`"),
            ({"above": 10**400}, ValueError, "`above`"),
            ({"below": 0.1, "start": 1.5}, TypeError, "`start`"),
            ({"below": 0.1, "stop": "9"}, TypeError, "`stop`"),
            ({"below": 0.1, "stop": 2**64}, ValueError, "int64"),
        ]:
            with pytest.raises(error, match=named):
                schedule.first_step(**keywords)
        with pytest.raises(ValueError, match="`stop` must be given"):
            wide.first_step(below=0.05)
        assert wide.first_step(below=0.05, stop=100) == 6
