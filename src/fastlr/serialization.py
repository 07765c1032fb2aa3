"""Schedules as the dicts that Keras writes and reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fastlr._config_limits import check_limits
from fastlr._errors import cut, received, shown, type_name
from fastlr.schedules.base import LearningRateSchedule
from fastlr.schedules.composition import Composition
from fastlr.schedules.kernel_schedule import SCHEDULES


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
        ``json.dumps`` and ``yaml.safe_dump`` take. Keras's own ``deserialize`` reads it too, of
        the classes that Keras has. It does not say that a rate or a boundary is an ``np.float64``,
        or an array of float64: what is read computes in float32. `deserialize` refuses what is
        beyond its limits, such as a `Join` of 1,000 `CosineDecay`.

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
            f"Received: type {type_name(schedule)}. For schedules of Keras and fastlr.keras there "
            "is keras.optimizers.schedules.serialize, or fastlr.keras.from_keras before"
        )
    name = type(schedule).__name__
    builtin = SCHEDULES.get(name)
    is_builtin = builtin is type(schedule)
    home = "keras.optimizers.schedules" if builtin and builtin._in_keras else "fastlr"
    return {
        "module": home if is_builtin else None,
        "class_name": name,
        "config": {key: _plain(value) for key, value in schedule.get_config().items()},
        "registered_name": None if is_builtin else name,
    }


def deserialize(
    config: Mapping[str, Any],
    custom_objects: Mapping[str, type[LearningRateSchedule]] | None = None,
) -> LearningRateSchedule:
    """Make a schedule from the dict that `serialize` or Keras wrote.

    Only the classes of this package and those in `custom_objects` are ever made; nothing is
    imported or evaluated by name. A config has at most 10,000 keys, 64 levels of nesting and
    16,777,216 items, however often they are the same ones.

    Parameters
    ----------
    config : mapping
        With ``class_name`` and ``config``; other keys are ignored.
    custom_objects : mapping of str to type, optional
        Subclasses of `LearningRateSchedule` of your own by class name.

    Returns
    -------
    LearningRateSchedule

    Raises
    ------
    TypeError
        If `config` is not such a mapping, or `custom_objects` does not map to such classes.
    ValueError
        If the class is not known, its config has unknown or missing arguments, or `config` is
        larger than said above.

    Examples
    --------
    >>> schedule = fastlr.CosineDecay(0.1, 1000)
    >>> fastlr.deserialize(fastlr.serialize(schedule)) == schedule
    True
    """
    if isinstance(config, Mapping):
        check_limits(config)
    return _made("config", config, custom_objects)


def _made(argument: str, config: Any, custom_objects: Any) -> LearningRateSchedule:
    """A schedule from a dict whose size has been checked."""
    is_complete = isinstance(config, Mapping) and "class_name" in config
    if not (is_complete and isinstance(config.get("config"), Mapping)):
        raise TypeError(
            f"Argument `{argument}` must be a dict with the keys 'class_name' and 'config', as "
            f"fastlr.serialize and Keras write it. Received: {shown(config)}"
        )
    cls = _class_of(config.get("class_name"), custom_objects)
    arguments = config["config"]
    try:
        if issubclass(cls, Composition):
            arguments = with_schedules(cls, arguments, custom_objects)
        return cls.from_config(arguments)
    except TypeError as error:
        raise ValueError(f"Invalid config of {cut(cls.__name__)}: {cut(error)}") from error


def with_schedules(
    cls: type[Composition], config: Any, custom_objects: Any = None
) -> dict[str, Any]:
    """A config with the schedules that stand in it as dicts."""

    def schedule(argument: str, value: Any) -> Any:
        is_dict = isinstance(value, Mapping)
        return _made(argument, value, custom_objects) if is_dict else value

    name = cls._dtype_argument
    if not isinstance(config, Mapping) or name not in config:
        return config  # type: ignore[return-value]  # refused by the class
    given = config[name]
    if isinstance(given, (list, tuple)):
        made: Any = [schedule(f"{name}[{i}]", each) for i, each in enumerate(given)]
    else:
        made = schedule(name, given)
    return {**config, name: made}


def _class_of(name: object, custom_objects: object) -> type[LearningRateSchedule]:
    """A class of this package or of `custom_objects`."""
    if custom_objects is None:
        custom_objects = {}
    if not isinstance(custom_objects, Mapping):
        raise TypeError(
            "Argument `custom_objects` must map class names to classes. "
            + received("custom_objects", custom_objects)
        )
    known: dict[str, Any] = {**SCHEDULES, **custom_objects}
    cls = known.get(name) if isinstance(name, str) else None
    if cls is None:
        names = ", ".join(sorted(key for key in known if isinstance(key, str)))
        raise ValueError(
            f"Unknown schedule class: {shown(name)}. Known are {cut(names)}; add your own with "
            "`custom_objects`."
        )
    if not (isinstance(cls, type) and issubclass(cls, LearningRateSchedule)):
        raise TypeError(
            "Argument `custom_objects` must map class names to subclasses of "
            f"fastlr.LearningRateSchedule. Received: {shown(name)}: {shown(cls)}"
        )
    return cls


def _plain(value: Any) -> Any:
    """NumPy scalars as Python numbers, arrays as lists, and containers as those of Python."""
    if isinstance(value, LearningRateSchedule):
        return serialize(value)
    if isinstance(value, np.ndarray) and value.dtype.char in "fd":
        return value.tolist()  # at once: it may be long
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [_plain(item) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if isinstance(value, np.longdouble):  # whose `item` is itself
        return float(value)
    if isinstance(value, np.generic):
        return value.item()
    return value
