"""As tests/keras, with every configuration of the drop-ins, and every class in every mode."""

from __future__ import annotations

import pytest
from models import MODES
from registry import KERAS_CONFIGS, KERAS_ROWS, ROWS, config_id
from test_drop_ins import compare_eager_steps
from test_logger import compare_rates_of_a_training
from test_table import compare_entries_of_a_training

in_every_mode = pytest.mark.parametrize("mode", MODES)


@pytest.mark.parametrize(("class_name", "config"), KERAS_CONFIGS, ids=config_id)
def test_eager_steps_have_keras_bits(class_name, config, count_compared):
    count_compared("drop-in and Keras eager", compare_eager_steps(class_name, config))


@in_every_mode
@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_logged_rates_of_a_training(class_name, mode):
    compare_rates_of_a_training(class_name, mode)


@in_every_mode
@pytest.mark.parametrize("class_name", ROWS)
def test_training_uses_the_entries(class_name, mode):
    compare_entries_of_a_training(class_name, mode)
