"""Execution modes graph and xla: the rate that each step of a real `model.fit` used.

Of each schedule one configuration is drawn at random in each mode, which FASTLR_TEST_SEED repeats.
tests/full/parity trains with more.
"""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import pytest
from backends import BACKENDS, using
from bits import assert_same_rates
from registry import KERAS_ROWS, some_backends

from fastlr._verify.configurations import random_schedule
from fastlr._verify.keras_oracle import MODES, WINDOW, Function, Training

SEED = int(os.environ.get("FASTLR_TEST_SEED", random.SystemRandom().randrange(2**32)))


def compare(
    class_name: str, config: dict[str, Any], execution: str, backends: list[str] = BACKENDS
) -> int:
    """Compare with windows of training steps; how many values that were."""
    marks = {int(mark) for mark in KERAS_ROWS[class_name].landmarks(config) if mark < 2**40}
    marks = sorted(marks)[:4] + sorted(marks)[-1:]
    starts = {-WINDOW - 12, 0, 2**24 - WINDOW // 2, *(max(0, mark - WINDOW // 2) for mark in marks)}
    expected = Training(class_name, config, execution).rates(*starts)
    for backend in backends:
        with using(backend) as fastlr:
            schedule = getattr(fastlr, class_name)(**config)
            what = f"{backend}, {execution}, seed {SEED}, {schedule!r}"
            for start, rates in zip(starts, expected, strict=True):
                steps = range(start, start + WINDOW)
                table = schedule.table(start, start + WINDOW, execution=execution)
                assert_same_rates(table, rates, steps, what)
                scalars = [schedule(step, execution=execution) for step in steps]
                assert_same_rates(np.array(scalars, np.float32), rates, steps, what)
                array = schedule(np.array(steps), execution=execution)
                assert_same_rates(array, rates, steps, what)
    return 3 * expected.size * len(backends)


@pytest.mark.parametrize("execution", MODES)
@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_rates_of_training_steps(class_name, execution, count_compared):
    config = random_schedule(class_name, np.random.default_rng(SEED)).get_config()
    compared = compare(class_name, config, execution, some_backends(class_name, execution))
    count_compared(f"fastlr and model.fit, {execution}", compared)


IN_FUNCTIONS = [
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 1000}),
    (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 1000, "decay_rate": 7.3},
    ),
]


@pytest.mark.parametrize(("class_name", "config"), IN_FUNCTIONS, ids=str)
def test_functions_of_tensorflow(class_name, config, count_compared):
    """Graph is what a ``tf.function`` computes that returns a value; others have other rates."""
    steps = list(range(300, 420))
    with using(BACKENDS[0]) as fastlr:
        ours = getattr(fastlr, class_name)(**config)(np.array(steps), execution="graph")
    returning = Function(class_name, config, returns=True).rates(steps)
    assert_same_rates(ours, returning, steps, class_name)
    silent = Function(class_name, config, returns=False).rates(steps)
    assert (silent != returning).sum() > 10
    count_compared("fastlr and tf.function", len(steps))
