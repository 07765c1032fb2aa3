"""Schedules are immutable values, and their configs are Keras's."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import subprocess
import sys
import warnings
import weakref
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import keras
import numpy as np
import pytest
from backends import BACKENDS, over_backends, using
from registry import CONFIGS, KERAS_CONFIGS, ROWS, config_id

import fastlr
from fastlr._verify import keras_oracle

T = TypeVar("T")

over_configs = pytest.mark.parametrize(("class_name", "config"), CONFIGS, ids=config_id)


class Named(fastlr.CosineDecay):
    """A subclass with another signature and an attribute of its own."""

    def __init__(self, label, steps=100):
        super().__init__(0.1, steps)
        self.label = label


class Slotted(fastlr.CosineDecay):
    __slots__ = ("label",)


class Doubled(fastlr.CosineDecay):
    def __call__(self, steps, **arguments):
        return 2 * super().__call__(steps, **arguments)


class Chosen(fastlr.CosineDecay):
    """A subclass that says itself what is pickled."""

    def __getstate__(self):
        return {**super().__getstate__(), "secret": None}


class Pair(NamedTuple):
    first: Any
    second: Any


class Numbers(list):
    """A list that is made otherwise than a list."""

    def __init__(self, *items):
        super().__init__(items)


class Constant(fastlr.LearningRateSchedule):
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        return self.rate

    def get_config(self):
        return {"rate": self.rate}


@pytest.mark.parametrize(("class_name", "config"), KERAS_CONFIGS, ids=config_id)
def test_signature_defaults_and_config_keys_are_those_of_keras(class_name, config):
    theirs = inspect.signature(getattr(keras.optimizers.schedules, class_name))
    ours = inspect.signature(getattr(fastlr, class_name))
    assert list(ours.parameters) == list(theirs.parameters)
    for name, parameter in theirs.parameters.items():
        assert ours.parameters[name].default == parameter.default, name
    schedule = getattr(fastlr, class_name).from_config(config)
    oracle = keras_oracle.make(class_name, config)
    assert schedule.get_config() == oracle.get_config()
    assert list(schedule.get_config()) == list(oracle.get_config())


@over_configs
def test_round_trips(class_name, config):
    schedule = getattr(fastlr, class_name).from_config(config)
    assert type(schedule).from_config(schedule.get_config()) == schedule
    assert fastlr.deserialize(fastlr.serialize(schedule)) == schedule
    assert fastlr.deserialize(json.loads(json.dumps(fastlr.serialize(schedule)))) == schedule
    assert eval(repr(schedule), vars(fastlr) | {"np": np}) == schedule
    for twin in (
        copy.copy(schedule),
        copy.deepcopy(schedule),
        pickle.loads(pickle.dumps(schedule)),
    ):
        assert twin == schedule
        assert hash(twin) == hash(schedule)
        assert twin(7) == schedule(7) or np.isnan(schedule(7))


@pytest.fixture
def library():
    """Keras 3; tf_keras in tests/full/keras."""
    return keras


@pytest.mark.parametrize(("class_name", "config"), KERAS_CONFIGS, ids=config_id)
def test_round_trips_through_keras(class_name, config, library):
    """Keras reads what fastlr writes, and fastlr what Keras writes, to the same dict."""
    schedules = library.optimizers.schedules
    schedule = getattr(fastlr, class_name).from_config(config)
    theirs = schedules.deserialize(fastlr.serialize(schedule))
    assert type(theirs) is getattr(schedules, class_name)
    assert theirs.get_config() == schedule.get_config()
    assert schedules.serialize(theirs) == fastlr.serialize(schedule)
    assert fastlr.deserialize(schedules.serialize(theirs)) == schedule


def test_keras_writes_numpy_parameters_as_fastlr_does():
    config = {"initial_learning_rate": np.float32(0.5), "decay_steps": np.int64(7),
              "alpha": np.float64(0.1)}  # fmt: skip
    ours = fastlr.serialize(fastlr.CosineDecay(**config))
    theirs = keras.optimizers.schedules
    assert ours == theirs.serialize(theirs.CosineDecay(**config))
    json.dumps(ours)


def test_float64_is_kept_by_configs_and_pickles_but_not_by_plain_data():
    schedule = fastlr.CosineDecay(np.float64(0.1), 10)
    assert fastlr.CosineDecay.from_config(schedule.get_config()) == schedule
    assert fastlr.deserialize(fastlr.serialize(schedule)) == fastlr.CosineDecay(0.1, 10)
    assert pickle.loads(pickle.dumps(schedule)).table(2).dtype == np.float64
    assert (
        repr(schedule) == f"CosineDecay(initial_learning_rate={np.float64(0.1)!r}, decay_steps=10)"
    )


@over_configs
def test_pickles_hold_arguments_only(fastlr, class_name, config):
    """Not the kernel of the backend, which on Numba cannot be pickled."""
    schedule = getattr(fastlr, class_name).from_config(config)
    _, (cls, arguments), state = schedule.__reduce__()
    assert cls is type(schedule)
    assert arguments == schedule.get_config()
    assert state is None
    assert copy.copy(schedule) == schedule


def test_repr_names_what_is_equal_to_a_default_but_computes_otherwise():
    wide = np.float64(0.1)
    schedule = fastlr.PolynomialDecay(wide, 10, np.float64(0.0001), power=1)
    twin = eval(repr(schedule), vars(fastlr) | {"np": np})
    assert twin == schedule
    assert twin(10) == schedule(10) == 0.0001
    assert repr(fastlr.PolynomialDecay(0.1, 10, 0.0001, 1.0)) == (
        "PolynomialDecay(initial_learning_rate=0.1, decay_steps=10)"
    )


def test_equality():
    schedule = fastlr.CosineDecay(0.1, 1000)
    assert schedule == fastlr.CosineDecay(initial_learning_rate=0.1, decay_steps=1000, alpha=0.0)
    assert fastlr.CosineDecay(1, 1000) == fastlr.CosineDecay(1.0, 1000)
    assert schedule != fastlr.CosineDecay(0.1, 1001)
    assert schedule != fastlr.CosineDecay(0.1, 1000, name="other")
    assert schedule != fastlr.CosineDecay(np.float64(0.1), 1000)  # computes in float64
    assert schedule != Doubled(0.1, 1000)
    assert schedule != "CosineDecay"
    # In float64 a Python float carries 24 bits, an np.float64 all of its own.
    wide = np.float64(0.1)
    assert fastlr.CosineDecay(wide, 1000.1) != fastlr.CosineDecay(wide, np.float64(1000.1))
    assert fastlr.CosineDecay(wide, 10, alpha=0.5) == fastlr.CosineDecay(wide, 10, alpha=wide * 5)
    given = [1, 2]
    stairs = fastlr.PiecewiseConstantDecay(given, [0.1, 0.2, 0.3])
    given.append(3)
    stairs.boundaries.append(4)
    stairs.get_config()["boundaries"].append(5)
    assert stairs.get_config()["boundaries"] == [1, 2] == stairs.boundaries
    assert stairs == fastlr.PiecewiseConstantDecay([1, 2], [0.1, 0.2, 0.3])
    assert hash(stairs) == hash(fastlr.PiecewiseConstantDecay([1, 2], [0.1, 0.2, 0.3]))
    assert len({schedule, fastlr.CosineDecay(0.1, 1000), fastlr.CosineDecay(0.2, 1000)}) == 2


def test_immutable(fastlr):
    schedule = fastlr.CosineDecay(0.1, 1000)
    for name in (*schedule.get_config(), "_config", "_dtype"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(schedule, name, 1)
    with pytest.raises(AttributeError):
        schedule.anything = 1
    with pytest.raises(AttributeError, match="immutable"):
        del schedule.alpha
    unset = fastlr.CosineDecay.__new__(fastlr.CosineDecay)
    for use in (
        lambda: unset(5),
        lambda: unset.table(5),
        unset.get_config,
        lambda: hash(unset),
    ):
        with pytest.raises(AttributeError, match=r"__init__\(\) has not been called"):
            use()
    with pytest.raises(AttributeError, match="immutable"):
        del schedule._config
    with pytest.raises(TypeError, match="immutable"):
        schedule.__init__(0.2, 10)
    schedule.get_config()["alpha"] = 5
    assert schedule.alpha == 0.0
    assert schedule(500) == fastlr.CosineDecay(0.1, 1000)(500)


def test_attributes_are_what_was_given():
    given = {"initial_learning_rate": np.float32(0.25), "decay_steps": 10**15 + 1, "alpha": 1,
             "name": None, "warmup_target": None, "warmup_steps": np.int32(3)}  # fmt: skip
    schedule = fastlr.CosineDecay(**given)
    for name, value in given.items():
        assert getattr(schedule, name) is value


def test_ranges_do_not_call_a_table_that_a_subclass_overrides():
    for backend in BACKENDS:
        with using(backend) as fastlr:

            class Doubled(fastlr.CosineDecay):
                def __call__(self, steps):
                    return 2 * super().__call__(steps)

                def table(self, stop):
                    return 2 * super().table(stop)

            schedule = Doubled(0.1, 10)
            assert schedule(range(3)).tolist() == schedule(np.arange(3)).tolist()


def test_the_method_table_is_like_a_function():
    for backend in BACKENDS:
        with using(backend) as fastlr:
            method = fastlr.CosineDecay.table
            assert method.__name__ == "table"
            assert "Rates at the steps" in method.__doc__
            assert (
                next(iter(inspect.signature(fastlr.CosineDecay(0.1, 9).table).parameters))
                == "start"
            )
    import fastlr as plain

    assert pickle.loads(pickle.dumps(plain.CosineDecay.table)) is plain.CosineDecay.table
    bound = pickle.loads(pickle.dumps(plain.CosineDecay(0.1, 9).table))
    assert bound(5).tobytes() == plain.CosineDecay(0.1, 9).table(5).tobytes()


def test_subclasses():
    named = Named("x", steps=50)
    assert named(7) == fastlr.CosineDecay(0.1, 50)(7)
    for twin in (copy.copy(named), pickle.loads(pickle.dumps(named))):
        assert type(twin) is Named
        assert twin.label == "x"
        assert twin == named
        assert twin(7) == named(7)
    slotted = Slotted(0.1, 50)
    slotted.label = "y"
    assert copy.copy(slotted).label == pickle.loads(pickle.dumps(slotted)).label == "y"
    assert pickle.loads(pickle.dumps(Slotted(0.1, 50))) == Slotted(0.1, 50)
    chosen = Chosen(0.1, 50)
    chosen.label, chosen.secret = "z", "s"
    for twin in (copy.copy(chosen), pickle.loads(pickle.dumps(chosen))):
        assert (twin, twin.label, twin.secret) == (chosen, "z", None)
    doubled = Doubled(0.1, 50)
    assert doubled(7) == 2 * fastlr.CosineDecay(0.1, 50)(7)
    assert doubled([7])[0] == np.float32(doubled(7))
    late = type("Late", (fastlr.CosineDecay,), {})(0.1, 50)
    assert late(7) == named(7)
    type(late).__call__ = lambda self, step: -1.0
    assert late(7) == -1.0


def test_other_bases_are_told_of_subclasses(fastlr):
    told = []

    class Mixin:
        def __init_subclass__(cls, /, tag, **keywords):
            told.append((cls.__name__, tag))
            super().__init_subclass__(**keywords)

    for base in (fastlr.CosineDecay, fastlr.LearningRateSchedule):

        class Tagged(base, Mixin, Generic[T], tag=7):
            pass

        assert Tagged[int].__origin__ is Tagged
        with pytest.raises(TypeError, match="keyword"):
            type("Bad", (base,), {}, unknown=1)
    assert told == [("Tagged", 7)] * 2
    assert Tagged.__mro__[1] is fastlr.LearningRateSchedule


def test_own_schedules():
    constant = Constant(0.5)
    assert isinstance(constant, fastlr.LearningRateSchedule)
    assert constant(3) == 0.5
    written = fastlr.serialize(constant)
    assert written["registered_name"] == "Constant"
    assert fastlr.deserialize(written, {"Constant": Constant})(3) == 0.5
    with pytest.raises(ValueError, match="Constant"):
        fastlr.deserialize(written)
    rate = {"pair": Pair(np.float32(1), 2), "inner": {"k": np.int8(3)}, "array": np.eye(2),
            "list": Numbers(np.longdouble(4)), "zero": np.array(5), "odd": np.zeros(1, "g"),
            }  # fmt: skip
    written = json.loads(json.dumps(fastlr.serialize(Constant(rate))["config"]["rate"]))
    assert written == {"pair": [1, 2], "inner": {"k": 3}, "array": [[1, 0], [0, 1]],
                       "list": [4], "zero": 5, "odd": [0]}  # fmt: skip
    assert fastlr.serialize(Constant((1, 2)))["config"] == {"rate": (1, 2)}
    base = fastlr.LearningRateSchedule()
    with pytest.raises(NotImplementedError, match="__call__"):
        base(3)
    with pytest.raises(NotImplementedError, match="get_config"):
        base.get_config()


@pytest.mark.parametrize(
    ("config", "error"),
    [
        ("CosineDecay", TypeError), (None, TypeError), ({}, TypeError), ([], TypeError),
        ({"class_name": "CosineDecay"}, TypeError),
        ({"class_name": "CosineDecay", "config": None}, TypeError),
        ({"class_name": "os.system", "config": {}}, ValueError),
        ({"class_name": None, "config": {}}, ValueError),
        ({"class_name": ["CosineDecay"], "config": {}}, ValueError),
        ({"class_name": "CosineDecay", "config": {}}, ValueError),
        ({"class_name": "CosineDecay", "config": {"unknown": 1}}, ValueError),
        ({"class_name": "CosineDecay", "config": {"initial_learning_rate": "a",
                                                  "decay_steps": 1}}, ValueError),
        ({"class_name": "CosineDecay", "config": {1: 2}}, ValueError),
    ],
)  # fmt: skip
def test_bad_configs(config, error):
    with pytest.raises(error):
        fastlr.deserialize(config)


def test_what_is_serialized_is_plain_data():
    for schedule in (
        fastlr.CosineDecay(np.float64(0.1), np.int64(100), name=np.str_("x")),
        fastlr.PolynomialDecay(np.float32(0.5), 10, cycle=np.bool_(True)),
        fastlr.PiecewiseConstantDecay(np.array([1, 2]), np.array([0.5, 0.25, 0.125])),
    ):
        written = fastlr.serialize(schedule)
        values = [*written.values(), *written["config"].values()]
        items = [item for value in values for item in (value if type(value) is list else [value])]
        # Which is what yaml.safe_dump takes.
        assert {type(item) for item in items} <= {dict, str, int, float, bool, type(None)}


def test_warmup_steps_without_a_target_are_told_once_and_to_their_author(fastlr):
    with pytest.warns(UserWarning, match=r"`warmup_steps` .*`warmup_target`") as caught:
        schedule = fastlr.CosineDecay(0.1, 10, warmup_steps=5)
    assert [Path(warning.filename).name for warning in caught] == [Path(__file__).name]
    assert schedule(3) == fastlr.CosineDecay(0.1, 10)(3)
    written = fastlr.serialize(schedule)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        twins = [fastlr.deserialize(written), fastlr.CosineDecay.from_config(written["config"])]
        twins += [copy.copy(schedule), fastlr.CosineDecay(0.1, 10, warmup_steps=0)]
        fastlr.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=5)
    assert twins[:3] == [schedule] * 3


def test_attributes_are_refused_as_without_a_dict():
    assert vars(fastlr.CosineDecay(0.1, 10)) == {}  # which PyTorch's LambdaLR saves
    with pytest.raises(AttributeError, match="no attribute 'decay_step'"):
        fastlr.CosineDecay(0.1, 10).decay_step = 5
    with pytest.raises(AttributeError, match="'table'"):
        fastlr.CosineDecay(0.1, 10).table = None


def test_serialize_refuses_what_is_no_schedule():
    with pytest.raises(TypeError, match="schedule"):
        fastlr.serialize({"class_name": "CosineDecay"})


def test_weak_references_and_collection():
    schedule = Named("x")
    schedule.itself = schedule
    reference = weakref.ref(schedule)
    del schedule
    import gc

    gc.collect()
    assert reference() is None


def test_every_schedule_has_a_row():
    from fastlr.schedules.kernel_schedule import SCHEDULES

    assert set(ROWS) == set(SCHEDULES)
    assert set(SCHEDULES) <= set(fastlr.__all__)


def test_dir_shows_the_api():
    """And help() imports no framework, whether it is installed or not."""
    program = (
        "import pydoc, sys, fastlr\n"
        "assert dir(fastlr) == sorted(fastlr.__all__)\n"
        "assert 'CosineDecayRestarts' in pydoc.render_doc(fastlr)\n"
        "assert not {'jax', 'keras', 'torch'} & sys.modules.keys()\n"
        "import fastlr.keras\n"
        "assert dir(fastlr) == sorted([*fastlr.__all__, 'keras'])\n"
        "assert dir(fastlr.keras) == sorted(fastlr.keras.__all__)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_deliberate_differences_from_keras():
    constant = fastlr.PiecewiseConstantDecay([], [0.25])
    assert constant(-5) == constant(10**9) == constant(0.5) == 0.25
    assert constant.table(3).tolist() == [0.25] * 3
    expected = fastlr.CosineDecay(0.1, 1000, alpha=2)(500)
    for alpha in (np.uint8(2), np.int8(2), np.float16(2), np.uint64(2)):
        assert fastlr.CosineDecay(0.1, 1000, alpha=alpha)(500) == expected
    assert fastlr.ExponentialDecay(0.1, 10, 1e-40)(5) == 0
    assert fastlr.CosineDecay(1, 100)(50) == fastlr.CosineDecay(1.0, 100)(50)
    assert fastlr.CosineDecay(0.1, 100, name=None).name is None


@over_backends
def test_build_info(backend):
    with using(backend) as module:
        info = module.build_info()
    assert info["backend"] == backend.partition("-")[0]
    assert set(info) == set(fastlr.build_info())
    assert all(value for value in info.values())


def test_numpy_boundaries_are_written_as_plain_data():
    schedule = fastlr.PiecewiseConstantDecay(
        np.array([1, 2]), np.array([0.1, 0.2, 0.3], np.float32)
    )
    assert json.loads(json.dumps(fastlr.serialize(schedule)))["config"]["boundaries"] == [1, 2]
    many = fastlr.PiecewiseConstantDecay(range(50_000), [1.0] * 50_001)  # not quadratic
    assert many(7) == 1.0


@pytest.mark.parametrize(
    ("given", "rounded"),
    [
        (2**60 + 2**36, 2**60),  # half-way, to the even one
        (2**60 + 2**36 + 1, 2**60 + 2**37),
        (2**60 + 3 * 2**36, 2**60 + 2**38),
        (2**60 + 3 * 2**36 - 1, 2**60 + 2**37),
        (2**90 + 2**66 + 1, 2**90 + 2**67),
        (-(2**60) - 2**36 - 1, -(2**60) - 2**37),
    ],
)
def test_integers_are_rounded_once(given, rounded):
    """By way of a float, the one below them would decide."""
    assert fastlr.PiecewiseConstantDecay([], [given])(0) == float(rounded)


def test_long_doubles_are_rounded_once():
    """By way of a float, this one would be half-way between two float32, and become 1."""
    half = np.longdouble(1) + np.longdouble(2) ** -24
    above = half + np.longdouble(2) ** -60
    expected = 1 + 2**-23 if above > half else 1  # equal where a long double is a double
    assert fastlr.PiecewiseConstantDecay([0], [0.5, above])(1) == expected


@pytest.mark.parametrize(
    ("config", "step", "expected"),
    [
        # 1 - alpha is a float32; in float64 the sum with alpha were 1.
        ({"alpha": np.float32(0.1)}, 0, 0.5 * (float(np.float32(0.9)) + float(np.float32(0.1)))),
        # A subnormal float32 is 0, also on its way to float64.
        ({"warmup_target": np.float32(1e-40), "warmup_steps": 1}, 1, 0.0),
    ],
)
def test_float32_parameters_of_float64_schedules(config, step, expected):
    config = {"initial_learning_rate": np.float64(0.5), "decay_steps": 10, **config}
    assert fastlr.CosineDecay(**config)(step) == expected
    assert float(keras_oracle.make("CosineDecay", config)(step)) == expected
