"""From Keras's schedules to fastlr's, and back."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import keras

from fastlr._errors import shown, type_name
from fastlr.keras._drop_in import DropIn
from fastlr.keras._optimizers import builtin_name, is_schedule, trained_with
from fastlr.keras.schedules import DROP_INS
from fastlr.schedules.base import LearningRateSchedule
from fastlr.schedules.join import held
from fastlr.schedules.kernel_schedule import SCHEDULES, KernelSchedule


def from_keras(obj: Any) -> LearningRateSchedule:
    """A fastlr schedule from Keras's.

    Parameters
    ----------
    obj : keras or tf_keras schedule, optimizer or compiled model
        A built-in schedule that fastlr has, a `TableSchedule`, or what trains with one.

    Returns
    -------
    fastlr schedule
        With the same arguments. It computes in float32, or float64 where the initial rate is an
        ``np.float64``; an ``int`` rate counts as the float it means. Of a `TableSchedule` it is the
        schedule in it, at the last rate from the end of the table on.

    Raises
    ------
    TypeError
        If `obj` is, or trains with, anything else: a constant rate, or a schedule of your own.
    ValueError
        If fastlr refuses the schedule's arguments, or a model is not compiled.

    Examples
    --------
    >>> import keras
    >>> optimizer = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 1000))
    >>> fastlr.keras.from_keras(optimizer)
    CosineDecay(initial_learning_rate=0.1, decay_steps=1000)
    """
    if isinstance(obj, LearningRateSchedule):
        raise TypeError(
            "Argument `obj` must be of Keras: a schedule, an optimizer or a compiled model. "
            f"Received: a schedule of fastlr already, {shown(obj)}"
        )
    from fastlr.keras.table import TableSchedule  # which calls this function

    schedule = obj if is_schedule(obj) else trained_with(obj).rate
    if isinstance(schedule, TableSchedule):
        return held(schedule.schedule, schedule.steps)
    name = builtin_name(schedule)
    if name is None:
        raise TypeError(
            f"Argument `obj` must be, or train with, one of Keras's schedules "
            f"{', '.join(DROP_INS)}. Received: {_described(obj, schedule)}. For other rates "
            "there is fastlr.keras.learning_rate"
        )
    return SCHEDULES[name](**schedule.get_config())


def _described(obj: Any, rate: Any) -> str:
    what = type_name(obj)
    if is_schedule(obj):
        return what
    if is_schedule(rate) or not hasattr(rate, "dtype"):
        return f"{what} with a learning rate of type {type_name(rate)}"
    return f"{what} with a constant learning rate"


def to_keras(schedule: KernelSchedule | DropIn, library: ModuleType = keras) -> Any:
    """Keras's own schedule, for tf_keras and for models that load where fastlr is not installed.

    Parameters
    ----------
    schedule : LearningRateSchedule
        A schedule of fastlr or of fastlr.keras, of a class that Keras has, too.
    library : module, default keras
        ``keras``, or ``tf_keras``, whose optimizers take only its own schedules.

    Returns
    -------
    keras or tf_keras schedule
        Of the class of the same name, with the same arguments. An ``int`` rate of a fastlr schedule
        becomes the float as which fastlr takes it.

    Raises
    ------
    ValueError
        If `schedule` is of a class that Keras does not have, such as a composition. Train with
        `TableSchedule`.
    TypeError
        If `schedule` is anything else.

    Examples
    --------
    >>> schedule = fastlr.keras.to_keras(fastlr.CosineDecay(0.1, 1000))
    >>> type(schedule).__module__.split(".")[0], type(schedule).__name__
    ('keras', 'CosineDecay')
    """
    name = type(schedule).__name__
    schedules = library.optimizers.schedules
    if DROP_INS.get(name) is type(schedule):
        return getattr(schedules, name)(**schedule.get_config())
    if name in DROP_INS and SCHEDULES[name] is type(schedule):
        config = schedule._config_with_rates(_as_rate)
        if config["name"] is None:  # the default of tf_keras, which Keras refuses
            del config["name"]
        return getattr(schedules, name)(**config)
    if SCHEDULES.get(name) is type(schedule):
        raise ValueError(
            f"Keras has no schedule {name}: train with Keras 3 and fastlr.keras.TableSchedule("
            f"schedule, steps). Received: {shown(schedule)}"
        )
    is_keras = type(schedule) is getattr(schedules, name, None)
    raise TypeError(
        f"Argument `schedule` must be one of the schedules {', '.join(DROP_INS)} of fastlr or "
        f"fastlr.keras. Received: type {type_name(schedule)}"
        + (", which is Keras's own already: use it as it is" if is_keras else "")
    )


def _as_rate(value: Any) -> Any:
    """A rate in whose type Keras computes as fastlr does."""
    return float(value) if isinstance(value, int) else value
