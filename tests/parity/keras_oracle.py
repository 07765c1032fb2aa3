"""Real Keras on TensorFlow, asked one step at a time, eagerly."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # TensorFlow's own
    import keras


@cache
def modules() -> dict[str, Any]:
    """The Keras generations that people use, by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tf_keras
    return {"keras": keras.optimizers.schedules, "tf_keras": tf_keras.optimizers.schedules}


def make(class_name: str, config: dict[str, Any]) -> Any:
    """A schedule of Keras 3; an int rate as the float it means (a deliberate difference)."""
    rate = config.get("initial_learning_rate")
    if isinstance(rate, int):
        config = {**config, "initial_learning_rate": float(rate)}
    return getattr(keras.optimizers.schedules, class_name)(**config)


def rates(schedule: Any, steps: list[Any]) -> np.ndarray:
    """What Keras gives for each step."""
    return np.array([schedule(step).numpy() for step in steps])
