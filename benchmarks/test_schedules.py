"""Tables of every schedule beside NumPy's float32 formula and Keras on the vector of steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import fastlr

STEPS = 1_000_000
F = np.float32


class Case(NamedTuple):
    schedule: Any
    formula: Callable[[Any], Any]


def cosine(rate, angle):
    return F(rate) * (F(0.5) * (1 + np.cos(F(np.pi) * angle)))


def warmup(step):
    rising = F(0.1) * (step / F(STEPS // 2))
    falling = cosine(0.1, (step - F(STEPS // 2)) / F(STEPS // 2))
    return np.where(step < STEPS // 2, rising, falling)


def restarts(t_mul, first, m_mul):
    def formula(step):
        fraction = step / F(first)
        if t_mul == 1:
            period = np.floor(fraction)
            passed = fraction - period
        else:
            period = np.floor(np.log(1 - fraction * F(1 - t_mul)) / F(np.log(t_mul)))
            length = np.power(F(t_mul), period)
            passed = (fraction - (1 - length) / F(1 - t_mul)) / length
        return np.power(F(m_mul), period) * cosine(0.1, passed)

    return formula


def polynomial(power, cycle=False):
    def formula(step):
        steps = F(STEPS // 4) * np.maximum(1, np.ceil(step / F(STEPS // 4))) if cycle else F(STEPS)
        passed = step / steps if cycle else np.minimum(step, steps) / steps
        return F(0.1 - 1e-4) * np.power(1 - passed, F(power)) + F(1e-4)

    return formula


def piecewise(step):
    rates = np.array([0.1, 0.05, 0.01], F)
    return rates[np.searchsorted(np.array([STEPS // 3, STEPS // 2], F), step)]


def exponential(decay_steps, staircase=False):
    def formula(step):
        p = step / F(decay_steps)
        return F(0.1) * np.power(F(0.96), np.floor(p) if staircase else p)

    return formula


CASES = {
    "CosineDecay": Case(fastlr.CosineDecay(0.1, STEPS), lambda s: cosine(0.1, s / F(STEPS))),
    "CosineDecay, warmup": Case(
        fastlr.CosineDecay(0.0, STEPS // 2, warmup_target=0.1, warmup_steps=STEPS // 2), warmup
    ),
    "CosineDecayRestarts, t_mul=2": Case(
        fastlr.CosineDecayRestarts(0.1, 1000, m_mul=0.9), restarts(2.0, 1000, 0.9)
    ),
    "CosineDecayRestarts, t_mul=1, periods of 1000": Case(
        fastlr.CosineDecayRestarts(0.1, 1000, t_mul=1.0), restarts(1, 1000, 1.0)
    ),
    "CosineDecayRestarts, t_mul=1, periods of 10": Case(
        fastlr.CosineDecayRestarts(0.1, 10, t_mul=1.0), restarts(1, 10, 1.0)
    ),
    "ExponentialDecay": Case(fastlr.ExponentialDecay(0.1, 10_000, 0.96), exponential(10_000)),
    "ExponentialDecay, staircase": Case(
        fastlr.ExponentialDecay(0.1, 10_000, 0.96, staircase=True), exponential(10_000, True)
    ),
    "InverseTimeDecay": Case(
        fastlr.InverseTimeDecay(0.1, 10_000, 0.5), lambda s: F(0.1) / (1 + F(0.5) * (s / F(10_000)))
    ),
    "PiecewiseConstantDecay": Case(
        fastlr.PiecewiseConstantDecay([STEPS // 3, STEPS // 2], [0.1, 0.05, 0.01]), piecewise
    ),
    "PolynomialDecay": Case(fastlr.PolynomialDecay(0.1, STEPS), polynomial(1.0)),
    "PolynomialDecay, power=0.9": Case(
        fastlr.PolynomialDecay(0.1, STEPS, power=0.9), polynomial(0.9)
    ),
    "PolynomialDecay, power=2, cycle": Case(
        fastlr.PolynomialDecay(0.1, STEPS // 4, power=2.0, cycle=True), polynomial(2.0, True)
    ),
}

over_cases = pytest.mark.parametrize("name", CASES)


def group(name):
    return f"Table of {STEPS:,} steps: {name}"


@over_cases
def test_fastlr(timed, name):
    schedule = CASES[name].schedule
    assert schedule.table(STEPS, threads=1).tobytes() == schedule(np.arange(STEPS)).tobytes()
    timed(group(name), "fastlr, one thread", lambda: schedule.table(STEPS, threads=1))


@over_cases
@pytest.mark.parametrize("execution", ["graph", "xla"])
def test_modes(timed, name, execution):
    schedule = CASES[name].schedule
    table = schedule.table(STEPS, execution=execution)
    assert table.tobytes() == schedule(np.arange(STEPS), execution=execution).tobytes()
    timed(group(name), f"fastlr, {execution}, one thread",
          lambda: schedule.table(STEPS, threads=1, execution=execution))  # fmt: skip


@over_cases
def test_numpy(timed, name):
    schedule, formula = CASES[name]

    def peer():
        return formula(np.arange(STEPS, dtype=F))

    # Restarts may fall a step apart, where the logarithm is rounded.
    far = np.abs(peer() - schedule.table(STEPS)) > 1e-5
    assert far.sum() < 30
    timed(group(name), "NumPy, float32 formula", peer)


@pytest.mark.parametrize("name", [name for name in CASES if "warmup" not in name])
def test_tensorflow(timed, name, keras):
    """Keras has no arrays with warmup."""
    schedule = CASES[name].schedule
    theirs = keras.optimizers.schedules.deserialize(fastlr.serialize(schedule))
    steps = np.arange(STEPS, dtype=np.int64)
    far = np.abs(theirs(steps).numpy() - schedule.table(STEPS)) > 1e-5
    assert far.sum() < 30
    timed(group(name), "Keras on the vector", lambda: theirs(steps).numpy(), rounds=10)
