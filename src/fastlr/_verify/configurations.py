"""Configurations at random, and the steps at which they are awkward."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from fastlr.schedules.kernel_schedule import SCHEDULES, KernelSchedule

Config = dict[str, Any]


def random_schedule(class_name: str, rng: np.random.Generator) -> KernelSchedule:
    """A schedule as people train with, or with more unusual arguments."""
    return SCHEDULES[class_name](**_RANDOM[class_name](rng))


def special_schedules(class_name: str) -> list[KernelSchedule]:
    """Schedules whose constants are special numbers, which random ones never hit.

    Graph optimisers drop a multiplication by 1 and a sum with 0, what these kept apart grows
    together, and constants that are equal are merged (docs/exactness.md, "Constants that are 1").
    """
    names, rows = _SPECIAL.get(class_name, ((), []))
    return [SCHEDULES[class_name](**dict(zip(names, row, strict=False))) for row in rows]


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


def _inverse_square_root_decay(rng: np.random.Generator) -> Config:
    return {"initial_learning_rate": _rate(rng), "decay_steps": _steps(rng)}


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


def _constant(rng: np.random.Generator) -> Config:
    return {"learning_rate": _rate(rng)}


def _table(rng: np.random.Generator) -> Config:
    return {"values": [_rate(rng) for _ in range(rng.integers(1, 100))]}


def _join(rng: np.random.Generator) -> Config:
    boundaries = sorted({_steps(rng) for _ in range(rng.integers(0, 6))})
    return {"schedules": [_part(rng) for _ in range(len(boundaries) + 1)], "boundaries": boundaries}


def _scale(rng: np.random.Generator) -> Config:
    return {"schedule": _part(rng), "factor": _one_of(rng, 0.5, -1.0, float(rng.normal()), 1e-38)}


def _shift(rng: np.random.Generator) -> Config:
    return {"schedule": _part(rng), "steps": int(rng.choice([-1, 1])) * _steps(rng)}


def _clip(rng: np.random.Generator) -> Config:
    minimum, maximum = sorted((_rate(rng), _rate(rng)))
    bounds = {"minimum": minimum, "maximum": maximum}
    return {"schedule": _part(rng), **_one_of(rng, bounds, {"minimum": minimum}, {})}


def _part(rng: np.random.Generator) -> KernelSchedule:
    """Any schedule, also a composition: they have half a composition as a part on average."""
    return random_schedule(_one_of(rng, *_RANDOM), rng)


_RANDOM: dict[str, Callable[[np.random.Generator], Config]] = {
    "Clip": _clip,
    "Constant": _constant,
    "CosineDecay": _cosine_decay,
    "CosineDecayRestarts": _cosine_decay_restarts,
    "ExponentialDecay": _decay,
    "InverseSquareRootDecay": _inverse_square_root_decay,
    "InverseTimeDecay": _decay,
    "Join": _join,
    "PiecewiseConstantDecay": _piecewise_constant_decay,
    "PolynomialDecay": _polynomial_decay,
    "Scale": _scale,
    "Shift": _shift,
    "Table": _table,
}

_DECAY = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase")

_SPECIAL: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {
    "CosineDecay": (
        ("initial_learning_rate", "decay_steps", "alpha", "warmup_target", "warmup_steps"),
        [
            (0.1, 1000, -1.0),  # (1 - alpha) / 2 is 1
            (0.1, 100, -1.0, 1.1, 10),  # and the warmup rises by 1
            (0.1, 100, 0.1, 1.0, 77),  # warmup and decay add the same constant
            (1.0, 100, 0.0, 2.0, 77),
            (-1.0, 100, -1.0, 1.0, 10),  # not the same: no alpha is left
            (1.0, 1, 1.0),
            (1.18e-38, 10),  # half of it is subnormal
            (0.0, 10, 0.0, 1.2e-38, 10),
        ],
    ),
    "CosineDecayRestarts": (
        ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha"),
        [
            (0.1, 100, 1.0, 0.9, 1e-8),  # 1 - alpha rounds to 1
            (0.1, 100, 1.5, 0.9, 2.0),  # is -1
            (1.0, 1, 2.0, 0.9, -1.0),  # is 2
            (2.9, 1, 3.5, 0.9, 0.1),  # steps are not divided
            (0.1, 100, 3.0, -1.0, 1.0),  # is 0
            (0.1, 100, 0.0, 1.0, 0.0),
            (0.1, 1e-20, 2.0, 0.9, 0.1),  # steps beyond 1e30 periods
        ],
    ),
    "ExponentialDecay": (
        _DECAY,
        [
            (1.0, 1, 1.0),
            (0.1, 41, 0.5, True),  # drops one step later in graphs
            (0.1, 10, 2.0),
            (0.1, 10, 8.0),  # a power of two
            (0.1, 10, 2.0**63),
            (0.1, 10, 10.0),
            (0.1, 7, -1.0, True),
        ],
    ),
    "InverseTimeDecay": (
        _DECAY,
        [
            (1.0, 1, 1.0),
            (0.1, 100, 100.0),  # decay_rate / decay_steps is 1
            (0.1, 100, -1.0, True),
            (0.1, 2e38, 2e38),  # step / decay_steps is subnormal
        ],
    ),
    "PiecewiseConstantDecay": (
        ("boundaries", "values"),
        [([0, 7], [1.0, 0.0, -1.0])],
    ),
    "PolynomialDecay": (
        ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle"),
        [
            # initial - end is 1 or -1
            (1.1, 1000, 0.1, 1.0, True),
            (1.1, 1000, 0.1, 1.0),
            (1.1, 1000, 0.1, 2.0),
            (0.1, 1000, 1.1, 2.0, True),
            (1.5, 7, 0.5, 3.0),
            (1.1, 1000, 0.1, 0.9),
            (0.1, 100, 0.1, 2.0),  # is 0
            (0.1, 100, 0.01, 0.5, True),  # pow(-inf, 0.5) at steps below 0
            (6e-14, 1e-6, 0.0, -2.0),  # vanishes at steps below 0
        ],
    ),
}
