"""The rows of schedules that are made of numbers and of other schedules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
from composition_oracle import expected, rates_of
from hypothesis import strategies as st
from row import RATES, Config, Row

Part = dict[str, Any]

#: The schedules of these rows.
COMPOSITIONS = ("Constant", "Table", "Join", "Scale", "Shift", "Clip")
OF_SCHEDULES = {"Join", "Scale", "Shift", "Clip"}

#: Steps beyond these are looked at by each suite for itself.
FAR = 2**60


def part(class_name: str, **config: Any) -> Part:
    """A part as `fastlr.serialize` writes it, as far as it is read."""
    return {"class_name": class_name, "config": config}


def warmup(schedule: Part, steps: int, start: float = 0.0) -> Config:
    """The config of `schedule.with_warmup(steps, start)`."""
    first = float(rates_of(schedule).at(0, "eager"))
    ramp = part(
        "PolynomialDecay",
        initial_learning_rate=start,
        decay_steps=steps,
        end_learning_rate=first,
    )
    return {"schedules": [ramp, schedule], "boundaries": [steps]}


COSINE = part("CosineDecay", initial_learning_rate=0.1, decay_steps=1000)
WARM = part("CosineDecay", initial_learning_rate=0.0, decay_steps=300, alpha=0.1,
            warmup_target=0.2, warmup_steps=50)  # fmt: skip
RAMP = part("PolynomialDecay", initial_learning_rate=0.0, decay_steps=100, end_learning_rate=0.1)
CURVED = part("PolynomialDecay", initial_learning_rate=0.3, decay_steps=77, power=0.9, cycle=True)
RESTARTS = part("CosineDecayRestarts", initial_learning_rate=0.1, first_decay_steps=150, t_mul=1.5,
                m_mul=0.9, alpha=0.01)  # fmt: skip
PERIODS = part("CosineDecayRestarts", initial_learning_rate=0.1, first_decay_steps=40, t_mul=1.0)
STAIRS = part("ExponentialDecay", initial_learning_rate=0.1, decay_steps=30, decay_rate=0.5,
              staircase=True)  # fmt: skip
#: Subnormal, that is zero, after some 36 steps.
VANISHING = part("ExponentialDecay", initial_learning_rate=1e-37, decay_steps=10, decay_rate=0.5)
#: NaN between multiples of ten steps.
NOT_A_NUMBER = part("ExponentialDecay", initial_learning_rate=0.1, decay_steps=10, decay_rate=-0.5)
#: Infinite at its end, and above the largest float32 before.
INFINITE = part("CosineDecay", initial_learning_rate=3e38, decay_steps=100, alpha=3.0)
INVERSE_ROOT = part("InverseSquareRootDecay", initial_learning_rate=0.1, decay_steps=100)
INVERSE_TIME = part("InverseTimeDecay", initial_learning_rate=0.1, decay_steps=90, decay_rate=0.5)
#: Compares integers as integers, and float64 in float64.
PIECES = part("PiecewiseConstantDecay", boundaries=[10, 30.5, 2**24 + 1],
              values=[0.1, 0.05, 0.01, 0.005])  # fmt: skip
TABLE = part("Table", values=[0.1, 0.3, 0.2, -1e-40, 0.05])


def constant(rate: float) -> Part:
    return part("Constant", learning_rate=rate)


SINGLE = [COSINE, WARM, RAMP, CURVED, RESTARTS, PERIODS, STAIRS, VANISHING, INVERSE_ROOT,
          INVERSE_TIME, PIECES, TABLE, constant(0.01)]  # fmt: skip
TWENTY = part(
    "Join",
    schedules=[*SINGLE, RESTARTS, NOT_A_NUMBER, COSINE, INFINITE, PERIODS, CURVED, constant(-0.0)],
    boundaries=[3, 17, 18, 19, 64, 256, 257, 300, 511, 512, 600, 601, 700, 707, 999, 1500, 1501,
                4096, 5000],
)  # fmt: skip
DEEP = part(
    "Clip",
    schedule=part(
        "Join",
        schedules=[
            part("Scale", schedule=part("Shift", schedule=RESTARTS, steps=60), factor=0.3),
            part("Join", schedules=[WARM, part("Shift", schedule=COSINE, steps=-40)],
                 boundaries=[70]),
            constant(0.004),
        ],
        boundaries=[90, 500],
    ),
    minimum=0.003,
    maximum=0.11,
)  # fmt: skip

# ---- Numbers ------------------------------------------------------------------------------------


def _constant_row() -> Row:
    rates = [0.1, 0.0, -0.5, 1, 1e-40, -1e-40, -0.0, 3e38]
    return Row(
        "Constant",
        [{"learning_rate": rate} for rate in rates],
        st.fixed_dictionaries({"learning_rate": RATES}),
        lambda config: [1],
        [
            ({"learning_rate": float("nan")}, "learning_rate", ValueError),
            ({"learning_rate": float("inf")}, "learning_rate", ValueError),
            ({"learning_rate": 1e39}, "learning_rate", ValueError),
            ({"learning_rate": "0.1"}, "learning_rate", TypeError),
            ({"learning_rate": None}, "learning_rate", TypeError),
            ({"learning_rate": True}, "learning_rate", TypeError),
            ({"learning_rate": [0.1]}, "learning_rate", TypeError),
            ({"learning_rate": 0.1, "name": 3}, "name", TypeError),
        ],
        formula=partial(expected, "Constant"),
    )


def _table_row() -> Row:
    return Row(
        "Table",
        [
            {"values": values}
            for values in [
                [0.1],
                [0.1, 0.2],
                [1, 2, 3],
                [1 / (i + 1) for i in range(300)],
                [1e-40, -1e-40, 2e-38, 3e38, -0.0, 0.0, -7.5],
                (0.3, 0.2, 0.1),
            ]
        ],
        st.fixed_dictionaries({"values": st.lists(RATES.map(float), min_size=1, max_size=12)}),
        lambda config: [len(config["values"]) - 1, len(config["values"])],
        [
            ({"values": []}, "values", ValueError),
            ({"values": [0.1, float("nan")]}, "values", ValueError),
            ({"values": [0.1, float("inf")]}, "values", ValueError),
            ({"values": [0.1, 1e39]}, "values", ValueError),
            ({"values": [0.1, None]}, "values", TypeError),
            ({"values": ["0.1"]}, "values", TypeError),
            ({"values": "0.1"}, "values", TypeError),
            ({"values": 0.1}, "values", TypeError),
            ({"values": None}, "values", TypeError),
            ({"values": {0.1, 0.2}}, "values", TypeError),
            ({"values": np.array([1j])}, "values", TypeError),
            ({"values": [0.1], "name": b"x"}, "name", TypeError),
        ],
        formula=partial(expected, "Table"),
    )


# ---- Schedules ----------------------------------------------------------------------------------


def _joins() -> list[Config]:
    joined: list[tuple[list[Part], list[int]]] = [
        ([COSINE], []),
        ([RAMP, COSINE, constant(0.001)], [100, 1100]),
        ([RAMP, RESTARTS, PIECES], [100, 777]),
        ([constant(0.5), PIECES, RAMP, TABLE, INVERSE_ROOT, COSINE], [-500, -3, 0, 1, 2]),
        ([COSINE, PIECES, RESTARTS, TABLE, INVERSE_TIME],
         [2**24 - 1, 2**24 + 1, 2**24 + 2, 2**25 + 3]),
        ([VANISHING, NOT_A_NUMBER, INFINITE], [40, 300]),
        ([COSINE, PIECES, TABLE, RESTARTS], [-(2**53), 2**53 - 1, 2**53]),
        ([PIECES, DEEP, COSINE], [31, 2000]),
    ]  # fmt: skip
    configs = [{"schedules": parts, "boundaries": boundaries} for parts, boundaries in joined]
    return [warmup(COSINE, 100), *configs, TWENTY["config"]]


def _scales() -> list[Config]:
    return [
        {"schedule": schedule, "factor": factor}
        for schedule, factor in [
            (COSINE, 0.5), (RESTARTS, -2.0), (WARM, 0.0), (PIECES, 3), (VANISHING, 1e-3),
            (COSINE, 1e-37), (COSINE, 1e-40), (COSINE, -1e-40), (NOT_A_NUMBER, 0.1),
            (INFINITE, 0.0), (INFINITE, 1e-3), (constant(3e38), -3.0),
            # Just below the smallest normal number: rounded up to it, and down to zero.
            (constant(2.0**-126 * (1 + 2.0**-23)), 1 - 2.0**-23),
            (constant(2.0**-126), 1 - 2.0**-24),
            (part("Scale", schedule=RAMP, factor=1 / 3), 3.0), (TWENTY, 0.7), (DEEP, -0.1),
        ]
    ]  # fmt: skip


def _shifts() -> list[Config]:
    return [
        {"schedule": schedule, "steps": steps}
        for schedule, steps in [
            (COSINE, 100), (COSINE, -100), (PIECES, 5), (RESTARTS, 0), (PIECES, 2**53),
            (COSINE, -(2**53)), (part("Shift", schedule=TABLE, steps=2**53), -(2**53)),
            (TABLE, 2**24 + 1), (part("Shift", schedule=PERIODS, steps=-30), 7), (TWENTY, -50),
            (DEEP, 1),
        ]
    ]  # fmt: skip


def _clips() -> list[Config]:
    both = {"minimum": 0.02, "maximum": 0.08}
    return [
        {"schedule": COSINE, "minimum": 0.01},
        {"schedule": RESTARTS, "maximum": 0.05},
        {"schedule": CURVED, **both},
        {"schedule": COSINE},
        {"schedule": NOT_A_NUMBER, **both},
        {"schedule": INFINITE, "maximum": 3e38},
        {"schedule": VANISHING, "minimum": 1e-40, "maximum": 5e-38},
        {"schedule": constant(-0.0), "minimum": 0.0},
        {"schedule": PIECES, "minimum": 1 / 3, "maximum": 1 / 3},
        {"schedule": part("Scale", schedule=COSINE, factor=-1), "minimum": -0.05, "maximum": 0},
        {"schedule": TWENTY, **both},
        {"schedule": part("Clip", schedule=DEEP, minimum=0.05), "maximum": 0.1},
    ]


def _refused_joins() -> list[tuple[Config, str, type[Exception]]]:
    two = {"schedules": [RAMP, COSINE], "boundaries": [100]}
    wide = part("CosineDecay", initial_learning_rate=np.float64(0.1), decay_steps=9)
    return [
        ({"schedules": [], "boundaries": []}, "schedules", ValueError),
        ({**two, "schedules": [RAMP, 0.1]}, r"schedules\[1\]", TypeError),
        ({**two, "schedules": [RAMP, None]}, r"schedules\[1\]", TypeError),
        ({**two, "schedules": 5}, "schedules", TypeError),
        ({**two, "schedules": "ab"}, "schedules", TypeError),
        ({**two, "schedules": [RAMP, wide]}, "schedules", ValueError),
        ({**two, "boundaries": []}, "boundaries", ValueError),
        ({**two, "boundaries": [1, 2]}, "boundaries", ValueError),
        ({**two, "boundaries": 100}, "boundaries", TypeError),
        ({**two, "boundaries": [100.0]}, "boundaries", TypeError),
        ({**two, "boundaries": [True]}, "boundaries", TypeError),
        ({**two, "boundaries": ["100"]}, "boundaries", TypeError),
        ({**two, "boundaries": [2**53 + 1]}, "boundaries", ValueError),
        ({**two, "boundaries": [-(2**53) - 1]}, "boundaries", ValueError),
        ({"schedules": [RAMP] * 3, "boundaries": [7, 7]}, "boundaries", ValueError),
        ({"schedules": [RAMP] * 3, "boundaries": [8, 7]}, "boundaries", ValueError),
        ({**two, "name": 1}, "name", TypeError),
    ]


def _refused(good: Config, bad: Mapping[str, Iterable[Any]]) -> list[tuple[Config, str, Any]]:
    """A good config with one bad argument: a float is a value error, all else one of type."""
    return [
        ({**good, name: value}, name, ValueError if type(value) in (float, int) else TypeError)
        for name, values in bad.items()
        for value in values
    ]


def composition_rows(parts: Mapping[str, Row]) -> dict[str, Row]:
    """The rows, given those of the schedules that they are composed of."""
    nan, inf = float("nan"), float("inf")
    no_schedules = [None, "x", [COSINE]]
    configs = {"Join": _joins(), "Scale": _scales(), "Shift": _shifts(), "Clip": _clips()}
    refused = {
        "Join": _refused_joins(),
        "Scale": _refused(
            {"schedule": COSINE, "factor": 0.5},
            {"factor": [nan, inf, 1e39, "2", None, 1j], "schedule": no_schedules, "name": [b"x"]},
        ),
        "Shift": [
            *_refused(
                {"schedule": COSINE, "steps": 5},
                {"steps": [2**53 + 1, -(2**53) - 1, "5", None, True], "schedule": no_schedules},
            ),
            ({"schedule": COSINE, "steps": 5.0}, "steps", TypeError),
        ],
        "Clip": [
            *_refused(
                {"schedule": COSINE},
                {"minimum": [nan, inf, 1e39, "0"], "maximum": [nan, -inf, [1]],
                 "schedule": no_schedules},
            ),
            ({"schedule": COSINE, "minimum": 0.2, "maximum": 0.1}, "minimum", ValueError),
        ],
    }  # fmt: skip
    rows = {row.class_name: row for row in (_constant_row(), _table_row())}
    known = {**parts, **rows}
    for class_name, given in configs.items():
        rows[class_name] = known[class_name] = Row(
            class_name,
            given,
            _random(class_name, known),
            partial(_landmarks, class_name, known),
            refused[class_name],
            formula=partial(expected, class_name),
        )
    return rows


def _landmarks(class_name: str, rows: Mapping[str, Row], config: Config) -> list[float]:
    """Where parts begin, and where they change their ways themselves."""

    def of(each: Part) -> list[float]:
        return rows[each["class_name"]].landmarks(each["config"])

    if class_name == "Join":
        boundaries = config["boundaries"]
        most = 2 if len(boundaries) > 4 else 6
        starts = [0, *boundaries]
        marks = list(boundaries)
        for start, each in zip(starts, config["schedules"], strict=True):
            marks += [start + mark for mark in of(each)[:most]]
    else:
        shift = config.get("steps", 0)
        marks = [mark - shift for mark in [0, *of(config["schedule"])]]
    return [mark for mark in marks if abs(mark) < FAR] or [0]


# ---- At random ----------------------------------------------------------------------------------


def _random(class_name: str, rows: Mapping[str, Row]) -> st.SearchStrategy[Config]:
    seeds = st.integers(0, 2**32 - 1)
    return seeds.map(lambda seed: random_config(class_name, rows, np.random.default_rng(seed)))


def random_config(
    class_name: str, rows: Mapping[str, Row], rng: np.random.Generator, depth: int = 3
) -> Config:
    """A composition of any parts, some of them compositions."""

    def any_part() -> Part:
        names = sorted(rows) if depth else sorted({*rows} - OF_SCHEDULES)
        name = str(rng.choice(names))
        if name in OF_SCHEDULES and rng.random() < 0.7:
            return {"class_name": name, "config": random_config(name, rows, rng, depth - 1)}
        configs = rows[name].configs
        return {"class_name": name, "config": configs[int(rng.integers(len(configs)))]}

    if class_name == "Join":
        parts = [any_part() for _ in range(int(rng.integers(1, 6)))]
        spread = int(10 ** rng.uniform(1, 9))
        found = {int(step) for step in rng.integers(-spread // 5, spread, 50)}
        return {"schedules": parts, "boundaries": sorted([*found][: len(parts) - 1])}
    if class_name == "Scale":
        factor = rng.choice([rng.normal(), 10 ** rng.uniform(-40, 3)])
        return {"schedule": any_part(), "factor": float(factor)}
    if class_name == "Shift":
        size = int(10 ** rng.uniform(0, 15))
        return {"schedule": any_part(), "steps": int(rng.choice([size, -size]))}
    bounds = sorted(float(10 ** rng.uniform(-5, 1)) for _ in range(2))
    return {"schedule": any_part(), "minimum": bounds[0], "maximum": bounds[1]}
