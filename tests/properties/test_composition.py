"""What only Python has of compositions: operators, values, plots, parts of the user's own."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from backends import over_backends, using
from bits import assert_same_bits

import fastlr
from fastlr._plotting.curve import curve
from fastlr.schedules.base import Mark

COSINE = fastlr.CosineDecay(0.1, 1000)
WIDE = fastlr.CosineDecay(np.float64(0.1), 1000)
RAMP = fastlr.PolynomialDecay(0.0, 100, end_learning_rate=0.1)
NAN = fastlr.ExponentialDecay(0.1, 10, -0.5)  # NaN at steps that are no multiple of 10


class Halving(fastlr.LearningRateSchedule):
    """A schedule of the user's own; its module-level name lets pickle find it."""

    def __call__(self, step: Any, execution: str = "eager") -> Any:
        return 0.5**step

    def get_config(self) -> dict[str, Any]:
        return {}

    def __eq__(self, other: object) -> bool:
        return type(other) is Halving

    def __hash__(self) -> int:
        return 1


class Doubled(fastlr.CosineDecay):
    """A subclass whose kernel does not return what its calls do."""

    def __call__(self, step: Any, execution: str = "eager") -> Any:
        return 2 * super().__call__(step, execution=execution)


VALUES = [
    fastlr.Constant(0.1),
    fastlr.Constant(np.float64(0.1)),
    fastlr.Table([0.1, 0.3, 0.2]),
    fastlr.Table(np.linspace(0, 1, 7)),
    fastlr.Table(np.linspace(0, 1, 5, dtype=np.float32), name="curve"),
    fastlr.Join([RAMP, COSINE, fastlr.Constant(0.01)], [100, 700]),
    fastlr.Join([WIDE], []),
    0.5 * COSINE,
    fastlr.Scale(WIDE, np.float64(0.1)),
    COSINE.shifted(-5),
    COSINE.clipped(minimum=0.01),
    COSINE.clipped(),
    (0.5 * COSINE.with_warmup(10)).shifted(3).clipped(maximum=0.04),
    fastlr.Join([Halving(), 0.5 * Halving()], [3]),
]


@pytest.mark.parametrize("schedule", VALUES)
def test_values(schedule: Any) -> None:
    names = {**vars(fastlr), "np": np, "Halving": Halving}
    same = [
        copy.copy(schedule),
        copy.deepcopy(schedule),
        pickle.loads(pickle.dumps(schedule)),
        schedule.replace(),
        type(schedule).from_config(schedule.get_config()),
    ]
    if "Halving" not in repr(schedule):
        same.append(eval(repr(schedule), names))
    if schedule._dtype == "float32":
        written = fastlr.serialize(schedule)
        same += [
            fastlr.deserialize(written, {"Halving": Halving}),
            fastlr.deserialize(written, {"Halving": Halving}).replace(name=schedule.name),
        ]
    for other in same:
        assert other == schedule
        assert hash(other) == hash(schedule)
        np.testing.assert_array_equal(other.table(0, 900, 7), schedule.table(0, 900, 7))
    assert schedule != schedule.replace(name="another")
    with pytest.raises(AttributeError, match="replace"):
        schedule.name = "another"


def test_what_is_not_equal() -> None:
    assert fastlr.Table([0.1]) == fastlr.Table(np.float32([0.1]))
    assert fastlr.Table([0.1]) != fastlr.Table([np.float64(0.1)])
    assert fastlr.Table([0.0]) != fastlr.Table([-0.0])
    assert fastlr.Scale(WIDE, 0.1) != fastlr.Scale(WIDE, np.float64(0.1))
    assert fastlr.Scale(COSINE, 0.1) != fastlr.Scale(RAMP, 0.1)
    assert COSINE.shifted(1) != COSINE.shifted(2)


