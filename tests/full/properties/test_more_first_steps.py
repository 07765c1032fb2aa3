"""As tests/properties/test_first_step.py, with every configuration, also in float64."""

from __future__ import annotations

import pytest
from backends import over_backends
from registry import CONFIGS, config_id, float64_config
from test_first_step import compare_config


@over_backends
@pytest.mark.parametrize(("class_name", "config"), CONFIGS, ids=config_id)
def test_as_a_scan(backend, class_name, config, count_compared):
    count_compared("first steps with a scan", compare_config(backend, class_name, config))
    compare_config(backend, class_name, float64_config(config))
