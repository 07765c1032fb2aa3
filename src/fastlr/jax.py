"""fastlr for JAX: schedules for functions that JAX traces, and for optax.

Needs JAX 0.6 or later. Import it by name: ``import fastlr`` does not.

>>> import fastlr.jax
>>> rate = fastlr.jax.lookup(fastlr.CosineDecay(0.1, 1000), 1001)
>>> float(rate(500))
0.04999999701976776
"""

from __future__ import annotations

import contextlib
import functools
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from fastlr._errors import cut, received, type_name
from fastlr._table import check_length
from fastlr.schedules.base import LearningRateSchedule, check_execution

try:
    import jax
    import jax.numpy as jnp
except ImportError as error:
    raise ImportError(
        f"fastlr.jax needs JAX 0.6 or later, which cannot be imported ({error}). Install it: "
        "pip install 'jax>=0.6'"
    ) from error

if TYPE_CHECKING:
    from fastlr._parameters import Execution

__all__ = ["Lookup", "lookup"]

_REAL = (np.bool_, np.integer, np.floating)


def lookup(schedule: LearningRateSchedule, steps: int, *, execution: Execution = "eager") -> Lookup:
    """A schedule as a function that JAX can trace, by look-up in a table.

    ::

        table[min(max(step, 0), steps - 1)]

    The rates are those of ``schedule.table(steps)``, bit for bit, on every device. It works under
    ``jit``, ``vmap``, ``scan``, ``grad`` and sharding, and optax takes it as a schedule.

    Parameters
    ----------
    schedule : LearningRateSchedule
        Any schedule of fastlr: compositions, recipes and schedules of your own among them. For the
        rates in an array, use ``fastlr.Table(rates)``.
    steps : int
        Length of the table: how many steps have their own rate. Later steps get the last of them.
    execution : {"eager", "graph", "xla"}
        The Keras execution mode whose bits are wanted.

    Returns
    -------
    Lookup
        A function from a step to its rate.

    Raises
    ------
    TypeError
        If `schedule` is not a schedule, or `steps` is not an integer.
    ValueError
        If `steps` is not above 0 and below 2**31, or the schedule computes in float64 while JAX
        does not (``jax_enable_x64``).
    NotImplementedError
        If the execution mode has no exact formula.
    MemoryError
        If there is less memory than the table needs.

    Notes
    -----
    The table is made once, here, with 4 bytes per step (8 in float64), on JAX's default device. It
    becomes a constant of each program that ``jit`` compiles with it, on each device of the program.

    Examples
    --------
    >>> import jax
    >>> rate = fastlr.jax.lookup(fastlr.recipes.linear_with_warmup(0.1, 1000, 100), 1001)
    >>> float(jax.jit(rate)(50))
    0.05000000074505806

    As the learning rate of an optimizer: ``optax.adamw(learning_rate=rate)``.
    """
    return Lookup(schedule, steps, execution)


