"""Rates as each schedule's oracle has them, eager Keras or a formula, from every entry point."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from backends import BACKENDS, using
from bits import assert_same_bits, assert_same_rates
from registry import (
    CONFIGS,
    KERAS_ROWS,
    ROWS,
    SOME_CONFIGS,
    config_id,
    float64_config,
    steps_around,
)

from fastlr._verify import keras_oracle


def compare_everywhere(class_name: str, config: dict[str, Any], steps: list[int]) -> int:
    """Compare every backend and entry point with Keras at each step; how many values that were."""
    expected = ROWS[class_name].expected(config, steps)
    assert expected.dtype == np.float32
    compared = 0
    for backend in BACKENDS:
        with using(backend) as fastlr:
            schedule = getattr(fastlr, class_name).from_config(config)
            entry_points = {
                "scalar": np.array([schedule(step) for step in steps], np.float32),
                "array": schedule(np.array(steps, np.int64)),
                "list": schedule(steps),
                "shuffled": schedule(np.array(steps[::-1], np.int64))[::-1],
                "table": np.concatenate([schedule.table(step, step + 1) for step in steps]),
            }
            for name, ours in entry_points.items():
                assert_same_rates(ours, expected, steps, f"{backend}, {name}, {schedule!r}")
                compared += len(steps)
    return compared


@pytest.mark.parametrize(("class_name", "config"), CONFIGS, ids=config_id)
def test_configurations_in_every_regime(class_name, config, count_compared):
    """At some of their steps; tests/full/parity takes more."""
    steps = steps_around(config, ROWS[class_name], np.random.default_rng(2), random=20)
    steps = steps[:: 1 + len(steps) // 50]
    count_compared(
        f"fastlr and {ROWS[class_name].oracle}", compare_everywhere(class_name, config, steps)
    )


@pytest.mark.parametrize("execution", ["graph", "xla"])
@pytest.mark.parametrize("class_name", [name for name in ROWS if name not in KERAS_ROWS])
def test_what_keras_does_not_have_in_other_modes(class_name, execution):
    for config in ROWS[class_name].configs:
        steps = steps_around(config, ROWS[class_name], np.random.default_rng(4), random=50)
        expected = ROWS[class_name].expected(config, steps, execution)
        for backend in BACKENDS:
            with using(backend) as fastlr:
                schedule = getattr(fastlr, class_name).from_config(config)
                ours = schedule(np.array(steps, np.int64), execution=execution)
                assert_same_rates(ours, expected, steps, f"{backend}, {execution}, {schedule!r}")


@pytest.mark.parametrize("class_name", ROWS)
def test_consecutive_steps(class_name, count_compared):
    """Every step of a short schedule, from before its start to beyond its end."""
    config = ROWS[class_name].configs[3]
    steps = list(range(-10, 1100))
    expected = ROWS[class_name].expected(config, steps)
    for backend in BACKENDS:
        with using(backend) as fastlr:
            schedule = getattr(fastlr, class_name).from_config(config)
            assert_same_rates(schedule.table(-10, 1100), expected, steps, backend)
    count_compared(f"fastlr and {ROWS[class_name].oracle}", len(BACKENDS) * len(steps))


#: Numbers of every type, ordinary and not.
KINDS = [0.5, 1.25, -0.75, 999.999, float("nan"), float("inf"), float("-inf"), 1e-40, -0.0, True,
         np.int8(-3), np.uint64(2**64 - 1), np.float16(3.3), np.float64(7.1), np.int64(2**53 + 1),
         np.uint32(2**32 - 1)]  # fmt: skip


def compare_kinds_of_steps(class_name: str, config: dict[str, Any]) -> None:
    for step in KINDS:
        theirs = step
        if class_name == "PiecewiseConstantDecay" and not isinstance(step, (float, np.floating)):
            theirs = min(int(step), 2**31 - 1)  # Keras wraps boundaries around in the step's type
        expected = ROWS[class_name].expected(config, [theirs])
        for backend in BACKENDS:
            with using(backend) as fastlr:
                schedule = getattr(fastlr, class_name).from_config(config)
                scalar = np.array([schedule(step)], np.float32)
                assert_same_rates(scalar, expected, [step], f"{backend}, {schedule!r}")
                # TensorFlow makes a float32 of a Python float.
                kind = np.float32 if type(step) is float else None
                array = schedule(np.array([step] * 40, kind))
                assert_same_rates(array[-1:], expected, [step], f"{backend}, array, {schedule!r}")


@pytest.mark.parametrize(("class_name", "config"), SOME_CONFIGS, ids=config_id)
def test_kinds_of_steps(class_name, config):
    compare_kinds_of_steps(class_name, config)


@pytest.mark.parametrize(
    ("class_name", "config"),
    [
        ("CosineDecay", {"initial_learning_rate": 9.5, "decay_steps": 10, "warmup_target": -3e-41}),
        ("CosineDecayRestarts", {"initial_learning_rate": -1e-41, "first_decay_steps": 10}),
        ("ExponentialDecay", {"initial_learning_rate": -1e-41, "decay_steps": 9, "decay_rate": 2}),
        ("PolynomialDecay", {"initial_learning_rate": 1.0, "decay_steps": 10,
                             "end_learning_rate": -3e-41}),
        ("PiecewiseConstantDecay", {"boundaries": [5], "values": [-1e-41, -1e-40]}),
    ],
)  # fmt: skip
def test_signs_of_rates_that_vanish(class_name, config):
    """Subnormals count as zero, with their sign where Keras keeps it."""
    steps = [0, 5, 11]
    expected = ROWS[class_name].expected(config, steps)
    for backend in BACKENDS:
        with using(backend) as fastlr:
            rates = getattr(fastlr, class_name).from_config(config)(steps)
            assert_same_bits(rates, expected, steps, backend)


def compare_float64(class_name: str, config: dict[str, Any], random: int, most: int) -> int:
    """As `compare_everywhere`, where rates are float64, at most at about so many steps."""
    config = float64_config(config)
    steps = steps_around(config, ROWS[class_name], np.random.default_rng(1), random)
    steps = [*steps[:: 1 + len(steps) // most], 0.3]
    expected = ROWS[class_name].expected(config, steps)
    assert expected.dtype == np.float64
    for backend in BACKENDS:
        with using(backend) as fastlr:
            schedule = getattr(fastlr, class_name).from_config(config)
            scalars = np.array([schedule(step) for step in steps])
            assert_same_rates(scalars, expected, steps, f"{backend}, {schedule!r}")
            array = schedule(np.array(steps[:-1], np.int64))
            assert_same_rates(array, expected[:-1], steps, f"{backend}, array, {schedule!r}")
            table = np.concatenate([schedule.table(s, s + 1) for s in steps[:-1]])
            assert_same_rates(table, expected[:-1], steps, f"{backend}, table, {schedule!r}")
    return len(BACKENDS) * 3 * len(steps)


@pytest.mark.parametrize(("class_name", "config"), SOME_CONFIGS, ids=config_id)
def test_float64(class_name, config, count_compared):
    compared = compare_float64(class_name, config, random=20, most=50)
    count_compared(f"fastlr and {ROWS[class_name].oracle}, float64", compared)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
def test_parameters_of_numpy_types(kind):
    config = {"decay_steps": kind(1000), "alpha": kind(0.3), "warmup_target": kind(3.7),
              "warmup_steps": kind(7)}  # fmt: skip
    for rate in (0.1, np.float64(0.1), np.float32(0.1)):
        full = {"initial_learning_rate": rate, **config}
        steps = [*range(12), 100, 1006, 1007, 2000]
        expected = keras_oracle.rates(keras_oracle.make("CosineDecay", full), steps)
        with using(BACKENDS[0]) as fastlr:
            ours = np.array([fastlr.CosineDecay(**full)(s) for s in steps], expected.dtype)
        assert_same_rates(ours, expected, steps, repr(full))


def test_parameters_in_float64():
    """What reaches a float64 schedule through a float32, and what does not."""
    wide = np.float64
    cases = [
        ({"decay_steps": 1000, "alpha": np.float32(0.1)}, 500),
        ({"decay_steps": 1000, "alpha": 2**53 + 1}, 1),
        ({"decay_steps": wide(2782), "warmup_target": np.float32(1.3e-44)}, 0),
        ({"decay_steps": 1130, "warmup_target": 2.28e19, "warmup_steps": 10}, np.float32(1e-40)),
        ({"decay_steps": 1130, "warmup_target": 2.28e19, "warmup_steps": 10}, 1e-40),
        ({"decay_steps": 1000.1, "warmup_target": 0.3, "warmup_steps": 7.7}, 5),
        ({"decay_steps": wide(1000.1), "warmup_target": wide(0.3), "warmup_steps": wide(7.7)}, 5),
    ]
    for config, step in cases:
        for rate in (wide(0.1), wide(1e-36)):
            full = {"initial_learning_rate": rate, **config}
            expected = keras_oracle.rates(keras_oracle.make("CosineDecay", full), [step])
            for backend in BACKENDS:
                with using(backend) as fastlr:
                    ours = np.array([fastlr.CosineDecay(**full)(step)])
                assert_same_rates(ours, expected, [step], f"{backend}, {full!r}")


@pytest.mark.parametrize("rate", [float, np.float64])
def test_piecewise_steps_are_compared_in_their_own_type(rate):
    values = [rate(0.5), rate(0.25), rate(0.125)]
    boundaries = [[2**24, 2**25 + 1], [100.1, 108.13884950543391], [np.float64(100.1), 200],
                  [100, 1420.8216231711308]]  # fmt: skip
    steps = [2**24, 2**24 + 1, 2**24 + 2.0, np.float64(2**24 + 1), np.float32(2**24 + 2), 100.1,
             np.float64(100.1), np.float32(100.1), np.float64(100 + 1e-9), 100, 101,
             108.13884950543391, np.float64(108.13884950543391), 1420.8216231711308]  # fmt: skip
    for limits in boundaries:
        config = {"boundaries": limits, "values": values}
        expected = keras_oracle.rates(keras_oracle.make("PiecewiseConstantDecay", config), steps)
        for backend in BACKENDS:
            with using(backend) as fastlr:
                schedule = fastlr.PiecewiseConstantDecay(**config)
                scalars = np.array([schedule(step) for step in steps], expected.dtype)
                arrays = np.array([schedule(np.array([s]))[0] for s in steps], expected.dtype)
                assert_same_rates(scalars, expected, steps, f"{backend}, {schedule!r}")
                numpy_steps = [i for i, s in enumerate(steps) if type(s) is not float]
                assert_same_rates(arrays[numpy_steps], expected[numpy_steps], steps, backend)


def test_uint64_steps_are_beyond_every_boundary():
    for backend in BACKENDS:
        with using(backend) as fastlr:
            schedule = fastlr.PiecewiseConstantDecay([2**63 - 1], [0.1, 0.2])
            assert schedule(2**63 - 1) == np.float32(0.1)
            assert schedule(np.uint64(2**63)) == schedule(2**63) == np.float32(0.2)


@pytest.mark.parametrize(
    "boundary", [0.29 * 100, 16777217.0, 16777217, 1e-40, -0.999999999, 5e8 + 17, np.float64(28.9)]
)
def test_boundaries_are_cut_from_what_keras_makes_of_them(boundary):
    """Python floats become float32 before they are cut to integers: 0.29 * 100 becomes 29."""
    config = {"boundaries": [boundary], "values": [0.1, 0.01]}
    steps = [int(boundary) + offset for offset in range(-40, 41)]
    expected = keras_oracle.rates(keras_oracle.make("PiecewiseConstantDecay", config), steps)
    for backend in BACKENDS:
        with using(backend) as fastlr:
            schedule = fastlr.PiecewiseConstantDecay(**config)
            assert_same_rates(schedule(np.array(steps)), expected, steps, backend)
