"""The rate of anything that has one."""

from __future__ import annotations

import operator
import sys
from typing import Any

import keras
import numpy as np

import fastlr
from fastlr._errors import received
from fastlr.keras._backend import TensorFlow, backend, number, whole_step
from fastlr.keras._mirror import mirror
from fastlr.keras._optimizers import builtin_name, is_from_tf_keras, is_schedule, trained_with


def learning_rate(obj: Any, step: Any = None) -> float:
    """The rate of a schedule, an optimizer or a compiled model, at a step or now.

    Parameters
    ----------
    obj : schedule, optimizer or compiled model
        Of Keras 3 or tf_keras; a schedule may be fastlr's, too, or your own.
    step : int, or scalar tensor or variable of integers, optional
        The number of steps taken before. By default the optimizer's own count: the rate is that of
        its next step.

    Returns
    -------
    float
        What Keras computes eagerly, at `step`: for a constant rate that constant, for a schedule
        of your own the result of its call. A rate that is a function without arguments is the
        function's result now.

    Raises
    ------
    TypeError
        If `obj` is none of these, or `step` is not an integer.
    ValueError
        If `step` is None for a schedule, which has no count of steps; if a model is not compiled;
        for an optimizer of several optimizers.

    Examples
    --------
    >>> import keras
    >>> optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 1000))
    >>> fastlr.keras.learning_rate(optimizer)
    0.10000000149011612
    >>> fastlr.keras.learning_rate(optimizer, 500)
    0.04999999701976776
    """
    if step is not None:
        step = _checked(step)
    if is_schedule(obj):
        if step is None:
            raise ValueError(
                "Argument `step` must be given for a schedule, which does not count steps. "
                "Received: step=None"
            )
        return rate_at(obj, step)
    trained = trained_with(obj)
    rate = trained.rate
    if is_schedule(rate):
        count = int(number(trained.iterations)) if step is None else step
        value = rate_at(rate, count, trained.iterations if step is None else None)
    else:
        value = float(number(rate() if callable(rate) else rate))
    if trained.decay > 0:
        count = int(number(trained.iterations)) if step is None else step
        value = float(
            np.float32(value) / (np.float32(1) + np.float32(trained.decay) * np.float32(count))
        )
    return value


def _checked(step: Any) -> int:
    counted = whole_step(step)
    try:
        return operator.index(step) if counted is None else counted
    except (AttributeError, TypeError):  # the former from tensors of TensorFlow
        raise TypeError(
            f"Argument `step` must be an integer or None. {received('step', step)}"
        ) from None


def rate_at(schedule: Any, step: int, counter: Any = None) -> float:
    """What Keras computes eagerly for a step; `counter` is a variable that holds it, if any."""
    if isinstance(schedule, fastlr.LearningRateSchedule):
        return float(schedule(step))
    ours = with_eager_bits(schedule)
    if ours is not None:
        return float(ours(step))
    return float(number(schedule(_counter(schedule, step) if counter is None else counter)))


def with_eager_bits(schedule: Any) -> Any:
    """The fastlr schedule that computes what this one does in eager training; None for others."""
    ours = with_bits(schedule)
    place = TensorFlow() if is_from_tf_keras(schedule) else backend
    return ours if ours is not None and place.has_bits_of(ours) else None


def with_bits(schedule: Any) -> Any:
    """The fastlr schedule with the bits that Keras has on TensorFlow; None for others."""
    name = builtin_name(schedule)
    if name is None:
        return None
    config = schedule.get_config()
    try:
        # None is the default of tf_keras.
        return mirror(name, {**config, "name": config["name"] or name})
    except (TypeError, ValueError):
        return None


def _counter(schedule: Any, step: int) -> Any:
    """A variable as an optimizer counts with."""
    if is_from_tf_keras(schedule):
        tf = sys.modules["tensorflow"]
        return tf.Variable(step, dtype=tf.int64)
    return keras.Variable(step, dtype="int", trainable=False)
