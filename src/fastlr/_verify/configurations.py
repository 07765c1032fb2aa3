"""Configurations at random, and the steps at which they are awkward."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from fastlr.schedules.base import SCHEDULES, KernelSchedule

Config = dict[str, Any]


def random_schedule(class_name: str, rng: np.random.Generator) -> KernelSchedule:
    """A schedule as people train with, or with more unusual arguments."""
    return SCHEDULES[class_name](**_RANDOM[class_name](rng))


def awkward_steps(landmarks: Iterable[float], rng: np.random.Generator, random: int) -> list[int]:
    """Integer steps at and around landmarks, beyond 2**24, below 0, and drawn at random."""
    marks = [int(mark) for mark in landmarks]
    steps = {mark + offset for mark in [0, *marks] for offset in range(-2, 3)}
    steps |= {2**24 + offset for offset in range(-2, 4)}
    steps |= {2**25 + 3, 2**31 + 7, 10**9 + 1, 10**12 + 7, 2**40 + 12345, 2**62 + 1, -(2**33)}
    end = max([*marks, 10])
    steps |= {int(step) for step in rng.integers(0, end + end // 4 + 2, random)}
    return sorted(steps)


def landmarks(schedule: KernelSchedule) -> list[float]:
    """Steps at which a schedule changes its behaviour, the first dozen."""
    end = min(2.0**40, schedule._extent())
    marks = [mark.step for mark, _ in zip(schedule._marks(0, end), range(8), strict=False)]
    return [step for step in (*marks, end / 4, end / 2, end) if step < 2**62]


def _rate(rng: np.random.Generator) -> float:
    return float(10 ** rng.uniform(-6, 1))


def _steps(rng: np.random.Generator) -> int:
    return int(10 ** rng.uniform(0, 7))


def _one_of(rng: np.random.Generator, *values: Any) -> Any:
    return values[rng.integers(len(values))]


def _cosine_decay(rng: np.random.Generator) -> Config:
    config: Config = {
        "initial_learning_rate": _rate(rng),
        "decay_steps": _steps(rng),
        "alpha": _one_of(rng, 0.0, 0.1, float(rng.uniform(-1, 2))),
    }
    if rng.random() < 0.5:
        config |= {"warmup_target": _rate(rng), "warmup_steps": _steps(rng)}
    return config


def _cosine_decay_restarts(rng: np.random.Generator) -> Config:
    return {
        "initial_learning_rate": _rate(rng),
        "first_decay_steps": _steps(rng),
        "t_mul": _one_of(rng, 1.0, 2.0, float(rng.uniform(0.5, 4))),
        "m_mul": _one_of(rng, 1.0, 0.9, float(rng.uniform(0.3, 1.2))),
        "alpha": _one_of(rng, 0.0, 0.01, float(rng.uniform(-1, 1))),
    }


def _decay(rng: np.random.Generator) -> Config:
    return {
        "initial_learning_rate": _rate(rng),
        "decay_steps": _steps(rng),
        "decay_rate": _one_of(rng, 0.96, 0.5, float(rng.uniform(0.05, 1.5))),
        "staircase": bool(rng.random() < 0.3),
    }


def _polynomial_decay(rng: np.random.Generator) -> Config:
    return {
        "initial_learning_rate": _rate(rng),
        "decay_steps": _steps(rng),
        "end_learning_rate": _one_of(rng, 0.0, 0.0001, _rate(rng)),
        "power": _one_of(rng, 1.0, 2.0, 0.5, 3.0, float(rng.uniform(0.1, 5))),
        "cycle": bool(rng.random() < 0.3),
    }


def _piecewise_constant_decay(rng: np.random.Generator) -> Config:
    boundaries = sorted({_steps(rng) for _ in range(rng.integers(1, 8))})
    return {"boundaries": boundaries, "values": [_rate(rng) for _ in range(len(boundaries) + 1)]}


_RANDOM: dict[str, Callable[[np.random.Generator], Config]] = {
    "CosineDecay": _cosine_decay,
    "CosineDecayRestarts": _cosine_decay_restarts,
    "ExponentialDecay": _decay,
    "InverseTimeDecay": _decay,
    "PiecewiseConstantDecay": _piecewise_constant_decay,
    "PolynomialDecay": _polynomial_decay,
}