@jax.tree_util.register_static
class Lookup:
    """What `lookup` returns: a function of a step, and a value, as its schedule is.

    Equal ones have the same hash, so that they may be static arguments of ``jit``. In a pytree,
    such as a training state, it is part of the structure, without leaves. A pickle holds the
    schedule, and the table is made anew.

    Attributes
    ----------
    schedule : LearningRateSchedule
        What the table was made from.
    steps : int
        Length of the table.
    execution : str
        The execution mode of the table.

    Examples
    --------
    >>> rate = fastlr.jax.lookup(fastlr.CosineDecay(0.1, 1000), 1001)
    >>> rate == fastlr.jax.lookup(fastlr.CosineDecay(0.1, 1000), 1001)
    True
    >>> rate
    lookup(CosineDecay(initial_learning_rate=0.1, decay_steps=1000), 1001)
    """

    schedule: LearningRateSchedule
    steps: int
    execution: Execution

    def __init__(
        self, schedule: LearningRateSchedule, steps: int, execution: Execution = "eager"
    ) -> None:
        if not isinstance(schedule, LearningRateSchedule):
            raise TypeError(
                "Argument `schedule` must be a schedule of fastlr. "
                f"{received('schedule', schedule)}. For the rates in an array, use "
                "fastlr.Table(rates)"
            )
        self.schedule = schedule
        self.steps = check_length(steps)
        self.execution = check_execution(execution)
        _check_dtype(schedule._dtype)
        table = schedule.table(self.steps, execution=self.execution)
        # Inside a function that is traced, too, this makes an array and not a tracer.
        with jax.ensure_compile_time_eval():
            self._table = jnp.asarray(table)

    def __call__(self, step: Any) -> jax.Array:
        """The rate at a step.

        Parameters
        ----------
        step : int, float, numpy.ndarray or jax.Array
            Steps taken before, traced or not, in any shape and any real dtype. Steps below 0 get
            the first rate of the table, steps beyond its end the last. Fractional steps are cut
            towards zero. The rate at a step that is NaN is NaN.

        Returns
        -------
        jax.Array
            In the shape of `step` and the dtype of the schedule.

        Raises
        ------
        TypeError
            If `step` is neither a number nor an array of real numbers.

        Examples
        --------
        >>> rate = fastlr.jax.lookup(fastlr.CosineDecay(0.1, 1000), 1001)
        >>> rate(np.array([-1, 0, 500, 2000]))
        Array([0.1 , 0.1 , 0.05, 0.  ], dtype=float32)
        """
        _check_dtype(self._table.dtype.name)
        return _look_up(self._table, _as_array(step, self.steps - 1))

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Lookup) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        mode = "" if self.execution == "eager" else f", execution={self.execution!r}"
        return f"lookup({self.schedule!r}, {self.steps}{mode})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._key

    @property
    def _key(self) -> tuple[LearningRateSchedule, int, Execution]:
        return self.schedule, self.steps, self.execution


def _check_dtype(dtype: str) -> None:
    """Refuse float64 where JAX would make float32 of it."""
    if jax.dtypes.canonicalize_dtype(dtype) != dtype:
        raise ValueError(
            "Argument `schedule` computes in float64, which JAX cuts to float32. Enable float64 "
            'first: jax.config.update("jax_enable_x64", True); or make the schedule from Python '
            "floats, for rates in float32"
        )


def _as_array(step: Any, last: int) -> jax.Array:
    """A step as an array of JAX's: tracers stay what they are."""
    if not isinstance(step, jax.Array) and hasattr(step, "__jax_array__"):  # Flax's variables
        step = step.__jax_array__()
    if isinstance(step, (int, np.integer)):
        step = np.int32(min(max(operator.index(step), 0), last))
    elif isinstance(step, np.ndarray) and step.dtype.name in ("int64", "uint64"):
        step = np.clip(step, 0, last).astype(np.int32)  # JAX would keep the low 32 bits
    if isinstance(step, (float, np.generic, np.ndarray, jax.Array)):
        # TypeError: a dtype that JAX does not have. Beyond the largest float32 is infinity.
        with contextlib.suppress(TypeError), np.errstate(over="ignore"):
            array = jnp.asarray(step)
            if any(jnp.issubdtype(array.dtype, kind) for kind in _REAL):
                return array
    dtype = f", dtype {cut(step.dtype)}" if isinstance(step, (np.ndarray, jax.Array)) else ""
    raise TypeError(
        "Argument `step` must be a real number, or an array of them of a dtype that JAX has. "
        f"Received: type {type_name(step)}{dtype}"
    )


@functools.partial(jax.jit, inline=True)
def _look_up(table: jax.Array, step: jax.Array) -> jax.Array:
    """The entries of a table at steps of any real dtype. Moving entries keeps their bits."""
    last = len(table) - 1
    real = jnp.issubdtype(step.dtype, jnp.floating)
    if step.dtype.itemsize < 4:  # which may not hold the number of the last entry
        step = step.astype(jnp.float32 if real else jnp.int32)
    # The largest number of this dtype up to `last`, which float32 may not hold.
    limit = np.asarray(last, step.dtype)
    if int(limit) > last:
        limit = np.nextafter(limit, limit.dtype.type(0))
    within = jnp.minimum(jnp.where(step > 0, step, 0), limit).astype(jnp.int32)  # NaN: 0
    entry = jnp.where(step > limit, last, within)[..., None]  # an axis for vmap to split over
    kept = {"mode": "promise_in_bounds", "out_sharding": jax.typeof(entry).sharding}
    rates = table.at[entry].get(**kept)[..., 0]
    return jnp.where(jnp.isnan(step), jnp.nan, rates) if real else rates
