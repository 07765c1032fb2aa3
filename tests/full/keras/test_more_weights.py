"""As tests/keras/test_weights.py: every class in every mode, and with several optimizers."""

from __future__ import annotations

import keras
import pytest
from models import MODES, dense_model, short, weights
from registry import KERAS_ROWS
from test_weights import both, fit_dense_with

OPTIMIZERS = {
    "SGD": {"momentum": 0.9, "nesterov": True},
    "Adam": {},
    "AdamW": {"weight_decay": 0.01},
    "RMSprop": {"clipnorm": 1.0},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("class_name", KERAS_ROWS)
def test_weights_are_the_same_bits(class_name, mode):
    trained = [
        fit_dense_with(keras.optimizers.Adam(schedule), **MODES[mode])
        for schedule in both(class_name, short(class_name))
    ]
    assert weights(trained[0]) == weights(trained[1])
    assert weights(trained[0]) != weights(dense_model("adam"))


@pytest.mark.parametrize("mode", ["graph", "xla"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_with_several_optimizers(optimizer, mode):
    trained = [
        fit_dense_with(
            getattr(keras.optimizers, optimizer)(schedule, **OPTIMIZERS[optimizer]), **MODES[mode]
        )
        for schedule in both("CosineDecay", short("CosineDecay"))
    ]
    assert weights(trained[0]) == weights(trained[1])
