"""Keras's schedules, faster: a class for each schedule of fastlr that Keras has, too."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import keras
from keras.optimizers import schedules

import fastlr
from fastlr._parameters import Reals
from fastlr.keras._drop_in import DropIn
from fastlr.schedules.kernel_schedule import SCHEDULES, KernelSchedule

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec

    P = ParamSpec("P")

_DOCSTRING = """Keras's ``{name}``, faster.

Arguments, config and results are those of ``keras.optimizers.schedules.{name}``, of which this is a
subclass; optimizers take it. :class:`fastlr.{name}` has the formula and computes the rates. Where
it refuses arguments or takes them in another way, and what trains on a GPU, Keras computes.

Parameters
----------
{parameters}

Raises
------
ValueError
    If Keras's constructor refuses an argument.

Notes
-----
{notes}

Examples
--------
>>> import keras
{construction}
>>> optimizer = keras.optimizers.SGD(schedule)
>>> float(optimizer.learning_rate) == float(schedule(0))
True
"""


def _drop_in(ours: type[KernelSchedule]) -> type[DropIn]:
    """A subclass of Keras's class of the same name, where saved models find it again."""
    name = ours.__name__
    attributes = {
        "__module__": "fastlr.keras",
        "__doc__": _docstring(ours),
        "_sequences": [each.name for each in ours._parameters if isinstance(each, Reals)],
    }
    made = type(name, (DropIn, getattr(schedules, name)), attributes)
    registered: type[DropIn] = keras.saving.register_keras_serializable("fastlr")(made)
    return registered


def _docstring(ours: type[KernelSchedule]) -> str | None:
    """What fastlr's class says about its arguments and where the formula is from."""
    _, *parts = re.split(r"^(\w+)\n-+\n", inspect.getdoc(ours) or "", flags=re.MULTILINE)
    sections = dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True))
    if "Parameters" not in sections:  # python -OO
        return None
    construction = sections["Examples"].split("\n>>> ")[0]
    return _DOCSTRING.format(
        name=ours.__name__,
        parameters=sections["Parameters"],
        notes=sections["Notes"],
        construction=construction.replace("fastlr.", "fastlr.keras."),
    )


#: The drop-ins by name: one for each schedule that Keras has.
DROP_INS = {name: _drop_in(ours) for name, ours in SCHEDULES.items() if ours._in_keras}

if TYPE_CHECKING:  # what editors and type checkers know of them

    def _arguments_of(
        ours: Callable[P, KernelSchedule],
    ) -> Callable[[Callable[..., None]], Callable[Concatenate[Any, P], None]]: ...

    class CosineDecay(DropIn):
        """Keras's ``CosineDecay``, faster."""

        @_arguments_of(fastlr.CosineDecay)
        def __init__(self, *_: Any, **__: Any) -> None: ...

    class CosineDecayRestarts(DropIn):
        """Keras's ``CosineDecayRestarts``, faster."""

        @_arguments_of(fastlr.CosineDecayRestarts)
        def __init__(self, *_: Any, **__: Any) -> None: ...

    class ExponentialDecay(DropIn):
        """Keras's ``ExponentialDecay``, faster."""

        @_arguments_of(fastlr.ExponentialDecay)
        def __init__(self, *_: Any, **__: Any) -> None: ...

    class InverseTimeDecay(DropIn):
        """Keras's ``InverseTimeDecay``, faster."""

        @_arguments_of(fastlr.InverseTimeDecay)
        def __init__(self, *_: Any, **__: Any) -> None: ...

    class PiecewiseConstantDecay(DropIn):
        """Keras's ``PiecewiseConstantDecay``, faster."""

        @_arguments_of(fastlr.PiecewiseConstantDecay)
        def __init__(self, *_: Any, **__: Any) -> None: ...

    class PolynomialDecay(DropIn):
        """Keras's ``PolynomialDecay``, faster."""

        @_arguments_of(fastlr.PolynomialDecay)
        def __init__(self, *_: Any, **__: Any) -> None: ...

else:
    globals().update(DROP_INS)
