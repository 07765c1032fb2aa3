"""Models that were trained with the drop-in classes, loaded where fastlr is not installed."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import keras
from models import dense_model, fit_dense

import fastlr.keras


def load_without_fastlr(path, how):
    program = f"""
        import sys
        sys.modules["fastlr"] = None  # as if it were not installed
        import keras
        model = keras.models.load_model({str(path)!r}{how})
        schedule = model.optimizer._learning_rate
        assert type(schedule) is keras.optimizers.schedules.CosineDecay, schedule
        print(float(model.optimizer.learning_rate))
    """
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )


def saved(schedule, path):
    model = dense_model(keras.optimizers.SGD(schedule))
    fit_dense(model, epochs=1)
    model.save(path)
    return float(model.optimizer.learning_rate)


def test_to_keras_before_training(tmp_path):
    path = tmp_path / "model.keras"
    expected = saved(fastlr.keras.to_keras(fastlr.keras.CosineDecay(0.1, 10)), path)
    result = load_without_fastlr(path, "")
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) == expected


def test_custom_objects_when_loading(tmp_path):
    path = tmp_path / "model.keras"
    expected = saved(fastlr.keras.CosineDecay(0.1, 10), path)
    names = '{"fastlr>CosineDecay": keras.optimizers.schedules.CosineDecay}'
    result = load_without_fastlr(path, f", custom_objects={names}")
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) == expected


def test_neither(tmp_path):
    """Keras says what is missing."""
    path = tmp_path / "model.keras"
    saved(fastlr.keras.CosineDecay(0.1, 10), path)
    result = load_without_fastlr(path, "")
    assert result.returncode == 1
    assert "Could not locate class 'CosineDecay'" in result.stderr