def test_what_was_given_may_change() -> None:
    values, parts, boundaries = np.array([0.1, 0.2]), [RAMP, COSINE], [100]
    table, join = fastlr.Table(values), fastlr.Join(parts, boundaries)
    values[:] = 0
    parts.clear()
    boundaries.clear()
    join.schedules.clear()
    join.get_config()["boundaries"].clear()
    assert table(0) == 0.1
    assert join.schedules == [RAMP, COSINE]
    assert join.boundaries == [100]
    with pytest.raises(ValueError, match="read-only"):
        table.values[0] = 1
    for same in (table, copy.deepcopy(table), pickle.loads(pickle.dumps(table))):
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            same.values.flags.writeable = True


@pytest.mark.parametrize("two", [2, 2.0, np.float32(2), np.float64(2), np.int64(2)], ids=repr)
def test_times_a_number(two: Any) -> None:
    for product in (two * COSINE, COSINE * two):
        assert product == fastlr.Scale(COSINE, two)
        assert product(500) == 2 * COSINE(500)


@pytest.mark.parametrize("factor", ["2", None, [2.0], 2j, np.ones(2), np.array(2.0), COSINE])
def test_times_anything_else(factor: Any) -> None:
    for product in (lambda: COSINE * factor, lambda: factor * COSINE):
        with pytest.raises(TypeError):
            product()


def test_methods() -> None:
    assert COSINE.shifted(5) == fastlr.Shift(COSINE, 5)
    assert COSINE.clipped(minimum=0.01) == fastlr.Clip(COSINE, 0.01)
    assert COSINE.clipped(maximum=1) == fastlr.Clip(COSINE, None, 1)
    assert COSINE.replace(decay_steps=5, alpha=0.1) == fastlr.CosineDecay(0.1, 5, 0.1)
    warm = fastlr.PolynomialDecay(0.0, 7, end_learning_rate=COSINE(0))
    assert COSINE.with_warmup(7) == fastlr.Join([warm, COSINE], [7])


def test_warmup_in_float64() -> None:
    schedule = WIDE.with_warmup(np.int32(3), start=0.05)
    expected = [0.05, 0.05 + 0.05 / 3, 0.05 + 0.1 / 3, 0.1, WIDE(1)]
    np.testing.assert_allclose(schedule.table(5), expected, rtol=1e-7)  # start is a float32
    assert schedule.table(5).dtype == np.float64
    assert schedule(3) == WIDE(0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: COSINE.replace(decay_step=5), TypeError, "decay_step"),
        (lambda: COSINE.replace(decay_steps=0), ValueError, "`decay_steps`"),
        (lambda: COSINE.with_warmup(0), ValueError, "`steps`"),
        (lambda: COSINE.with_warmup(2.0), TypeError, "`steps`"),
        (lambda: COSINE.with_warmup(2**60), ValueError, "`steps`"),
        (lambda: COSINE.with_warmup(5, start=float("nan")), ValueError, "`start`"),
        (lambda: COSINE.with_warmup(5, start=1e39), ValueError, "`start`"),
        (lambda: COSINE * float("inf"), ValueError, "`factor`"),
        (lambda: fastlr.Table([]), ValueError, "`values`"),
        (lambda: fastlr.Table([0.1, float("nan")]), ValueError, "`values` must be finite"),
        (lambda: fastlr.Table([0.1, 1e39]), ValueError, "`values` must fit float32"),
        (lambda: fastlr.Table(np.float32([0.1, np.inf])), ValueError, "`values` must be finite"),
        (lambda: fastlr.Table(np.ones((2, 2))), TypeError, "`values`"),
        (lambda: fastlr.Table(np.arange(3)), TypeError, "`values`"),
        (lambda: fastlr.Table(0.1), TypeError, "`values`"),
        (lambda: fastlr.Table([0.1, "0.2"]), TypeError, "`values`"),
        (lambda: fastlr.Join(COSINE, []), TypeError, "`schedules`"),
        (lambda: fastlr.Join([COSINE, WIDE], [5]), ValueError, r"float64 of schedules\[1\]"),
        (lambda: fastlr.Join([WIDE, Halving()], [5]), ValueError, "one dtype"),
        (lambda: fastlr.Join([COSINE, 0.1], [5]), TypeError, r"schedules\[1\].*from_keras"),
        (lambda: fastlr.Scale({}, 0.1), TypeError, "`schedule`.*dict"),
        (
            lambda: fastlr.Join.from_config({"schedules": [{}], "boundaries": []}),
            TypeError,
            r"schedules\[0\]",
        ),
        (lambda: np.ones(2) * COSINE, TypeError, "unsupported operand"),
    ],
)
def test_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_bounds_are_compared_in_the_dtype() -> None:
    low, high = 0.1, np.float64(0.1)  # the first is a float32 in float64, which is above
    with pytest.raises(ValueError, match="`minimum` must not be above `maximum` in float64"):
        WIDE.clipped(minimum=low, maximum=high)
    assert WIDE.clipped(minimum=high, maximum=low).minimum == high
    assert COSINE.clipped(minimum=np.float64(0.1 + 1e-12), maximum=0.1)(0) == np.float32(0.1)


