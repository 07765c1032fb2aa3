"""As tests/properties/test_entry_points.py, with every configuration, and in float64."""

from __future__ import annotations

import numpy as np
import pytest
from backends import BACKENDS, using
from bits import assert_same_bits
from registry import CONFIGS, ROWS, config_id, float64_config, steps_around
from test_entry_points import compare_anything, compare_dense_ranges


@pytest.mark.parametrize(("class_name", "config"), CONFIGS, ids=config_id)
def test_backends_agree_on_dense_ranges(class_name, config, count_compared):
    compared = compare_dense_ranges(class_name, config)
    count_compared("backends and entry points with each other", compared)


@pytest.mark.parametrize("class_name", ROWS)
def test_anything(class_name, count_compared):
    compare_anything(class_name, 80, count_compared)


@pytest.mark.parametrize(("class_name", "config"), CONFIGS, ids=config_id)
def test_float64_entry_points_agree(class_name, config):
    steps = np.array(steps_around(config, ROWS[class_name], np.random.default_rng(3), random=50))
    results = []
    for backend in BACKENDS:
        with using(backend) as fastlr:
            schedule = getattr(fastlr, class_name).from_config(float64_config(config))
            assert schedule.table(10).dtype == np.float64
            results.append(schedule(steps))
            scalars = np.array([schedule(int(step)) for step in steps])
            assert_same_bits(scalars, results[0], steps, f"{backend}, scalars")
            table = np.concatenate([schedule.table(s, s + 1) for s in steps.tolist()])
            assert_same_bits(table, results[0], steps, f"{backend}, table")
            assert_same_bits(results[-1], results[0], steps, backend)
