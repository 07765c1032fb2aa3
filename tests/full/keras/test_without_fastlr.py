"""Models that were trained with fastlr at hand, loaded where it is not installed."""

from __future__ import annotations

import subprocess
import sys

import keras
from models import dense_model, fit_dense

import fastlr.keras

PROGRAM = """
import sys
sys.modules["fastlr"] = None  # as if it were not installed
import keras
from keras.optimizers.schedules import CosineDecay

converted, named = sys.argv[1:]
try:
    keras.models.load_model(named)
except TypeError as error:
    assert "Could not locate class 'CosineDecay'" in str(error), error
else:
    raise AssertionError("loaded without the class")
for path, objects in [(converted, None), (named, {"fastlr>CosineDecay": CosineDecay})]:
    model = keras.models.load_model(path, custom_objects=objects)
    assert type(model.optimizer._learning_rate) is CosineDecay
    print(float(model.optimizer.learning_rate))
"""


def test_two_ways_to_load_them(tmp_path):
    """`to_keras` before training, or naming Keras's class when loading."""
    schedule = fastlr.keras.CosineDecay(0.1, 10)
    saved = {
        tmp_path / "converted.keras": fastlr.keras.to_keras(schedule),
        tmp_path / "named.keras": schedule,
    }
    rates = []
    for path, used in saved.items():
        model = dense_model(keras.optimizers.SGD(used))
        fit_dense(model, epochs=1)
        model.save(path)
        rates.append(float(model.optimizer.learning_rate))
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, *saved], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert [float(line) for line in result.stdout.split()] == rates
