"""`fastlr.recipes`: what each is made of, its formula, its ends, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastlr
from fastlr import recipes

#: Of the largest rate, for totals up to 2**24; as the module says.
BOUND = 2.0**-21

totals = st.integers(2, 2**24) | st.integers(2, 50)
rates = st.floats(1e-6, 10.0)


def line(a, b, f):
    return a + (b - a) * f


def cosine(f):
    return 0.5 * (1 + np.cos(np.pi * f))


def steps_of(*landmarks):
    around = [mark + by for mark in landmarks for by in (-1, 0, 1) if mark + by >= 0]
    spread = np.linspace(0, 1.2 * max(landmarks), 200).astype(int).tolist()
    return np.unique([*around, *spread])


def assert_near(schedule, steps, expected, largest):
    for execution in ("eager", "graph", "xla"):
        difference = np.abs(schedule(steps, execution=execution).astype(np.float64) - expected)
        assert difference.max() <= BOUND * largest, execution


@given(
    peak=rates, start=rates | st.just(0.0), end=rates | st.just(0.0), total=totals, data=st.data()
)
def test_linear_and_cosine(peak, start, end, total, data):
    warmup = data.draw(st.integers(0, total - 1))
    steps = steps_of(warmup, total)
    rising = line(start, peak, steps / max(warmup, 1))
    f = np.clip((steps - warmup) / (total - warmup), 0, 1)
    for recipe, falling in (
        (recipes.linear_with_warmup, line(peak, end, f)),
        (recipes.cosine_with_warmup, line(end, peak, cosine(f))),
    ):
        schedule = recipe(peak, total, warmup, start=start, end=end)
        expected = np.where(steps < warmup, rising, falling)
        assert_near(schedule, steps, expected, max(peak, start, end))


@given(peak=rates, start=rates | st.just(0.0), warmup=totals)
def test_inverse_sqrt(peak, start, warmup):
    schedule = recipes.inverse_sqrt_with_warmup(peak, warmup, start=start)
    steps = steps_of(warmup, 10 * warmup)
    falling = peak * np.sqrt(warmup / np.maximum(steps, 1))
    expected = np.where(steps < warmup, line(start, peak, steps / warmup), falling)
    assert_near(schedule, steps, expected, max(peak, start))


@pytest.mark.parametrize("shape", ["linear", "cosine", "sqrt"])
@given(
    peak=rates,
    start=rates | st.just(0.0),
    end=rates | st.just(0.0),
    warmup=st.integers(0, 2**20),
    stable=st.integers(0, 2**20),
    decay=st.integers(1, 10_000),
)
def test_warmup_stable_decay(shape, peak, start, end, warmup, stable, decay):
    schedule = recipes.warmup_stable_decay(
        peak, warmup, stable, decay, start=start, end=end, shape=shape
    )
    steps = steps_of(warmup, warmup + stable, warmup + stable + decay)
    f = np.clip((steps - warmup - stable) / decay, 0, 1)
    curve = {"linear": 1 - f, "cosine": cosine(f), "sqrt": 1 - np.sqrt(f)}[shape]
    falling = np.where(steps < warmup + stable, peak, line(end, peak, curve))
    expected = np.where(steps < warmup, line(start, peak, steps / max(warmup, 1)), falling)
    assert_near(schedule, steps, expected, max(peak, start, end))


@given(peak=rates, total=totals, fraction=st.floats(0, 1, exclude_max=True))
def test_one_cycle(peak, total, fraction):
    rise = round(fraction * total)
    if rise == total:
        with pytest.raises(ValueError, match="`warmup_fraction`"):
            recipes.one_cycle(peak, total, warmup_fraction=fraction)
        return
    schedule = recipes.one_cycle(peak, total, warmup_fraction=fraction)
    steps = steps_of(rise, total)
    rising = line(peak / 25, peak, 1 - cosine(steps / max(rise, 1)))
    falling = line(peak / 250000, peak, cosine(np.clip((steps - rise) / (total - rise), 0, 1)))
    assert_near(schedule, steps, np.where(steps < rise, rising, falling), peak)


def test_ends_and_boundaries_are_exact():
    peak = np.float32(3e-4)
    for schedule in (
        recipes.linear_with_warmup(3e-4, 1000, 100),
        recipes.cosine_with_warmup(3e-4, 1000, 100),
        recipes.warmup_stable_decay(3e-4, 100, 500, 400),
        recipes.warmup_stable_decay(3e-4, 100, 500, 400, shape="cosine"),
        recipes.warmup_stable_decay(3e-4, 100, 500, 400, shape="sqrt"),
        recipes.one_cycle(3e-4, 1000, warmup_fraction=0.1, start=0.0, end=0.0),
    ):
        assert schedule([0, 100, 1000, 1001, 10**9]).tolist() == [0.0, peak, 0.0, 0.0, 0.0]
    constant = recipes.warmup_stable_decay(3e-4, 100, 500, 400).table(100, 601)
    assert (constant == peak).all()
    table = recipes.warmup_stable_decay(3e-4, 100, 500, 400, end=1e-5, shape="sqrt")
    assert table(10**6) == np.float32(1e-5)


def test_what_they_are_made_of():
    linear = fastlr.PolynomialDecay(0.5, 900, end_learning_rate=0.1)
    assert recipes.linear_with_warmup(0.5, 1000, 100, start=0.2, end=0.1) == linear.with_warmup(
        100, 0.2
    )
    assert recipes.linear_with_warmup(0.5, 900, 0, start=0.2, end=0.1) == linear
    assert recipes.cosine_with_warmup(0.5, 1000, 100, start=0.2, end=0.1) == fastlr.CosineDecay(
        0.2, 900, alpha=0.1 / 0.5, warmup_target=0.5, warmup_steps=100
    )
    assert recipes.cosine_with_warmup(0.5, 900, 0, end=0.1) == fastlr.CosineDecay(
        0.5, 900, alpha=0.1 / 0.5
    )
    decay = fastlr.InverseSquareRootDecay(0.5, 100)
    assert recipes.inverse_sqrt_with_warmup(0.5, 100, start=0.2) == decay.with_warmup(100, 0.2)
    warmup = fastlr.PolynomialDecay(0.2, 100, end_learning_rate=0.5)
    parts = [warmup, fastlr.Constant(0.5), linear]
    wsd = recipes.warmup_stable_decay(0.5, 100, 50, 900, start=0.2, end=0.1)
    assert wsd == fastlr.Join(parts, [100, 150])
    assert recipes.warmup_stable_decay(0.5, 0, 50, 900, end=0.1) == fastlr.Join(parts[1:], [50])
    assert recipes.warmup_stable_decay(0.5, 0, 0, 900, end=0.1) == linear
    rise = fastlr.CosineDecay(0.5, 30, alpha=0.02 / 0.5).shifted(-30)
    fall = fastlr.CosineDecay(0.5, 70, alpha=0.5 / 250000 / 0.5)
    assert recipes.one_cycle(0.5, 100) == fastlr.Join([rise, fall], [30])
    assert recipes.one_cycle(0.5, 70, warmup_fraction=0) == fall


@pytest.mark.parametrize(
    "make",
    [
        lambda peak: recipes.linear_with_warmup(peak, 100, 10, end=1e-5),
        lambda peak: recipes.cosine_with_warmup(peak, 100, 10, end=1e-5),
        lambda peak: recipes.inverse_sqrt_with_warmup(peak, 10),
        lambda peak: recipes.warmup_stable_decay(peak, 10, 10, 10, end=1e-5),
        lambda peak: recipes.warmup_stable_decay(peak, 10, 10, 10, end=1e-5, shape="sqrt"),
        lambda peak: recipes.one_cycle(peak, 100),
    ],
)
def test_precision_and_configs(make):
    wide, narrow = make(np.float64(0.1)), make(0.1)
    assert wide.table(5).dtype == np.float64
    assert narrow.table(5).dtype == np.float32
    assert np.allclose(wide.table(100), narrow.table(100), rtol=1e-4, atol=0)
    assert fastlr.deserialize(fastlr.serialize(narrow)) == narrow


@pytest.mark.parametrize("number", [1, np.float32(1), np.array(1, np.float32)])
def test_rates_of_any_type(number):
    assert recipes.linear_with_warmup(number, 10, 2) == recipes.linear_with_warmup(1.0, 10, 2)


def test_float64_keeps_every_bit_of_its_rates():
    schedule = recipes.linear_with_warmup(np.float64(0.1), 1000, 100, start=0.01, end=0.03)
    expected = np.interp([0, 50, 100, 550, 1000], [0, 100, 1000], [0.01, 0.1, 0.03])
    assert np.allclose(schedule([0, 50, 100, 550, 1000]), expected, rtol=1e-15, atol=0)


@pytest.mark.parametrize(
    ("recipe", "arguments", "keywords", "error", "message"),
    [
        ("linear_with_warmup", (0.1, 10, 10), {}, ValueError, "`warmup_steps` must be below"),
        ("cosine_with_warmup", (0.1, 10, 11), {}, ValueError, "`warmup_steps` must be below"),
        ("linear_with_warmup", (0.1, 10, -1), {}, ValueError, "`warmup_steps` must be at least 0"),
        ("linear_with_warmup", (0.1, 0, 0), {}, ValueError, "`total_steps` must be at least 1"),
        ("linear_with_warmup", (0.1, 1e3, 1), {}, TypeError, "`total_steps` must be an integer"),
        ("inverse_sqrt_with_warmup", (0.1, 0), {}, ValueError, "`warmup_steps` must be at least"),
        ("warmup_stable_decay", (0.1, 1, 1, 0), {}, ValueError, "`decay_steps` must be at least"),
        ("warmup_stable_decay", (0.1, 1, 1, 2**50), {"shape": "sqrt"}, ValueError,
         "`decay_steps` must be at most 100000000 where"),
        ("warmup_stable_decay", (0.1, 1, -1, 1), {}, ValueError, "`stable_steps` must be at"),
        ("warmup_stable_decay", (0.1, 1, 1, 1), {"shape": "?"}, ValueError, "`shape` must be"),
        ("one_cycle", (0.1, 10), {"warmup_fraction": 1.0}, ValueError, "`warmup_fraction` must"),
        ("one_cycle", (0.1, 10), {"warmup_fraction": 0.96}, ValueError, "`warmup_fraction` must"),
        ("one_cycle", (0.1, 10), {"warmup_fraction": -0.1}, ValueError, "`warmup_fraction` must"),
        ("one_cycle", (0.1, 10), {"warmup_fraction": "0"}, TypeError, "`warmup_fraction` must"),
        ("one_cycle", (0.0, 10), {}, ValueError, "`peak` must not be 0"),
        ("cosine_with_warmup", (0, 10, 5), {"end": 1.0}, ValueError, "`peak` must not be 0"),
        ("linear_with_warmup", ("0.1", 10, 5), {}, TypeError, "`peak` must be a real number"),
        ("linear_with_warmup", (np.float16(1), 10, 5), {}, TypeError, "`peak` must be a Python"),
        ("linear_with_warmup", (1e39, 10, 5), {}, ValueError, "`peak` must fit float32"),
        ("linear_with_warmup", (0.1, 10, 5), {"end": math.nan}, ValueError, "`end` must be finite"),
        ("linear_with_warmup", (0.1, 10, 5), {"start": None}, TypeError, "`start` must be a real"),
    ],
)  # fmt: skip
def test_refused(recipe, arguments, keywords, error, message):
    with pytest.raises(error, match=message):
        getattr(recipes, recipe)(*arguments, **keywords)
