"""Every schedule with its configurations: a new row inherits every suite."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from backends import BACKENDS
from compositions import composition_rows
from hypothesis import strategies as st
from row import RATES, Config, Row

from fastlr._verify.configurations import awkward_steps


class Unreadable:
    """As a tensor of torch that has a gradient."""

    shape = ()

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("call detach first")


def steps_around(config: Config, row: Row, rng: np.random.Generator, random: int) -> list[int]:
    """Integer steps at the landmarks of a configuration, beyond 2**24, and drawn at random."""
    return awkward_steps(row.landmarks(config), rng, random)


# ---- CosineDecay --------------------------------------------------------------------------------

# TensorFlow caches constants by value and may give 0.0 for -0.0.
_RATES = RATES.map(lambda rate: rate + 0)


def _cosine_landmarks(config: Config) -> list[float]:
    start = config.get("warmup_steps", 0) if config.get("warmup_target") is not None else 0
    decay = config["decay_steps"]
    return [start, *(start + decay * quarter / 4 for quarter in range(1, 5))]


def _cosine_configs() -> list[Config]:
    plain: list[Config] = [
        {"initial_learning_rate": rate, "decay_steps": steps, "alpha": alpha}
        for rate, steps, alpha in [
            (0.1, 1, 0.0), (0.1, 2, 0.0), (0.1, 3, 0.5), (0.1, 1000, 0.0), (0.1, 1000, 1.0),
            (1e-8, 10_000, -0.1), (10.0, 777, 2.0), (0.1, 2**24 + 1, 1e-3), (0.3, 10**9, 0.1),
            (0.1, 5 * 10**9 + 1, 0.0), (0.0, 100, 0.0), (-0.5, 100, 0.01), (0.1, 333.3, 0.0),
            (0.1, 2.5, 0.25), (1, 100, 0.0), (0.1, 60_000, 0.01), (0.1, 1_000_000, 0.0),
            # Where TensorFlow flushes subnormals to zero.
            (1e-40, 100, 0.0), (2e-38, 1000, 1e-3), (1e-37, 50, 1e-39),
            (3e38, 100, 3.0), (1e-30, 9, 1e-12),
        ]
    ]  # fmt: skip
    warm: list[Config] = [
        {
            "initial_learning_rate": rate,
            "decay_steps": steps,
            "alpha": alpha,
            "warmup_target": target,
            "warmup_steps": warmup,
        }
        for rate, steps, alpha, target, warmup in [
            (0.0, 1000, 0.0, 0.1, 100), (0.1, 1000, 0.1, 0.5, 1), (0.1, 10, 0.0, 0.5, 1000),
            (0.1, 50, 1e-3, 0.5, 10**6 + 1), (0.1, 1000, 0.0, 0.5, 0), (0.1, 7, 0.0, 0.1, 777),
            (0.5, 100, 0.0, 0.1, 33), (0.1, 1, 0.0, 0.5, 2**24 + 2), (0.1, 3, 0.2, 0.5, 2**24 + 1),
            (0.1, 1000, 0.0, 0.5, -5), (0.1, 10, 0.0, 0.5, 2.5), (1e-8, 100, 0.0, 10.0, 10**9),
            (1e-38, 100, 0.0, 2e-38, 100), (0.0, 100, 0.5, 1e-40, 10), (0.0, 9, 0.0, 1e-30, 1e15),
            (0.1, 1000, 0.0, 0.0, 10), (0.1, 10, 0.5, -0.3, 10),
        ]
    ]  # fmt: skip
    ignored = [{"initial_learning_rate": 0.1, "decay_steps": 100, "warmup_steps": 50}]
    return [*plain, *warm, *ignored]


COSINE_DECAY = Row(
    "CosineDecay",
    _cosine_configs(),
    st.fixed_dictionaries(
        {
            "initial_learning_rate": _RATES,
            "decay_steps": st.one_of(
                st.integers(1, 2000), st.integers(1, 2**40), st.floats(0.01, 1e7)
            ),
        },
        optional={
            "alpha": st.one_of(st.floats(-2, 2), st.sampled_from([0.0, 1.0])),
            "warmup_target": st.one_of(st.none(), _RATES),
            "warmup_steps": st.one_of(st.integers(0, 2000), st.integers(0, 2**30)),
        },
    ),
    _cosine_landmarks,
    [
        ({"initial_learning_rate": 0.1, "decay_steps": 0}, "decay_steps", ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": -1}, "decay_steps", ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": float("nan")}, "decay_steps", ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": float("inf")}, "decay_steps", ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": 1e-40}, "decay_steps", ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": 10**400}, "decay_steps", ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": "10"}, "decay_steps", TypeError),
        ({"initial_learning_rate": 0.1, "decay_steps": None}, "decay_steps", TypeError),
        ({"initial_learning_rate": 0.1, "decay_steps": [10]}, "decay_steps", TypeError),
        ({"initial_learning_rate": float("nan"), "decay_steps": 9}, "initial_learning_rate",
         ValueError),
        ({"initial_learning_rate": 1e39, "decay_steps": 9}, "initial_learning_rate", ValueError),
        ({"initial_learning_rate": 1j, "decay_steps": 9}, "initial_learning_rate", TypeError),
        ({"initial_learning_rate": True, "decay_steps": 9}, "initial_learning_rate", TypeError),
        ({"initial_learning_rate": np.int64(1), "decay_steps": 9}, "initial_learning_rate",
         TypeError),
        ({"initial_learning_rate": np.float16(1), "decay_steps": 9}, "initial_learning_rate",
         TypeError),
        ({"initial_learning_rate": 0.1, "decay_steps": 9, "alpha": float("inf")}, "alpha",
         ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": 9, "alpha": "0"}, "alpha", TypeError),
        ({"initial_learning_rate": 0.1, "decay_steps": 9, "alpha": 2**128 - 2**103 - 1}, "alpha",
         ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": np.timedelta64(9, "s")}, "decay_steps",
         TypeError),
        ({"initial_learning_rate": 0.1, "decay_steps": Unreadable()}, "decay_steps", TypeError),
        ({"initial_learning_rate": 0.1, "decay_steps": 9, "warmup_target": 1e300}, "warmup_target",
         ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": 9, "warmup_target": 1j}, "warmup_target",
         TypeError),
        ({"initial_learning_rate": 0.1, "decay_steps": 9, "warmup_steps": float("nan")},
         "warmup_steps", ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": 9, "name": 3}, "name", TypeError),
        ({"initial_learning_rate": 0.1, "decay_steps": 9, "name": "a/b"}, "name", ValueError),
    ],
)  # fmt: skip

# ---- ExponentialDecay and InverseTimeDecay ------------------------------------------------------

_DECAY_STEPS = st.one_of(st.integers(1, 2000), st.integers(1, 2**40), st.floats(0.01, 1e7))


def _landmarks_of_multiples(config: Config) -> list[float]:
    decay = config["decay_steps"]
    return [decay * multiple for multiple in (0.5, 1, 2, 3, 7, 40)]


def _decaying(rates: list[float]) -> list[Config]:
    configs: list[Config] = [
        {"initial_learning_rate": 0.1, "decay_steps": steps, "decay_rate": rate, "staircase": stair}
        for stair in (False, True)
        for steps, rate in [
            *((1000, rate) for rate in rates), (1, rates[0]), (3, rates[0]), (7, rates[1]),
            (100_000, rates[0]), (1_000_000, rates[1]), (333.3, rates[0]), (2**24 + 1, rates[1]),
            (10**9, rates[0]), (0.25, rates[0]),
        ]
    ]  # fmt: skip
    configs += [
        {"initial_learning_rate": rate, "decay_steps": steps, "decay_rate": decay}
        for rate, steps, decay in [
            (0.0, 10, rates[0]), (-0.5, 10, rates[0]), (10.0, 50, rates[1]), (1e-8, 9, rates[0]),
            (1, 10, rates[0]), (1e-40, 10, rates[0]), (2e-38, 10, rates[1]), (3e38, 10, rates[0]),
            (0.1, 10, 0.0), (0.1, 10, -0.5), (0.1, 10, 1e30),
        ]
    ]  # fmt: skip
    return configs


def _decay_row(class_name: str, rates: list[float]) -> Row:
    good = {"initial_learning_rate": 0.1, "decay_steps": 9, "decay_rate": 0.5}
    return Row(
        class_name,
        _decaying(rates),
        st.fixed_dictionaries(
            {
                "initial_learning_rate": _RATES,
                "decay_steps": _DECAY_STEPS,
                "decay_rate": st.one_of(st.floats(0, 2), st.floats(-2, 100), st.integers(0, 3)).map(
                    lambda rate: rate + 0 if abs(rate) > 1e-30 else 0.0
                ),
            },
            optional={"staircase": st.booleans()},
        ),
        _landmarks_of_multiples,
        [
            ({**good, "decay_steps": 0}, "decay_steps", ValueError),
            ({**good, "decay_steps": -1}, "decay_steps", ValueError),
            ({**good, "decay_steps": float("nan")}, "decay_steps", ValueError),
            ({**good, "decay_rate": float("inf")}, "decay_rate", ValueError),
            ({**good, "decay_rate": "0.5"}, "decay_rate", TypeError),
            ({**good, "staircase": np.array([True, False])}, "staircase", TypeError),
            ({**good, "staircase": "yes"}, "staircase", TypeError),
            ({**good, "decay_rate": None}, "decay_rate", TypeError),
            ({**good, "initial_learning_rate": None}, "initial_learning_rate", TypeError),
            ({**good, "name": 1}, "name", TypeError),
        ],
    )


EXPONENTIAL_DECAY = _decay_row("ExponentialDecay", [0.96, 0.5, 0.999, 1.0, 1.5, 4.0, 0.1])
INVERSE_TIME_DECAY = _decay_row("InverseTimeDecay", [0.5, 1.0, 0.001, 30.0, -0.001])

# ---- InverseSquareRootDecay ---------------------------------------------------------------------


def _inverse_square_root(config: Config, steps: list[Any], execution: str) -> npt.NDArray[Any]:
    """Each operation rounded once, in the dtype of the rate; what is tiny then is zero."""
    rate = config["initial_learning_rate"]
    real = np.float64 if isinstance(rate, np.float64) else np.float32

    def flushed(exact: Any) -> Any:
        tiny = np.finfo(real).tiny * (1.0 if real is np.float64 else 1 - 2.0**-25)
        return real(np.copysign(0, exact)) if abs(exact) < tiny else real(exact)

    def converted(number: Any) -> Any:  # as Keras does: Python floats are float32 first
        return flushed(np.asarray(np.float32(number) if type(number) is float else number))

    def at(step: Any) -> Any:
        passed = converted(step)
        wide = np.float64(real(0) if passed < 0 else passed)
        divisor = np.sqrt(real(1) + flushed(wide / np.float64(converted(config["decay_steps"]))))
        return flushed(np.float64(flushed(np.asarray(rate))) / np.float64(divisor))

    with np.errstate(all="ignore"):
        return np.array([at(step) for step in steps], real)


INVERSE_SQUARE_ROOT_DECAY = Row(
    "InverseSquareRootDecay",
    [
        {"initial_learning_rate": rate, "decay_steps": steps}
        for rate, steps in [
            (0.1, 1000), (0.1, 1), (0.1, 7), (0.3, 333), (1e-8, 10**6), (10.0, 333.3), (-0.5, 100),
            (0.0, 10), (1, 100), (0.1, 2**24 + 1), (0.1, 10**9), (0.1, 0.25), (0.1, 1e-30),
            (0.1, 3e38), (1e-40, 10), (2e-38, 10), (1e-36, 10), (3e38, 10),
        ]
    ],
    st.fixed_dictionaries({"initial_learning_rate": _RATES, "decay_steps": _DECAY_STEPS}),
    lambda config: [min(float(config["decay_steps"]) * times, 2.0**60) for times in (1, 3)],
    [
        ({"initial_learning_rate": 0.1, "decay_steps": 0}, "decay_steps", ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": float("inf")}, "decay_steps", ValueError),
        ({"initial_learning_rate": 0.1, "decay_steps": "10"}, "decay_steps", TypeError),
        ({"initial_learning_rate": 1e39, "decay_steps": 9}, "initial_learning_rate", ValueError),
        ({"initial_learning_rate": True, "decay_steps": 9}, "initial_learning_rate", TypeError),
        ({"initial_learning_rate": 0.1, "decay_steps": 9, "name": "a/b"}, "name", ValueError),
    ],
    formula=_inverse_square_root,
)  # fmt: skip

# ---- PolynomialDecay ----------------------------------------------------------------------------

_POLYNOMIAL: Config = {"initial_learning_rate": 0.1, "decay_steps": 1000}

POLYNOMIAL_DECAY = Row(
    "PolynomialDecay",
    [
        {
            "initial_learning_rate": rate,
            "decay_steps": steps,
            "end_learning_rate": end,
            "power": power,
            "cycle": cycle,
        }
        for cycle in (False, True)
        for rate, steps, end, power in [
            *(
                (0.1, 1000, 0.0001, power)
                for power in (1.0, 0.5, 0.9, 2.0, 3.0, 3.3, 1.5, 0.25, 4.0, 10, 0, -0.5, -1.0, -2.0)
            ),
            (0.1, 1, 0.0, 0.9),
            (0.1, 2, 0.01, 1.0),
            (0.1, 3, 0.01, 0.5),
            (0.1, 7, 0.0, 2.0),
            (0.1, 100_000, 0.01, 0.9),
            (0.1, 1_000_000, 0.0, 2.0),
            (0.1, 333.3, 0.001, 0.9),
            (0.1, 2.5, 0.0, 3.3),
            (0.1, 2**24 + 1, 0.001, 0.9),
            (0.1, 3 * 2**22, 0.0, 1.1),
            (0.1, 3 * 2**23, 0.0, 1.1),
            (0.1, 5 * 2**33, 0.0, 1.0),
            (0.1, 10**9, 0.0, 3.0),
            (0.01, 100, 0.1, 0.9),
            (0.1, 100, 0.1, 2.0),
            (-0.1, 100, 0.1, 3.0),
            (1, 100, 0, 0.5),
            (1e-8, 100, 0.0, 3.3),
            (2e-38, 100, 0.0, 2.0),
            (1e-40, 100, 1e-40, 1.0),
            (3e38, 100, -1e38, 0.9),
            (0.1, 100, 0.0, 40.0),
        ]
    ],
    st.fixed_dictionaries(
        {"initial_learning_rate": _RATES, "decay_steps": _DECAY_STEPS},
        optional={
            "end_learning_rate": st.one_of(st.floats(0, 1), st.just(0.0)),
            "power": st.one_of(st.floats(0.1, 5), st.sampled_from([0.5, 1.0, 2.0, 3.0, 0, 1, 2])),
            "cycle": st.booleans(),
        },
    ),
    _landmarks_of_multiples,
    [
        ({**_POLYNOMIAL, "decay_steps": 0}, "decay_steps", ValueError),
        ({**_POLYNOMIAL, "end_learning_rate": float("nan")}, "end_learning_rate", ValueError),
        ({**_POLYNOMIAL, "end_learning_rate": "0"}, "end_learning_rate", TypeError),
        ({**_POLYNOMIAL, "power": float("inf")}, "power", ValueError),
        ({**_POLYNOMIAL, "power": None}, "power", TypeError),
        ({**_POLYNOMIAL, "cycle": 0.5}, "cycle", TypeError),
        ({**_POLYNOMIAL, "name": b"x"}, "name", TypeError),
    ],
    trained=(16, 24, 25),
)

# ---- CosineDecayRestarts ------------------------------------------------------------------------

_RESTARTS: Config = {"initial_learning_rate": 0.1, "first_decay_steps": 1000}


def _restart_landmarks(config: Config) -> list[float]:
    first, t = config["first_decay_steps"], float(config.get("t_mul", 2.0))
    starts = [first * (i if t == 1 else (t**i - 1) / (t - 1)) for i in range(1, 6)]
    return [*(first * quarter / 4 for quarter in (1, 2, 3)), *starts, starts[-1] * 5]


COSINE_DECAY_RESTARTS = Row(
    "CosineDecayRestarts",
    [
        {
            "initial_learning_rate": rate,
            "first_decay_steps": steps,
            "t_mul": t,
            "m_mul": m,
            "alpha": alpha,
        }
        for rate, steps, t, m, alpha in [
            *(
                (0.1, 1000, t, m, alpha)
                for t in (1.0, 1.1, 1.5, 2.0, 3.0, 0.8, 0.5)
                for m, alpha in [(1.0, 0.0), (0.9, 0.1), (1.1, 0.01)]
            ),
            (0.1, 1, 2.0, 0.5, 0.0),
            (0.1, 1, 1.0, 1.0, 0.0),
            (0.1, 1, 1.0, 0.9, 0.1),
            (0.1, 3, 1.1, 0.9, 0.0),
            (0.1, 7, 1.0, 1.0, 0.1),
            (0.1, 7, 2, 1, 0.0),
            (0.1, 100, 1.0, 1.0, 0.01),
            (0.1, 10**6, 2.0, 0.7, 0.0),
            (0.1, 333.3, 1.7, 0.9, 0.1),
            (0.1, 2**24 + 1, 2.0, 0.9, 0.0),
            (0.1, 10**9, 1.5, 1.2, 0.0),
            (0.1, 50, 10.0, 0.3, 1.0),
            (0.1, 50, 2.0, 0.0, 0.2),
            (0.1, 50, 2.0, -0.5, 0.2),
            (10.0, 50, 2.0, 0.5, -0.1),
            (1e-8, 50, 2.0, 0.01, 0.0),
            (0.0, 50, 2.0, 1.0, 0.0),
            (1, 50, 2.0, 1.0, 2.0),
            (0.1, 50, 0.0, 1.0, 0.0),
            (0.1, 50, -1.0, 1.0, 0.0),
            (2e-38, 50, 2.0, 0.9, 1e-3),
            (0.1, 20, 1.0, 1e-30, 1e-20),
            (0.1, 0.25, 1.5, 0.9, 0.0),
            (0.1, 100, 1.0001, 1.0, 0.0),
        ]
    ],
    st.fixed_dictionaries(
        {"initial_learning_rate": _RATES, "first_decay_steps": _DECAY_STEPS},
        optional={
            "t_mul": st.one_of(st.floats(1, 4), st.floats(0.3, 1), st.sampled_from([1.0, 2.0, 3])),
            "m_mul": st.one_of(st.floats(0.3, 1.2), st.sampled_from([1.0, 0.5, 0])),
            "alpha": st.one_of(st.floats(-1, 1), st.sampled_from([0.0, 1.0])),
        },
    ),
    _restart_landmarks,
    [
        ({**_RESTARTS, "first_decay_steps": 0}, "first_decay_steps", ValueError),
        ({**_RESTARTS, "first_decay_steps": "9"}, "first_decay_steps", TypeError),
        ({**_RESTARTS, "t_mul": float("nan")}, "t_mul", ValueError),
        ({**_RESTARTS, "m_mul": float("inf")}, "m_mul", ValueError),
        ({**_RESTARTS, "m_mul": 1e39}, "m_mul", ValueError),
        ({**_RESTARTS, "alpha": None}, "alpha", TypeError),
    ],
)

# ---- PiecewiseConstantDecay ---------------------------------------------------------------------

PIECEWISE_CONSTANT_DECAY = Row(
    "PiecewiseConstantDecay",
    [
        {"boundaries": boundaries, "values": values}
        for boundaries, values in [
            ([10], [0.1, 0.01]),
            ([0], [1.0, 0.5]),
            ([100, 1000], [0.1, 0.05, 0.01]),
            ([2**24 + 1, 2**24 + 2], [0.1, 0.05, 0.01]),
            (list(range(0, 1000, 7)), [1 / (i + 1) for i in range(144)]),
            ([-5, 5], [0.1, 0.2, 0.3]),
            ([10.5, 20.9], [0.1, 0.2, 0.3]),
            ([-1.5, 1.5], [0.1, 0.2, 0.3]),
            # Equal and falling boundaries: Keras adds up all that match, or none.
            ([10, 10], [0.1, 0.2, 0.3]),
            ([20, 10], [0.1, 0.2, 0.3]),
            ([10, 30, 20, 40], [0.1, 0.2, 0.3, 0.4, 0.5]),
            ([30, 10, 20], [1e-3, 0.7, 0.33, 0.1]),
            ((5, 9), (0.3, 0.2, 0.1)),
            ([7], [0.0, -0.5]),
            ([7], [1e-40, 3e38]),
        ]
    ],
    st.lists(
        st.one_of(st.integers(-1000, 2**30), st.floats(-1000, 2**30)), min_size=1, max_size=8
    ).flatmap(
        lambda boundaries: st.fixed_dictionaries(
            {
                "boundaries": st.just(boundaries),
                "values": st.lists(
                    _RATES.map(float), min_size=len(boundaries) + 1, max_size=len(boundaries) + 1
                ),
            }
        )
    ),
    lambda config: list(config["boundaries"]),
    [
        ({"boundaries": [1], "values": [0.1]}, "boundaries", ValueError),
        ({"boundaries": np.array(3), "values": [0.1, 0.2]}, "boundaries", TypeError),
        ({"boundaries": [1, 2], "values": [0.1, 0.2]}, "boundaries", ValueError),
        ({"boundaries": 5, "values": [0.1, 0.2]}, "boundaries", TypeError),
        ({"boundaries": ["5"], "values": [0.1, 0.2]}, "boundaries", TypeError),
        ({"boundaries": "5", "values": [0.1, 0.2]}, "boundaries", TypeError),
        ({"boundaries": [float("nan")], "values": [0.1, 0.2]}, "boundaries", ValueError),
        ({"boundaries": [5], "values": [0.1, float("nan")]}, "values", ValueError),
        ({"boundaries": [5], "values": [0.1, 1e39]}, "values", ValueError),
        ({"boundaries": [5], "values": [0.1, None]}, "values", TypeError),
        ({"boundaries": [5], "values": {0.1, 0.2}}, "values", TypeError),
    ],
)

ROWS = {
    row.class_name: row
    for row in [
        COSINE_DECAY,
        COSINE_DECAY_RESTARTS,
        EXPONENTIAL_DECAY,
        INVERSE_SQUARE_ROOT_DECAY,
        INVERSE_TIME_DECAY,
        PIECEWISE_CONSTANT_DECAY,
        POLYNOMIAL_DECAY,
    ]
}
ROWS |= composition_rows(ROWS)

#: Those of Keras's schedules.
KERAS_ROWS = {name: row for name, row in ROWS.items() if row.formula is None}

CONFIGS = [(row.class_name, config) for row in ROWS.values() for config in row.configs]
KERAS_CONFIGS = [(name, config) for name, config in CONFIGS if name in KERAS_ROWS]

#: What the default run takes where a configuration costs much; tests/full takes all of them.
SOME_CONFIGS = [(name, config) for name, row in ROWS.items() for config in row.configs[::4]]


def some_backends(class_name: str, execution: str) -> list[str]:
    """All, but of Numba, which compiles a kernel for seconds, only one mode of graph and xla.

    What the default run takes; tests/full takes both.
    """
    mode = ["graph", "xla"][list(ROWS).index(class_name) % 2]
    return [name for name in BACKENDS if name != "numba" or execution in ("eager", mode)]


def float64_config(config: Config) -> Config:
    """The same configuration computing in float64."""
    return {name: _in_float64(name, value) for name, value in config.items()}


def _in_float64(name: str, value: Any) -> Any:
    if name in {"initial_learning_rate", "learning_rate"}:
        return np.float64(value)
    if name == "values":
        return [np.float64(number) for number in value]
    if name == "schedules":
        return [_in_float64("schedule", part) for part in value]
    return {**value, "config": float64_config(value["config"])} if name == "schedule" else value


def config_id(value: Any) -> str:
    """A short name of a configuration for pytest."""
    if isinstance(value, dict):
        return ",".join(f"{key[:2]}{key[-1]}={item!s:.30}" for key, item in value.items())
    return str(value)[:60]
