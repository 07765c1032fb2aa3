"""Learning-rate schedules in bulk, with the bits of Keras.

>>> import fastlr
>>> schedule = fastlr.CosineDecay(0.1, 1000)
>>> schedule(500)
0.04999999701976776
>>> schedule.table(3)
array([0.1       , 0.09999975, 0.09999901], dtype=float32)
"""

import importlib
from typing import TYPE_CHECKING

# First: it refuses a process that it cannot work in, before NumPy is imported.
from fastlr._backend import backend, build_info

# isort: split
from fastlr import recipes
from fastlr._files import load
from fastlr._many import tables
from fastlr._version import version as __version__
from fastlr.schedules.base import LearningRateSchedule
from fastlr.schedules.clip import Clip
from fastlr.schedules.constant import Constant
from fastlr.schedules.cosine_decay import CosineDecay
from fastlr.schedules.cosine_decay_restarts import CosineDecayRestarts
from fastlr.schedules.exponential_decay import ExponentialDecay
from fastlr.schedules.inverse_square_root_decay import InverseSquareRootDecay
from fastlr.schedules.inverse_time_decay import InverseTimeDecay
from fastlr.schedules.join import Join
from fastlr.schedules.piecewise_constant_decay import PiecewiseConstantDecay
from fastlr.schedules.polynomial_decay import PolynomialDecay
from fastlr.schedules.scale import Scale
from fastlr.schedules.shift import Shift
from fastlr.schedules.table import Table
from fastlr.serialization import deserialize, serialize

__all__ = [
    "Clip",
    "Constant",
    "Join",
    "Scale",
    "Shift",
    "Table",
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseSquareRootDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "__version__",
    "backend",
    "build_info",
    "deserialize",
    "load",
    "recipes",
    "serialize",
    "tables",
]

if not TYPE_CHECKING:
    # Imported when they are first asked for.
    _FRAMEWORKS = {"dask", "jax", "keras", "torch"}

    def __getattr__(name: str) -> object:
        if name in _FRAMEWORKS:
            return importlib.import_module(f"fastlr.{name}")
        raise AttributeError(f"module 'fastlr' has no attribute {name!r}")

    def __dir__() -> list[str]:
        # The API. Of the frameworks, those imported: help() gets each name that it finds here.
        return sorted([*__all__, *(_FRAMEWORKS & globals().keys())])
