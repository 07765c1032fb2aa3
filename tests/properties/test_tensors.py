"""Steps in what other libraries hold numbers in."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from backends import over_backends, using
from bits import assert_same_bits
from ml_dtypes import bfloat16
from registry import ROWS


@over_backends
@pytest.mark.parametrize("class_name", ROWS)
def test_tensors_and_their_dtypes(backend, class_name):
    with using(backend) as fastlr:
        schedule = getattr(fastlr, class_name)(**ROWS[class_name].configs[3])
        steps = np.arange(50)
        expected = schedule.table(50)
        for like in (tf.constant(steps), tf.Variable(steps), steps.astype(bfloat16)):
            assert_same_bits(schedule(like), expected, steps, type(like).__name__)
        for scalar in (tf.constant(7), bfloat16(7)):
            rate = schedule(scalar)
            assert type(rate) is float
            assert rate == schedule(7)
