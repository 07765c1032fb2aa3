"""What optax's own tests assert of its schedules holds for fastlr's tables in their place.

After optax/schedules/_schedule_test.py and _join_test.py of optax 0.2.8, with their tolerances.
Schedules of no steps are left out, which optax takes for constants and fastlr refuses.
"""

from __future__ import annotations

import numpy as np
import pytest

from fastlr import (
    Constant,
    CosineDecay,
    ExponentialDecay,
    Join,
    PiecewiseConstantDecay,
    PolynomialDecay,
    Table,
    recipes,
)


def linear(first, last, steps):
    return PolynomialDecay(first, steps, end_learning_rate=last)


def pieces(part, values, boundaries):
    """Interpolation between values, with `part(first, last, steps)`."""
    lengths = np.diff([0, *boundaries]).tolist()
    ends = zip(values[:-1], values[1:], lengths, strict=True)
    return Join([*(part(*each) for each in ends), Constant(values[-1])], boundaries)


def cosine(first, last, steps):
    return CosineDecay(first, steps, alpha=last / first)


def powers(base, staircase, count, start=0):
    exponents = np.arange(count) / 2
    return np.concatenate(
        [np.ones(start), base ** (np.floor(exponents) if staircase else exponents)]
    )


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Constant(10), [10] * 15),
        (linear(10.0, 20.0, 10), [*range(10, 20), *[20] * 5]),
        (PolynomialDecay(25.0, 10, end_learning_rate=10.0, power=2.0),
         [*(10 + 15 * (1 - n / 10) ** 2 for n in range(10)), *[10] * 5]),
        (Join([Constant(30.0), PolynomialDecay(30.0, 10, end_learning_rate=10.0, power=2.0)], [4]),
         [*[30] * 4, *(10 + 20 * (1 - n / 10) ** 2 for n in range(10)), *[10] * 6]),
        (PiecewiseConstantDecay([2, 5], [0.1, 0.2, 0.1]), [0.1] * 3 + [0.2] * 3 + [0.1] * 4),
        (PiecewiseConstantDecay([2, 5], [-0.1, -0.2, -0.1]), [-0.1] * 3 + [-0.2] * 3 + [-0.1] * 4),
        (ExponentialDecay(1.0, 15, 1.0), [1.0] * 15),
        (ExponentialDecay(1.0, 15, 1.0, staircase=True), [1.0] * 15),
        *((ExponentialDecay(1.0, 2, 2.0, staircase=stairs), powers(2.0, stairs, 15))
          for stairs in (False, True)),
        *((Join([Constant(1.0), ExponentialDecay(1.0, 2, 2.0, staircase=stairs)], [5]),
           powers(2.0, stairs, 15, 5)) for stairs in (False, True)),
        *((Join([Constant(1.0), ExponentialDecay(1.0, 2, rate, staircase=stairs)], [3])
           .clipped(minimum=0.1), np.maximum(powers(rate, stairs, 11, 3), 0.1))
          for stairs in (False, True) for rate in (0.2, 1.0)),
        *((Join([Constant(1.0), ExponentialDecay(1.0, 2, 2.0, staircase=stairs)], [3])
           .clipped(maximum=3.0), np.minimum(powers(2.0, stairs, 11, 3), 3.0))
          for stairs in (False, True)),
        (ExponentialDecay(32.0, 1, 0.5), [32, 16, 8, 4, 2]),
        (CosineDecay(0.1, 10), [0.05 + 0.05 * np.cos(np.pi * n / 10) for n in range(10)]),
        (CosineDecay(0.1, 5), [0.05 + 0.05 * np.cos(np.pi * min(n, 5) / 5) for n in range(12)]),
        (CosineDecay(0.1, 5, alpha=0.1),
         [0.1 * (0.9 * (0.5 + 0.5 * np.cos(np.pi * min(n, 5) / 5)) + 0.1) for n in range(12)]),
        (pieces(linear, [200.0, 300.0, 75.0], [5, 10]),
         [200, 220, 240, 260, 280, 300, 255, 210, 165, 120, 75, 75, 75]),
        (pieces(cosine, [400.0, 240.0, 288.0, 288.0], [3, 5, 7]),
         [400, 360, 280, 240, 264, 288, 288, 288, 288]),
        (pieces(linear, [100.0, 1000.0, 100.0, 1.0], [3, 7, 10]),
         [100, 400, 700, 1000, 775, 550, 325, 100, 67, 34, 1, 1]),
        (recipes.one_cycle(1000.0, 5, warmup_fraction=0.4, start=100.0, end=1.0),
         [100, 550, 1000, 750.25, 250.75, 1, 1]),
    ],
)  # fmt: skip
def test_values(schedule, expected):
    np.testing.assert_allclose(schedule.table(len(expected)), expected, atol=1e-3)


def test_an_exponent():
    curve = (0.5 + 0.5 * np.cos(np.pi * np.arange(101) / 100)) ** 2
    np.testing.assert_allclose(
        Table(0.1 * curve)([0, 10, 50, 75, 100]),
        [0.1, 0.09516553580760956, 0.025, 0.0021446612663567066, 0.0],
        rtol=1e-6,
        atol=1e-8,
    )


def test_giant_steps():
    np.testing.assert_allclose(CosineDecay(1000.0, 10**10)(10**9), 975.52826)


@pytest.mark.parametrize(("start", "peak", "end"), [(10, 0.5, 1e-4), (5, 3, 0.0)])
def test_limits_of_warmup_and_cosine(start, peak, end):
    schedule = recipes.cosine_with_warmup(peak, 1000, 100, start=start, end=end)
    np.testing.assert_allclose(schedule(0), start)
    np.testing.assert_allclose(schedule(100), peak)
    np.testing.assert_allclose(schedule(1000), end, rtol=1e-3)


def test_shape_of_warmup_and_cosine():
    rates = recipes.cosine_with_warmup(1.0, 25, 5, end=0.1).table(26).astype(float)
    assert (np.diff(rates[:6]) > 0).all()
    assert round(rates[5] - 1.0, 6) == 0
    assert (np.diff(rates[5:]) <= 0).all()
    assert round(rates[25] - 0.1, 6) == 0
    with pytest.raises(ValueError, match="`warmup_steps`"):
        recipes.cosine_with_warmup(1.2, 10, 10, start=0.2)


@pytest.mark.parametrize("peaks", [(1.6, 0.8, 0.4), (1.6, 1.6, 1.6)])
def test_limits_of_sgdr(peaks):
    totals = (2000, 3000, 5000)
    cycles = [recipes.cosine_with_warmup(*each, 500) for each in zip(peaks, totals, strict=True)]
    schedule = Join(cycles, [2000, 5000])
    for step, peak in zip((500, 2500, 5500), peaks, strict=True):
        np.testing.assert_allclose(schedule(step), peak)


def test_join():
    joined = Join([Constant(1.0), Constant(2.0), Constant(1.0)], [3, 6])
    assert [joined(step) for step in range(7)] == [1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 1.0]
