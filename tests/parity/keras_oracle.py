"""The oracle of ``fastlr verify``, and the other generation of Keras."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

from fastlr._verify.keras_oracle import MODES, WINDOW, Training, keras, make, rates

__all__ = ["MODES", "WINDOW", "Training", "make", "modules", "rates"]


@cache
def modules() -> dict[str, Any]:
    """The Keras generations that people use, by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tf_keras
    return {"keras": keras.optimizers.schedules, "tf_keras": tf_keras.optimizers.schedules}
