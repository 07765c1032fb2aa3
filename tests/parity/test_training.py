"""Execution modes graph and xla: the rate that each step of a real `model.fit` used.

Configurations are drawn at random in each run; FASTLR_TEST_SEED repeats one.
"""

from __future__ import annotations

import os
import random
from typing import Any

import hypothesis
import numpy as np
import pytest
from backends import BACKENDS, using
from bits import assert_same_rates
from keras_oracle import MODES, WINDOW, Training
from registry import ROWS

SEED = int(os.environ.get("FASTLR_TEST_SEED", random.SystemRandom().randrange(2**32)))


def compare(class_name: str, config: dict[str, Any], execution: str) -> int:
    training = Training(class_name, config, execution)
    marks = {int(mark) for mark in ROWS[class_name].landmarks(config) if mark < 2**40}
    marks = sorted(marks)[:4] + sorted(marks)[-1:]
    starts = {0, 2**24 - WINDOW // 2, *(max(0, mark - WINDOW // 2) for mark in marks)}
    compared = 0
    for start in sorted(starts):
        expected = training.rates(start)
        for backend in BACKENDS:
            with using(backend) as fastlr:
                schedule = getattr(fastlr, class_name)(**config)
                steps = range(start, start + WINDOW)
                what = f"{backend}, {execution}, seed {SEED}, {schedule!r}"
                table = schedule.table(start, start + WINDOW, execution=execution)
                assert_same_rates(table, expected, steps, what)
                scalars = [schedule(step, execution=execution) for step in steps]
                assert_same_rates(np.array(scalars, np.float32), expected, steps, what)
                array = schedule(np.array(steps), execution=execution)
                assert_same_rates(array, expected, steps, what)
                compared += 3 * WINDOW
    return compared


@pytest.mark.parametrize("execution", MODES)
@pytest.mark.parametrize("class_name", ROWS)
def test_random_configurations(class_name, execution, count_compared, capsys):
    with capsys.disabled():
        print(f"\n{class_name}, {execution}: FASTLR_TEST_SEED={SEED}")

    @hypothesis.settings(
        max_examples=int(os.environ.get("FASTLR_TEST_TRAININGS", "6")),
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.seed(SEED)
    @hypothesis.given(ROWS[class_name].training)
    def check(config):
        compared = compare(class_name, config, execution)
        count_compared(f"fastlr and model.fit, {execution}", compared)

    check()


@pytest.mark.parametrize("execution", MODES)
@pytest.mark.parametrize(
    ("class_name", "config"),
    [(name, config) for name, row in ROWS.items() for config in row.always_trained],
    ids=str,
)
def test_awkward_configurations(class_name, config, execution, count_compared):
    count_compared(f"fastlr and model.fit, {execution}", compare(class_name, config, execution))
