"""Every schedule of this backend, by the name of its class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastlr._numba.driver import Kernel
from fastlr._numba.schedules.clip import clip
from fastlr._numba.schedules.constant import constant
from fastlr._numba.schedules.cosine_decay import cosine_decay
from fastlr._numba.schedules.cosine_decay_restarts import cosine_decay_restarts
from fastlr._numba.schedules.exponential_decay import exponential_decay
from fastlr._numba.schedules.inverse_square_root_decay import inverse_square_root_decay
from fastlr._numba.schedules.inverse_time_decay import inverse_time_decay
from fastlr._numba.schedules.join import join
from fastlr._numba.schedules.piecewise_constant_decay import piecewise_constant_decay
from fastlr._numba.schedules.polynomial_decay import polynomial_decay
from fastlr._numba.schedules.scale import scale
from fastlr._numba.schedules.shift import shift
from fastlr._numba.schedules.table import table

_FACTORIES: dict[str, Callable[..., Kernel]] = {
    "Clip": clip,
    "Constant": constant,
    "Join": join,
    "Scale": scale,
    "Shift": shift,
    "Table": table,
    "CosineDecay": cosine_decay,
    "CosineDecayRestarts": cosine_decay_restarts,
    "ExponentialDecay": exponential_decay,
    "InverseSquareRootDecay": inverse_square_root_decay,
    "InverseTimeDecay": inverse_time_decay,
    "PiecewiseConstantDecay": piecewise_constant_decay,
    "PolynomialDecay": polynomial_decay,
}


def make_kernel(
    class_name: str, dtype: str, execution: str, arguments: Mapping[str, Any]
) -> Kernel:
    """Kernel of a schedule, from the arguments of its class in the precision of `dtype`."""
    made = {name: _with_kernels(value, execution) for name, value in arguments.items()}
    return _FACTORIES[class_name](dtype, execution, **made)


def _with_kernels(value: Any, execution: str) -> Any:
    """An argument with the kernels of schedules in their place."""
    if isinstance(value, list):
        return [_with_kernels(each, execution) for each in value]
    return value._kernel(execution) if hasattr(value, "_made") else value
