"""What an optimizer trains with, in Keras 3 and in tf_keras, which is never imported here."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

from keras.optimizers import schedules

from fastlr._errors import received
from fastlr.keras.schedules import DROP_INS


class TrainedWith(NamedTuple):
    """What decides the rate of an optimizer."""

    #: A schedule, another callable, or a constant.
    rate: Any
    #: Steps taken, as the optimizer passes them to its schedule.
    iterations: Any
    #: The `decay` of tf_keras's legacy optimizers.
    decay: float


def is_schedule(obj: Any) -> bool:
    """Whether this is a schedule of Keras 3, tf_keras or fastlr, built in or not."""
    return any(base.__name__ == "LearningRateSchedule" for base in type(obj).__mro__)


def is_from_tf_keras(obj: Any) -> bool:
    """Whether a class of tf_keras is among the bases."""
    return any(base.__module__.split(".")[0] == "tf_keras" for base in type(obj).__mro__)


def builtin_name(schedule: Any) -> str | None:
    """Class name of a built-in schedule of Keras 3, tf_keras or fastlr.keras; None for others."""
    cls = type(schedule)
    if cls.__name__ not in DROP_INS:
        return None
    builtin = [DROP_INS[cls.__name__], getattr(schedules, cls.__name__)]
    if "tf_keras" in sys.modules:
        builtin.append(getattr(sys.modules["tf_keras"].optimizers.schedules, cls.__name__))
    return cls.__name__ if cls in builtin else None


def trained_with(obj: Any) -> TrainedWith:
    """Look into an optimizer or a compiled model.

    Raises
    ------
    TypeError
        If `obj` is neither.
    ValueError
        If the model is not compiled, or trains with several optimizers.
    """
    optimizer = _optimizer_of(obj)
    while getattr(optimizer, "inner_optimizer", None) is not None:  # a LossScaleOptimizer
        optimizer = optimizer.inner_optimizer
    if hasattr(optimizer, "optimizers"):
        raise ValueError(
            f"A {type(optimizer).__name__} has several rates: ask each of its `optimizers`"
        )
    # The public `learning_rate` is no schedule but its present value, except in tf_keras's legacy
    # optimizers; and the public `iterations` of Keras 3 are divided by gradient accumulation.
    rate = optimizer._learning_rate if hasattr(optimizer, "_learning_rate") else None
    iterations = getattr(optimizer, "_iterations", None)
    return TrainedWith(
        optimizer.learning_rate if rate is None else rate,
        optimizer.iterations if iterations is None else iterations,
        float(getattr(optimizer, "_initial_decay", 0.0)),
    )


def _optimizer_of(obj: Any) -> Any:
    if hasattr(obj, "compile") and hasattr(obj, "fit") and not isinstance(obj, type):
        optimizer = getattr(obj, "optimizer", None)
        if optimizer is None:
            raise ValueError("The model has no optimizer: compile it first")
        others = [name for name, value in vars(obj).items() if _is_other(name, value, optimizer)]
        if others:
            raise ValueError(
                f"The model has optimizers of its own, {', '.join(others)}: pass one of them "
                f"instead of the model. Received: a {type(obj).__name__}"
            )
        return optimizer
    if isinstance(obj, type) or not hasattr(obj, "apply_gradients"):
        raise TypeError(
            "Argument `obj` must be a learning-rate schedule, an optimizer or a compiled model of "
            f"Keras. {received('obj', obj)}"
        )
    return obj


def _is_other(name: str, value: Any, optimizer: Any) -> bool:
    """Whether an attribute of a model is an optimizer besides the one that it was compiled with."""
    return hasattr(value, "apply_gradients") and value is not optimizer and not name.startswith("_")