def test_in_float64_graph_has_no_formula() -> None:
    for schedule in (0.5 * WIDE, fastlr.Table(np.ones(3))):
        with pytest.raises(NotImplementedError, match="float64"):
            schedule(5, execution="graph")


def test_nested_as_deep_as_a_config_may_be() -> None:
    schedule: Any = COSINE
    for _ in range(15):
        schedule = schedule.shifted(1)
    with pytest.raises(ValueError, match="`schedule` is nested too deeply"):
        schedule.shifted(1)
    assert fastlr.deserialize(fastlr.serialize(schedule)) == schedule
    assert schedule(0) == COSINE(15)
    with pytest.raises(ValueError, match=r"`schedules\[0\]` is nested too deeply"):
        fastlr.Join([schedule, COSINE], [5])


def test_many_parts_on_every_level() -> None:
    schedule: fastlr.LearningRateSchedule = Halving()
    for _ in range(15):
        schedule = fastlr.Join([schedule] * 10, range(10, 100, 10))
    assert schedule(2) == 0.25
    with pytest.raises(ValueError, match="`schedule` is nested too deeply"):
        fastlr.Scale(schedule, 0.5)


def nested(levels: int, **inner: Any) -> dict[str, Any]:
    """The dict of that many schedules in each other, the innermost of which is a Scale, too."""
    config = {"factor": 1.0, **inner}
    for _ in range(levels):
        config = {"schedule": {"class_name": "Scale", "config": config}, "factor": 1.0}
    return config


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fastlr.Scale.from_config(nested(10_000)), "nested more than 64 levels"),
        (lambda: (2 * COSINE).replace(**nested(10_000)), "nested more than 64 levels"),
        (lambda: fastlr.Scale.from_config(nested(1, schedule=[{"a": 1}] * 10**4)), "10000 keys"),
        (
            lambda: fastlr.Join.from_config(
                {"schedules": [COSINE, *[fastlr.serialize(COSINE)] * 2000], "boundaries": []}
            ),
            "10000 keys",
        ),
    ],
    ids=["deep", "replace", "aliased", "many"],
)
def test_configs_have_limits(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


INCOMPLETE = [{}, {"class_name": "Constant"}, {"config": {}}, {"class_name": "A", "config": 1}]


@pytest.mark.parametrize("part", INCOMPLETE, ids=repr)
def test_dicts_of_parts_are_complete(part: dict[str, Any]) -> None:
    keys = r"must be a dict with the keys 'class_name' and 'config'"
    with pytest.raises(TypeError, match=f"^Argument `config` {keys}"):
        fastlr.deserialize(part)
    with pytest.raises(TypeError, match=f"^Argument `schedule` {keys}"):
        fastlr.Shift.from_config({"schedule": part, "steps": 1})
    with pytest.raises(TypeError, match=rf"^Argument `schedules\[1\]` {keys}"):
        fastlr.Join([COSINE], []).replace(schedules=[COSINE, part], boundaries=[1])
    with pytest.raises(ValueError, match=f"^Invalid config of Scale: Argument `schedule` {keys}"):
        fastlr.deserialize({"class_name": "Scale", "config": {"schedule": part, "factor": 1}})
    with pytest.raises(TypeError, match=r"type dict\. fastlr\.deserialize makes"):
        fastlr.Join([COSINE, part], [1])  # type: ignore[list-item]


def test_nan_stays_nan() -> None:
    parts = [fastlr.Constant(1.0), NAN]
    schedule = (2 * fastlr.Join(parts, [1])).shifted(1).clipped(minimum=0, maximum=1)
    for rates in (schedule.table(3), schedule([0, 1, 2]), [schedule(step) for step in range(3)]):
        np.testing.assert_array_equal(np.isnan(rates), [False, True, True])


# ---- Parts of the user's own --------------------------------------------------------------------


@pytest.mark.parametrize("execution", ["eager", "graph", "xla"])
def test_step_by_step_as_by_a_kernel(execution: Any) -> None:
    """The same composition of a schedule, and of a subclass that calls it."""

    class Called(fastlr.CosineDecay):
        def __call__(self, step: Any, execution: str = "eager") -> Any:
            return super().__call__(step, execution=execution)

    def composed(part: Any) -> Any:
        joined = fastlr.Join([RAMP, part.shifted(-7), part], [20, 700])
        return (0.3 * joined).shifted(11).clipped(minimum=0.001, maximum=0.02)

    ours, theirs = composed(Called(0.1, 1000)), composed(COSINE)
    steps = [
        np.arange(-50, 1500, 7),
        np.array([0.5, 9.0, 1e-40, -1e-310, 8.999, 689.5, 1e300, np.nan, np.inf, -np.inf]),
        np.float32([0.1, 688.99, 1e-40, 3e38]),
        np.array([3, 2**63 + 5, 2**64 - 1], np.uint64),
        np.array([-(2**63), 2**63 - 1]),
        [5, 0.5, 2**70, -(2**70)],
        range(5, 900, 100),
        True,
    ]
    for each in steps:
        np.testing.assert_array_equal(
            ours(each, execution=execution), theirs(each, execution=execution)
        )
    table = ours.table(900, -30, -9, execution=execution)
    np.testing.assert_array_equal(table, theirs.table(900, -30, -9, execution=execution))


def test_step_by_step_in_float64() -> None:
    part = Doubled(np.float64(0.1), 1000)
    schedule = fastlr.Join([0.1 * WIDE, part.shifted(3)], [5])
    same = fastlr.Join([0.1 * WIDE, 2 * WIDE.shifted(3)], [5])
    steps = [0, 7, 1.1, np.float64(1.1), np.float64(5.1), np.float32(6.1), 2**70, 1e-320]
    np.testing.assert_array_equal(schedule(steps), same(steps))
    assert schedule.table(3).dtype == np.float64


def test_a_part_of_ones_own() -> None:
    schedule = fastlr.Join([Halving(), COSINE], [3])
    np.testing.assert_array_equal(schedule.table(5), [1, 0.5, 0.25, *COSINE.table(2)])
    out = np.empty(2, np.float32)
    assert schedule.table(1, 3, out=out) is out
    assert schedule(1) == (2 * Halving())(2) == Halving().shifted(1)(0) == 0.5
    assert Halving().clipped(maximum=0.25)(0) == 0.25
    assert Halving().with_warmup(2)(1) == 0.5
    assert (2 * Doubled(0.1, 1000))(500) == 4 * COSINE(500)
    assert np.isnan((2 * (Halving() * 3))(float("nan")))
    with pytest.raises(ValueError, match="Unknown schedule class: 'Halving'"):
        fastlr.deserialize(fastlr.serialize(schedule))


def test_a_rate_of_ones_own_is_rounded_once() -> None:
    class Third(fastlr.LearningRateSchedule):
        def __call__(self, step: Any) -> Any:
            return 1 / 3

    third, tiny = np.float32(1 / 3), np.float32(2.0**-126)
    assert fastlr.Join([Third()], [])(0) == third
    assert (0.1 * Third())(0) == np.float32(np.float32(0.1) * third)
    assert (float(tiny) * Third())(0) == 0


# ---- Plots --------------------------------------------------------------------------------------


class Returning(fastlr.LearningRateSchedule):
    """A schedule of the user's own that returns whatever it is told to."""

    def __init__(self, rate: Any) -> None:
        self.rate = rate

    def __call__(self, step: Any) -> Any:
        return self.rate


@pytest.mark.parametrize(
    "rate",
    [None, "0.1", [0.1], np.array([0.1]), np.zeros(2), 1j, np.complex64(1), np.array(1j)],
    ids=repr,
)
def test_a_rate_of_ones_own_must_be_a_number(rate: Any) -> None:
    own = Returning(rate)
    for evaluate in (
        lambda: own.table(2),
        lambda: (1.0 * own)(0),
        lambda: own.shifted(1).table(2),
        lambda: own.with_warmup(2),
    ):
        with pytest.raises(TypeError, match=r"^Returning\.__call__ must return a number\. "):
            evaluate()


@pytest.mark.parametrize("rate", [1e39, -(10**400), np.float64(1e300)], ids=["1e39", "int", "np"])
def test_a_rate_of_ones_own_must_fit(rate: Any) -> None:
    with pytest.raises(ValueError, match=r"^Returning\.__call__ must return .* fits float32\."):
        Returning(rate).shifted(1)(0)


def test_which_rates_of_ones_own_are_numbers() -> None:
    for rate in (math.nan, math.inf, -math.inf, 1, True, np.float32(0.5), np.array(0.25)):
        schedule = Returning(rate).shifted(1)
        np.testing.assert_array_equal([schedule(0), *schedule.table(1)], [rate, rate])
    flushed = Returning(-1e-40).shifted(1)
    np.testing.assert_array_equal([flushed(0), *flushed.table(1)], 0)
    assert np.signbit([flushed(0), *flushed.table(1)]).all()


def test_marks() -> None:
    restarts = fastlr.CosineDecayRestarts(0.1, 100, t_mul=1.0)
    joined = fastlr.Join([RAMP, restarts, fastlr.Constant(0.01)], [50, 330])
    expected = [
        Mark(50, "CosineDecayRestarts"),
        *(Mark(step, "restart") for step in (150, 250)),
        Mark(330, "Constant"),
    ]
    assert curve(joined, 0, 400).marks == expected
    assert curve((0.5 * joined).clipped(minimum=0), 0, 400).marks == expected
    moved = [Mark(step + 10, what) for step, what in expected]
    assert curve(joined.shifted(-10), 0, 400).marks == moved
    assert curve(joined, 160, 300).marks == [Mark(250, "restart")]


def test_extent() -> None:
    assert curve(COSINE.with_warmup(100)).steps[-1] >= 1000
    assert curve(fastlr.Join([COSINE, fastlr.Constant(0.1)], [300])).steps[-1] == 300
    assert curve(fastlr.Table(np.ones(50))).steps.size == 50
    assert curve(COSINE.shifted(-100)).steps.size == curve(COSINE).steps.size + 100
    with pytest.raises(ValueError, match="Halving"):
        curve(2 * Halving())
    assert curve(2 * Halving(), 0, 5).rates[1] == 1


@over_backends
@pytest.mark.parametrize("levels", [1, 5])
def test_shuffled_steps_of_many_parts(backend, levels):
    """More parts than a block is split into, and Joins within Joins, whose blocks are smaller."""
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 700)
        for level in range(levels):
            parts = [module.CosineDecay(0.1 / (part + 1), 100 + part) for part in range(8)]
            boundaries = [50 * (part + 1) + level for part in range(8)]
            schedule = module.Join([schedule, *parts], boundaries)
        steps = np.random.default_rng(levels).permutation(np.arange(-100, 1100))
        alone = np.array([schedule(step) for step in steps.tolist()], np.float32)
        assert_same_bits(schedule(steps), alone, steps, repr(schedule))
        fractions = (steps + np.float32(0.5)).astype(np.float32)
        fractions[::50] = np.nan
        alone = np.array([schedule(step) for step in fractions], np.float32)
        assert_same_bits(schedule(fractions), alone, fractions, repr(schedule))
