"""Schedules as the dicts that Keras writes and reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fastlr.schedules.base import SCHEDULES, LearningRateSchedule

_KERAS_MODULE = "keras.optimizers.schedules"


def serialize(schedule: LearningRateSchedule) -> dict[str, Any]:
    """Describe a schedule as the dict that Keras writes.

    Parameters
    ----------
    schedule : LearningRateSchedule
        One of this package's schedules, or one of your own with a ``get_config``.

    Returns
    -------
    dict
        ``module``, ``class_name``, ``config`` and ``registered_name``; plain data that
        ``json.dumps`` takes. Keras's own ``deserialize`` reads it too.

    Raises
    ------
    TypeError
        If `schedule` is not a schedule.

    Examples
    --------
    >>> fastlr.serialize(fastlr.CosineDecay(0.1, 1000))["class_name"]
    'CosineDecay'
    """
    if not isinstance(schedule, LearningRateSchedule):
        raise TypeError(
            "Argument `schedule` must be a fastlr.LearningRateSchedule. "
            f"Received: type {type(schedule).__name__}"
        )
    name = type(schedule).__name__
    builtin = SCHEDULES.get(name) is type(schedule)
    return {
        "module": _KERAS_MODULE if builtin else None,
        "class_name": name,
        "config": {key: _plain(value) for key, value in schedule.get_config().items()},
        "registered_name": None if builtin else name,
    }


def deserialize(
    config: Mapping[str, Any],
    custom_objects: Mapping[str, type[LearningRateSchedule]] | None = None,
) -> LearningRateSchedule:
    """Make a schedule from the dict that `serialize` or Keras wrote.

    Only the classes of this package and those in `custom_objects` are ever made; nothing is
    imported by name.

    Parameters
    ----------
    config : mapping
        With ``class_name`` and ``config``; other keys are ignored.
    custom_objects : mapping of str to type, optional
        Schedules of your own by class name.

    Returns
    -------
    LearningRateSchedule

    Raises
    ------
    TypeError
        If `config` is not such a mapping.
    ValueError
        If the class is not known, or its config has unknown or missing arguments.

    Examples
    --------
    >>> schedule = fastlr.CosineDecay(0.1, 1000)
    >>> fastlr.deserialize(fastlr.serialize(schedule)) == schedule
    True
    """
    if not isinstance(config, Mapping) or not isinstance(config.get("config"), Mapping):
        raise TypeError(
            "Argument `config` must be a dict with the keys 'class_name' and 'config', as "
            f"fastlr.serialize and Keras write it. Received: {config!r:.200}"
        )
    known = {**SCHEDULES, **(custom_objects or {})}
    name = config.get("class_name")
    cls = known.get(name) if isinstance(name, str) else None
    if cls is None:
        raise ValueError(
            f"Unknown schedule class: {name!r:.100}. Known are {', '.join(sorted(known))}; add "
            "your own with `custom_objects`."
        )
    try:
        return cls.from_config(dict(config["config"]))
    except TypeError as error:
        raise ValueError(f"Invalid config of {name}: {error}") from error


def _plain(value: Any) -> Any:
    """NumPy scalars as Python numbers, as Keras writes them; np.float64 is a float already."""
    if isinstance(value, (list, tuple)):
        return type(value)(_plain(item) for item in value)
    if isinstance(value, np.generic) and not isinstance(value, float):
        return value.item()
    return value
