"""As tests/parity/test_training.py, with more configurations, the awkward ones above all."""

from __future__ import annotations

import os

import hypothesis
import pytest
from registry import KERAS_ROWS
from test_training import SEED, compare

from fastlr._verify.configurations import special_schedules
from fastlr._verify.keras_oracle import MODES


@pytest.mark.parametrize("execution", MODES)
@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_random_configurations(class_name, execution, count_compared):
    @hypothesis.settings(
        max_examples=int(os.environ.get("FASTLR_TEST_TRAININGS", "3")),
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.seed(SEED)
    @hypothesis.given(KERAS_ROWS[class_name].training)
    def check(config):
        compared = compare(class_name, config, execution)
        count_compared(f"fastlr and model.fit, {execution}", compared)

    check()


@pytest.mark.parametrize("execution", MODES)
@pytest.mark.parametrize(
    ("class_name", "config"),
    [(name, row.configs[at]) for name, row in KERAS_ROWS.items() for at in (0, *row.trained)],
    ids=str,
)
def test_chosen_configurations(class_name, config, execution, count_compared):
    count_compared(f"fastlr and model.fit, {execution}", compare(class_name, config, execution))


@pytest.mark.parametrize("execution", MODES)
@pytest.mark.parametrize(
    ("class_name", "config"),
    [(name, special.get_config()) for name in KERAS_ROWS for special in special_schedules(name)],
    ids=str,
)
def test_constants_that_are_special(class_name, config, execution, count_compared):
    count_compared(f"fastlr and model.fit, {execution}", compare(class_name, config, execution))
