"""As tests/parity/test_eager.py, with more steps and configurations, some drawn at random."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from registry import CONFIGS, ROWS, config_id, steps_around
from test_eager import compare_everywhere, compare_float64, compare_kinds_of_steps


@pytest.mark.parametrize(("class_name", "config"), CONFIGS, ids=config_id)
def test_configurations_in_every_regime(class_name, config, count_compared):
    steps = steps_around(config, ROWS[class_name], np.random.default_rng(), random=150)
    steps = steps[:: 1 + len(steps) // 300]
    count_compared(
        f"fastlr and {ROWS[class_name].oracle}", compare_everywhere(class_name, config, steps)
    )


@pytest.mark.parametrize("class_name", ROWS)
def test_random_configurations(class_name, count_compared):
    @hypothesis.settings(max_examples=60, deadline=None)
    @hypothesis.given(ROWS[class_name].random, st.integers(0, 2**32 - 1))
    def check(config, seed):
        steps = steps_around(config, ROWS[class_name], np.random.default_rng(seed), random=15)
        count_compared(
            f"fastlr and {ROWS[class_name].oracle}", compare_everywhere(class_name, config, steps)
        )

    check()


@pytest.mark.parametrize(("class_name", "config"), CONFIGS, ids=config_id)
def test_float64(class_name, config, count_compared):
    compared = compare_float64(class_name, config, random=50, most=200)
    count_compared(f"fastlr and {ROWS[class_name].oracle}, float64", compared)


@pytest.mark.parametrize(("class_name", "config"), CONFIGS, ids=config_id)
def test_kinds_of_steps(class_name, config):
    compare_kinds_of_steps(class_name, config)
