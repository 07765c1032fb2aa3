from collections.abc import Callable, Sequence
from typing import Any, Literal, SupportsFloat, SupportsIndex, SupportsInt, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Execution = Literal["eager", "graph", "xla"]
_Method = TypeVar("_Method", bound=Callable[..., Any])

compiler: str
version: str

class Kernel:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def range(
        self, start: SupportsIndex, step: SupportsIndex, out: Any, threads: SupportsIndex
    ) -> None: ...
    def array(self, steps: Any, out: Any, threads: SupportsIndex) -> None: ...

class Schedule:
    @property
    def _kernel(self) -> Any: ...
    def _bind(self, kernel: Kernel, /) -> None: ...
    @overload
    def __call__(
        self, steps: float | np.integer[Any] | np.floating[Any], *, execution: _Execution = ...
    ) -> float: ...
    @overload
    def __call__(
        self, steps: ArrayLike, *, execution: _Execution = ...
    ) -> NDArray[np.floating[Any]]: ...

def active_isa() -> str: ...
def cosine_decay(
    dtype: str,
    execution: _Execution,
    initial_learning_rate: SupportsFloat,
    decay_steps: SupportsFloat,
    alpha: SupportsFloat,
    one_minus_alpha: SupportsFloat,
    warmup_target: SupportsFloat | None,
    warmup_steps: SupportsFloat,
) -> Kernel: ...
def cosine_decay_restarts(
    dtype: str,
    execution: _Execution,
    initial_learning_rate: SupportsFloat,
    first_decay_steps: SupportsFloat,
    t_mul: SupportsFloat,
    m_mul: SupportsFloat,
    alpha: SupportsFloat,
) -> Kernel: ...
def exponential_decay(
    dtype: str,
    execution: _Execution,
    initial_learning_rate: SupportsFloat,
    decay_steps: SupportsFloat,
    decay_rate: SupportsFloat,
    staircase: bool,
) -> Kernel: ...
def inverse_time_decay(
    dtype: str,
    execution: _Execution,
    initial_learning_rate: SupportsFloat,
    decay_steps: SupportsFloat,
    decay_rate: SupportsFloat,
    staircase: bool,
) -> Kernel: ...
def isas() -> list[str]: ...
def libm() -> str: ...
def library_power_is_fused() -> bool: ...
def piecewise_constant_decay(
    dtype: str,
    execution: _Execution,
    integer_boundaries: Sequence[SupportsInt],
    boundaries: Sequence[SupportsFloat],
    values: Sequence[SupportsFloat],
) -> Kernel: ...
def polynomial_decay(
    dtype: str,
    execution: _Execution,
    initial_learning_rate: SupportsFloat,
    decay_steps: SupportsFloat,
    end_learning_rate: SupportsFloat,
    power: SupportsFloat,
    cycle: bool,
    steps_per_cycle: SupportsFloat,
) -> Kernel: ...
def prove_cosine(form: str, first: SupportsFloat, last: SupportsFloat) -> dict[str, Any]: ...
def prove_monotone_logarithm(
    of_xla: bool, first: SupportsFloat, last: SupportsFloat
) -> dict[str, Any]: ...
def prove_power_of(
    base: SupportsFloat, first: SupportsFloat, last: SupportsFloat
) -> dict[str, Any]: ...
def prove_power_to(
    exponent: SupportsFloat, first: SupportsFloat, last: SupportsFloat
) -> dict[str, Any]: ...
def set_isa(name: str) -> None: ...
def set_thread_limit(limit: SupportsIndex) -> None: ...
def table_method(method: _Method) -> _Method: ...
def usable_processors() -> int: ...
