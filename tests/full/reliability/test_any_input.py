"""Any input at all: the documented result with the bits of scalar calls, or an error that says why.

FASTLR_TEST_EXAMPLES sets how many cases each test draws, for long runs.
"""

from __future__ import annotations

import copy
import inspect
import json
import operator
import os
import pickle
import warnings
from typing import Any

import hypothesis
import numpy as np
import pytest
from backends import BACKENDS, using
from bits import assert_same_bits
from hypothesis import strategies as st
from registry import ROWS, float64_config
from strategies import (
    LONGEST_MESSAGE,
    SMALL_FLOATS,
    anything,
    arrays,
    integers,
    json_values,
    leaves,
    numbers,
)

import fastlr

EXAMPLES = int(os.environ.get("FASTLR_TEST_EXAMPLES", "30"))
REFUSALS = (TypeError, ValueError, NotImplementedError, MemoryError)

cases = hypothesis.settings(
    max_examples=EXAMPLES, suppress_health_check=list(hypothesis.HealthCheck)
)


@pytest.fixture(autouse=True)
def _no_warnings_of_numpy():
    """Casts of NaN and deprecated items warn where the array is made or read, in NumPy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def outcome(call: Any, *named: str) -> Any:
    """What a call returns, or None where it refuses as documented: naming one of `named`."""
    try:
        return call()
    except REFUSALS as error:
        refusal = error
    message = str(refusal)
    assert len(message) < LONGEST_MESSAGE, message
    assert any(name.lower() in message.lower() for name in named), refusal
    return None


def is_real(array: np.ndarray) -> bool:
    return array.dtype.kind in "biuf" or array.dtype.type in SMALL_FLOATS


@cases
@hypothesis.given(arrays, st.sampled_from(sorted(ROWS)), st.integers(0, 100))
def test_any_array(steps, class_name, which):
    """Real dtypes are evaluated in their shape, with the bits of scalar calls; others refused."""
    config = ROWS[class_name].configs[which % len(ROWS[class_name].configs)]
    results = []
    for backend in BACKENDS:
        with using(backend) as module:
            schedule = getattr(module, class_name).from_config(config)
            rates = outcome(lambda: schedule(steps), "steps")  # noqa: B023
            array = np.asarray(steps)
            assert (rates is not None) == is_real(array), array.dtype
            if rates is None:
                continue
            assert type(rates) is (float if array.ndim == 0 else np.ndarray)
            assert np.shape(rates) == array.shape
            rates = np.asarray(rates, np.float32)
            assert rates.flags.c_contiguous
            results.append(rates)
            if backend != "numba":  # whose calls are slow
                alone = [schedule(step) for step in array.ravel()]
                alone = np.array(alone, np.float32).reshape(array.shape)
                assert_same_bits(rates, alone, array, f"{backend} {schedule!r}")
    for rates in results[1:]:
        assert_same_bits(rates, results[0], np.asarray(steps), f"backends, {schedule!r}")


@cases
@hypothesis.given(anything | arrays, st.sampled_from(sorted(ROWS)), st.booleans())
def test_any_object_as_steps(steps, class_name, wide):
    config = ROWS[class_name].configs[0]
    config = float64_config(config) if wide else config
    schedule = getattr(fastlr, class_name).from_config(config)
    rates = outcome(lambda: schedule(steps), "steps")
    assert rates is None or isinstance(rates, (float, np.ndarray))


@cases
@hypothesis.given(st.lists(numbers, max_size=6), st.sampled_from(sorted(ROWS)), st.integers(0, 100))
def test_lists_of_numbers_are_what_their_items_are(steps, class_name, which):
    config = ROWS[class_name].configs[which % len(ROWS[class_name].configs)]
    schedule = getattr(fastlr, class_name).from_config(config)
    alone = np.array([schedule(step) for step in steps], np.float32)
    assert_same_bits(schedule(steps), alone, steps, repr(schedule))


def test_mixed_lists_are_what_their_items_are():
    """NumPy would make one type of them all."""
    steps = [-2, -2.0, 2**24 + 1, 0.1, np.float64(0.1), np.float32(0.1), True, 2**63, -(2**70),
             -9223371347083028071]  # fmt: skip
    rates = [0.5, 0.4, 0.3, 0.2]
    for schedule in (
        fastlr.PiecewiseConstantDecay([-2.5, 0.1, 2**24], rates),
        fastlr.PiecewiseConstantDecay([-2.5, 0.1, 2**24], [*map(np.float64, rates)]),
        fastlr.CosineDecay(np.float64(0.1), 1003),
    ):
        expected = [schedule(step) for step in steps]
        assert schedule(steps).tolist() == expected
        assert schedule([steps, steps[::-1]]).tolist() == [expected, expected[::-1]]


def arguments_of(class_name: str) -> st.SearchStrategy[dict[str, Any]]:
    """A good configuration with some arguments that are anything."""
    names = list(inspect.signature(getattr(fastlr, class_name)).parameters)
    odd = st.dictionaries(
        st.sampled_from(names), numbers | leaves | st.lists(leaves, max_size=3), max_size=3
    )
    return st.tuples(ROWS[class_name].random, odd).map(lambda pair: {**pair[0], **pair[1]})


@cases
@hypothesis.given(st.sampled_from(sorted(ROWS)), st.data())
def test_any_constructor_arguments(class_name, data):
    """A schedule that is a value, whatever the parameters are, or an error that names one."""
    config = data.draw(arguments_of(class_name))
    schedule = outcome(
        lambda: getattr(fastlr, class_name).from_config(config), *(f"`{name}`" for name in config)
    )
    if schedule is None:
        return
    assert schedule.get_config().keys() >= config.keys()
    assert "Received" not in repr(schedule)
    twins = [
        pickle.loads(pickle.dumps(schedule)),
        copy.deepcopy(schedule),
        type(schedule).from_config(schedule.get_config()),
    ]
    for twin in twins:
        assert twin == schedule
        assert hash(twin) == hash(schedule)
        assert_same_bits(twin.table(30), schedule.table(30), range(30), repr(schedule))
    rates = schedule.table(-3, 30)
    alone = np.array([schedule(step) for step in range(-3, 30)], rates.dtype)
    assert_same_bits(rates, alone, range(-3, 30), repr(schedule))
    written = fastlr.serialize(schedule)
    json.dumps(written)
    assert fastlr.deserialize(written).get_config().keys() == schedule.get_config().keys()


@cases
@hypothesis.given(st.sampled_from(sorted(ROWS)), st.data())
def test_any_config(class_name, data):
    known = inspect.signature(getattr(fastlr, class_name)).parameters
    keys = st.sampled_from(sorted(known)) | st.text(max_size=5)
    config = data.draw(st.dictionaries(keys, json_values, max_size=6))
    config = (
        {**data.draw(ROWS[class_name].random), **config} if data.draw(st.booleans()) else config
    )
    whole = {"class_name": class_name, "config": config, **data.draw(
        st.dictionaries(st.text(max_size=3), json_values, max_size=2))}  # fmt: skip
    schedule = outcome(lambda: fastlr.deserialize(whole), "config", "argument", "`boundaries`")
    assert schedule is None or type(schedule).__name__ == class_name


@cases
@hypothesis.given(json_values | anything, anything)
def test_any_dict(config, custom_objects):
    named = ("config", "class", "custom_objects")
    assert outcome(lambda: fastlr.deserialize(config), *named) is None
    outcome(lambda: fastlr.deserialize({"class_name": "x", "config": {}}, custom_objects), *named)
    outcome(lambda: fastlr.CosineDecay.from_config(config), *named, "argument", "keywords")
    outcome(lambda: fastlr.serialize(config), "schedule")


@cases
@hypothesis.given(
    st.lists(integers | leaves, min_size=1, max_size=3), leaves | st.none(), leaves, arrays | leaves
)
@hypothesis.example([0, None], None, "eager", None)
@hypothesis.example([9, None, 2], None, "eager", None)
def test_any_table_arguments(bounds, threads, execution, out):
    """Refused before anything is written, or all rates of the range."""
    schedule = fastlr.CosineDecay(0.1, 100)
    named = ("`start`", "`stop`", "`step`", "steps", "`threads`", "`execution`", "`out`")
    outcome(lambda: schedule.table(5, execution=execution), *named)
    outcome(lambda: schedule.table(5, threads=threads), *named)
    before = out.tobytes() if isinstance(out, np.ndarray) else None
    if outcome(lambda: schedule.table(3, out=out), *named) is None and before is not None:
        assert out.tobytes() == before
    steps = steps_of(bounds)
    if steps is not None and 10**6 < (steps.stop - steps.start) // steps.step < 2**40:
        return  # as much memory as there is
    rates = outcome(lambda: schedule.table(*bounds), *named)
    if rates is not None:
        assert steps is not None
        alone = np.array([*map(schedule, steps)], np.float32)
        assert_same_bits(rates, alone, steps, "table")


def steps_of(bounds: list[Any]) -> range | None:
    """The steps that a table of these arguments has, if it has any."""
    start, *rest = bounds
    if rest and rest[0] is None:  # as if only one had been given
        bounds = [0, start, *rest[1:]]
    try:
        return range(*map(operator.index, bounds))
    except (TypeError, ValueError):
        return None
