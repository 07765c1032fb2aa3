"""Schedules that a kernel evaluates: how they are made and called, and how they are values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

from fastlr import _backend, _steps
from fastlr._casts import DType
from fastlr._errors import warn_caller
from fastlr._first_step import endless, floats
from fastlr._parameters import (
    Curve,
    Execution,
    Flag,
    Integer,
    Name,
    OptionalReal,
    Parameter,
    Rate,
    Rates,
    Real,
    Reals,
    RisingIntegers,
    StepCount,
    copied,
    dataclass_transform,
    make_constructor,
)
from fastlr._table import check_out, check_threads, empty_table, step_range
from fastlr.schedules.base import LearningRateSchedule, check_execution
from fastlr.schedules.docstring import with_shared_sections
from fastlr.schedules.parts import Part, Parts

if TYPE_CHECKING:
    import numpy.typing as npt
    from typing_extensions import Self

    from fastlr.schedules.base import FloatArray

Method = TypeVar("Method", bound=Callable[..., Any])

#: What a schedule is called with by code that gives it no steps.
_NO_STEPS = object()

#: The schedules of this package by class name.
SCHEDULES: dict[str, type[KernelSchedule]] = {}


def _table_method(function: Method) -> Method:
    """Put the backend's own function before this one; the documentation is the overridden one's."""
    function.__doc__ = LearningRateSchedule.table.__doc__
    return _backend.implementation.table_method(function)


@dataclass_transform(
    eq_default=False,
    frozen_default=True,
    field_specifiers=(
        Curve, Flag, Integer, Name, OptionalReal, Part, Parts, Rate, Rates, Real, Reals,
        RisingIntegers, StepCount,
    ),
)  # fmt: skip
class KernelSchedule(LearningRateSchedule):
    """A schedule that a kernel of the backend evaluates: an immutable value.

    A subclass declared with ``builtin=True`` is one of this package's schedules: its parameters
    make its constructor, and the backends make its kernels by its name. Subclasses of it may have
    another constructor, which calls this one; type checkers take what they annotate in the class
    for parameters, unless it is a ``ClassVar``.
    """

    __slots__ = ("_config", "_dtype")
    _config: dict[str, Any]  # constructor arguments as they were given
    _dtype: DType
    _builtin: ClassVar[type[KernelSchedule]]
    _parameters: ClassVar[tuple[Parameter[Any, Any], ...]]
    _made_anew = (*LearningRateSchedule._made_anew, *__slots__)
    _dtype_argument: ClassVar[str]  # name of the argument whose dtype the schedule has
    #: Whether Keras has a class of this name.
    _in_keras: ClassVar[bool] = True

    def __init_subclass__(cls, *, builtin: bool = False, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if builtin:
            cls._set_up_class()
        if cls.__call__ is not _backend.Schedule.__call__:
            # The kernel does not know what the override returns.
            for name in ("table", "_sampled", "_marks", "_changes", "_needs_stop"):
                if getattr(cls, name) is getattr(cls._builtin, name):
                    setattr(cls, name, getattr(LearningRateSchedule, name))

    @classmethod
    def _set_up_class(cls) -> None:
        cls._builtin = cls
        found = {k: value for k, value in vars(cls).items() if isinstance(value, Parameter)}
        for name, parameter in found.items():
            parameter.name = name
            if parameter.float64_where is not None:
                cls._dtype_argument = name
        cls._parameters = tuple(found.values())
        constructor = make_constructor(
            cls._parameters, {"LearningRateSchedule": LearningRateSchedule}
        )
        constructor.__qualname__ = f"{cls.__qualname__}.__init__"
        cls.__init__ = constructor  # type: ignore[method-assign]
        cls.__module__ = "fastlr"
        if cls.__doc__:  # not under python -OO
            cls.__doc__ = with_shared_sections(cls.__doc__, cls._decisive())
        SCHEDULES[cls.__name__] = cls

    def _set_up(self, config: dict[str, Any]) -> None:
        """Take the arguments of the constructor, which are then the schedule's own."""
        dtype: DType = "float32"
        if not self._bind_plain(self._builtin.__name__, config):
            config = {p.name: p.checked(config[p.name]) for p in self._parameters}
            self._check(config)
            dtype = self._decisive().dtype(config[self._dtype_argument])
            self._bind_cast(dtype, self._cast(config, dtype))
        _set_config(self, config)
        _set_dtype(self, dtype)
        without_effect = self._without_effect()
        if without_effect is not None:
            warn_caller(without_effect)

    @classmethod
    def _cast(cls, config: dict[str, Any], dtype: DType) -> dict[str, Any]:
        """What a kernel is made from: the arguments in the precision of the schedule."""
        parameters = (p for p in cls._parameters if not isinstance(p, Name))
        arguments = {p.name: p.cast(config[p.name], dtype) for p in parameters}
        return arguments | cls._derived(config, arguments, dtype)

    @property
    def _arguments(self) -> dict[str, Any]:
        return self._cast(self._config, self._dtype)

    @classmethod
    def _decisive(cls) -> Parameter[Any, Any]:
        """The parameter whose dtype the schedule has."""
        parameter: Parameter[Any, Any] = vars(cls._builtin)[cls._dtype_argument]
        return parameter

    @classmethod
    def _check(cls, config: dict[str, Any]) -> None:
        """Refuse arguments that do not go together."""

    @classmethod
    def _derived(
        cls, config: dict[str, Any], arguments: dict[str, Any], dtype: DType
    ) -> dict[str, Any]:
        """What else the kernel is made from."""
        return {}

    def _bind_cast(self, dtype: DType, arguments: dict[str, Any]) -> None:
        """Hand arguments that have been checked and cast to the backend."""
        self._bind(self._builtin.__name__, dtype, arguments)

    def _has_kernel(self) -> bool:
        """Whether its kernel, where it has one, returns what a call does."""
        return type(self).__call__ is _backend.Schedule.__call__

    def _has_condition(self) -> bool:
        """Whether Keras computes the rate in a condition, which JAX compiles as a whole."""
        return False

    def _config_with_rates(self, convert: Callable[[Any], Any]) -> dict[str, Any]:
        """The config, with the rates that decide the precision converted."""
        converted = self._decisive().converted(self._config[self._dtype_argument], convert)
        return {**self.get_config(), self._dtype_argument: converted}

    def _without_effect(self) -> str | None:
        """What to say about an argument that changes nothing, if there is one."""
        return None

    def _kernel_for(self, execution: Execution) -> Any:
        execution = check_execution(execution)
        if self._dtype == "float64" and execution != "eager":
            decisive = self._decisive()
            raise NotImplementedError(
                f"execution={execution!r} has no exact formula in float64, in which this "
                f"schedule computes because `{decisive.name}` {decisive.float64_where}"
            )
        return self._kernel(execution)

    def _step_functions(self, execution: Execution = "eager") -> int:
        """The address of its StepFunctions, which are valid while it lives."""
        address: int = self._kernel_for(execution).step_functions()
        return address

    # ---- Evaluation -----------------------------------------------------------------------------

    def _evaluate(self, steps: Any = _NO_STEPS, execution: Execution = "eager") -> Any:
        if steps is _NO_STEPS:
            name = self._builtin.__name__
            instead = name if self._in_keras else "TableSchedule"
            raise TypeError(
                "A schedule is called with steps. Received: no steps. Keras optimizers need a "
                f"schedule from `fastlr.keras`; this is `fastlr.{name}`. "
                f"Use `fastlr.keras.{instead}(...)`."
            )
        if isinstance(steps, range) and _steps.fits_int64(steps):
            # Not a subclass's own `table`, which may be made of calls like this one.
            start, stop, step = steps.start, steps.stop, steps.step
            return KernelSchedule.table(self, start, stop, step, execution=execution)
        kernel = self._kernel_for(execution)
        array = _steps.as_array(steps, self._dtype)
        out = np.empty(array.shape, self._dtype)
        rates = out.reshape(-1)
        if array.dtype == object:  # numbers of several types
            for index, item in enumerate(array.ravel()):
                kernel.array(_steps.alone(item, self._dtype), rates[index : index + 1], 0)
        else:
            kernel.array(array.reshape(-1), rates, 0)
        return out.item() if out.ndim == 0 else out

    @_table_method
    def table(  # noqa: D102
        self,
        start: int,
        stop: int | None = None,
        step: int = 1,
        *,
        out: FloatArray | None = None,
        threads: int | None = None,
        execution: Execution = "eager",
    ) -> FloatArray:
        kernel = self._kernel_for(execution)
        steps = step_range(start, stop, step)
        thread_count = check_threads(threads)
        if out is None:
            memory = out = empty_table((steps.length,), self._dtype)
        else:
            memory = check_out(out, (steps.length,), self._dtype)
        kernel.range(steps.start, steps.stride, memory, thread_count)
        return out

    # ---- Search ---------------------------------------------------------------------------------

    def _changes(self, start: int, stop: int) -> Iterable[range]:
        return floats(start, stop, self._dtype)

    def _needs_stop(self) -> str | None:
        return endless(self) if self._dtype == "float64" else None

    # ---- Being looked at ------------------------------------------------------------------------

    def _sampled(self, steps: npt.NDArray[np.int64], execution: Execution) -> FloatArray:
        """Rates at any steps, for a picture."""
        rates: FloatArray = self._evaluate(steps, execution)
        return rates

    def _repr_html_(self) -> str | None:
        """The schedule and a small curve of it, in a notebook."""
        try:
            from fastlr._plotting.notebook import html

            return html(self)
        except Exception:  # a notebook falls back on repr, which is better than a traceback
            return None

    # ---- Being a value --------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments by name, as they were given.

        Returns
        -------
        dict
            A new dict; changing it does not change the schedule.

        Examples
        --------
        >>> fastlr.CosineDecay(0.1, 1000).get_config()["decay_steps"]
        1000
        """
        return {name: copied(value) for name, value in self._config.items()}

    def replace(self, **changes: Any) -> Self:
        """Make a schedule of the same class with some arguments changed.

        Parameters
        ----------
        **changes
            Constructor arguments by name.

        Returns
        -------
        KernelSchedule
            A new schedule; this one does not change.

        Raises
        ------
        TypeError, ValueError
            As from the constructor.

        Examples
        --------
        >>> fastlr.CosineDecay(0.1, 1000).replace(decay_steps=500)
        CosineDecay(initial_learning_rate=0.1, decay_steps=500)
        """
        return self.from_config({**self.get_config(), **changes})

    def _is_fixed(self, name: str) -> bool:
        """Whether the schedule is made of it, and it is not an attribute that a subclass adds."""
        found = getattr(type(self), name, None)
        return name in KernelSchedule.__slots__ or isinstance(found, Parameter)

    def __setattr__(self, name: str, value: object) -> None:
        if self._is_fixed(name):
            raise AttributeError(
                f"a schedule is immutable: {type(self).__name__}.{name} cannot be set. "
                f"Make another one: schedule.replace({name}=...)"
            )
        if type(self) is self._builtin and not hasattr(getattr(type(self), name, None), "__set__"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if self._is_fixed(name):
            raise AttributeError(
                f"a schedule is immutable: {type(self).__name__}.{name} cannot be deleted"
            )
        super().__delattr__(name)

    if not TYPE_CHECKING:  # type checkers would take any name for an attribute

        def __getattr__(self, name: str) -> Any:
            if self._is_fixed(name):
                raise AttributeError(f"{type(self).__name__}.__init__() has not been called")
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        # Equal arguments may compute differently: in float64 a Python float carries 24 bits and an
        # np.float64 all of its own. What they became tells them apart.
        return self is other or (
            self._given() == other._given() and self._became() == other._became()
        )

    def __hash__(self) -> int:
        return hash((type(self), *self._given()))

    def _given(self) -> tuple[Any, ...]:
        """The arguments in their order, and the precision."""
        return (*map(_hashable, self._config.values()), self._dtype)

    def _became(self) -> dict[str, Any]:
        """What kernels take of the arguments, unless it is what was given."""
        kept = {p.name for p in self._parameters if type(p).cast is Parameter.cast}
        return {name: value for name, value in self._arguments.items() if name not in kept}

    def __repr__(self) -> str:
        return self._described()

    def _described(self, most: int | None = None) -> str:
        """The ``repr`` with at most that many items of a sequence, for what cuts it anyway."""
        return constructor_call(type(self).__name__, self._parameters, self._config, most)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self._config), self.__getstate__()


# The attributes of a value that refuses every other assignment.
_set_config = KernelSchedule.__dict__["_config"].__set__
_set_dtype = KernelSchedule.__dict__["_dtype"].__set__


def _restore(cls: type[KernelSchedule], config: dict[str, Any]) -> KernelSchedule:
    """Unpickle: set up by the built-in class, since a subclass may take other arguments."""
    schedule = cls.__new__(cls)
    cls._builtin.__init__(schedule, **config)
    return schedule


def constructor_call(
    name: str,
    parameters: Sequence[Parameter[Any, Any]],
    config: Mapping[str, Any],
    most: int | None = None,
) -> str:
    """A call of a class with the arguments that are not its defaults."""
    given = ((p, config[p.name]) for p in parameters)
    arguments = ", ".join(
        f"{p.name}={p.described(value, most)}"
        for p, value in given
        if not _is_same(value, p.default)
    )
    return f"{name}({arguments})"


def _is_same(value: Any, default: Any) -> bool:
    """Whether this is the default: not 1 for 1.0, nor an np.float64, which computes otherwise."""
    return value is default or (type(value) is type(default) and bool(value == default))


def _hashable(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return value.tobytes() if isinstance(value, np.ndarray) else value
