"""As tests/parity/test_eager.py, with more steps and configurations drawn at random."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from registry import CONFIGS, ROWS, config_id, steps_around
from test_eager import compare_everywhere


@pytest.mark.parametrize(("class_name", "config"), CONFIGS, ids=config_id)
def test_configurations_in_every_regime(class_name, config, count_compared):
    steps = steps_around(config, ROWS[class_name], np.random.default_rng(), random=150)
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
