"""Constructor arguments, each described once: its kind, its default, its check and its cast."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Literal,
    SupportsFloat,
    SupportsIndex,
    TypeVar,
    overload,
)

import numpy as np

from fastlr import _casts
from fastlr._casts import DType
from fastlr._errors import cut, received, shown

if TYPE_CHECKING:
    import numpy.typing as npt

Execution = Literal["eager", "graph", "xla"]
T = TypeVar("T")
Accepted = TypeVar("Accepted")

#: The default of a parameter that has none.
REQUIRED: Any = object()

#: Integers up to here have their own value in float64.
_EXACT = 2**53
#: Values of a `Curve` that its `repr` writes.
_MOST_SHOWN = 1000


class Parameter(Generic[T, Accepted]):
    """A constructor argument as an attribute: readable, not writable, as it was given.

    Parameters
    ----------
    default : optional
        Without one, the argument must be given.
    """

    #: Given by the class. Not by ``__set_name__``: before Python 3.12 Ctrl-C within it comes out as
    #: a RuntimeError.
    name: str
    #: How signatures show its type.
    annotation = "SupportsFloat"
    #: What the constructor makes of it at once: an expression with its name.
    taken = "{}"
    #: When a schedule computes in float64 because of it, in words; None if it never does.
    float64_where: str | None = None

    def __init__(self, *, default: Accepted = REQUIRED) -> None:
        self.default = default

    def checked(self, value: Any) -> Any:
        """What the config keeps; an error that names the argument where it cannot be used."""
        raise NotImplementedError

    def cast(self, value: Any, dtype: DType) -> Any:
        """What the kernel computes with; an error where the dtype has no room for it."""
        return value

    def dtype(self, value: Any) -> DType:
        """Precision of a schedule with this value, where the parameter decides it."""
        return dtype_of(self.name, value)

    def converted(self, value: Any, convert: Callable[[Any], Any]) -> Any:
        """The value with its rates converted, where the parameter decides the precision."""
        return convert(value)

    def described(self, value: Any, most: int | None = None) -> str:
        """How ``repr`` writes the value; of a sequence, at most that many items."""
        return repr(value[:most] if isinstance(value, (list, tuple)) else value)

    @overload
    def __get__(self, instance: None, owner: type) -> Parameter[T, Accepted]: ...
    @overload
    def __get__(self, instance: Any, owner: type) -> T: ...
    def __get__(self, instance: Any, owner: type) -> Parameter[T, Accepted] | T:
        if instance is None:
            return self
        value: T = copied(instance._config[self.name])
        return value

    if TYPE_CHECKING:  # what a constructor takes; a schedule refuses to be changed

        def __set__(self, instance: Any, value: Accepted) -> None: ...


class Real(Parameter[float, SupportsFloat]):
    """A finite real number.

    Parameters
    ----------
    default : float, optional
        Without one, the argument must be given.
    cast : callable, default :func:`fastlr._casts.cast`
        How Keras brings it to the dtype of the schedule.
    """

    def __init__(
        self,
        *,
        default: SupportsFloat = REQUIRED,
        cast: Callable[[str, Any, DType], float] = _casts.cast,
    ) -> None:
        super().__init__(default=default)
        self._cast = cast

    def checked(self, value: Any) -> Any:
        """The number; that of an array or tensor without dimensions as NumPy's."""
        return checked_number(self.name, value)

    def cast(self, value: Any, dtype: DType) -> float:
        """The number as Keras casts it."""
        return self._cast(self.name, value, dtype)


class Rate(Real):
    """The rate that a schedule starts from, whose dtype it has."""

    float64_where = "is given as ``np.float64``"

    def __init__(self) -> None:
        super().__init__(cast=_casts.to_dtype)


class OptionalReal(Parameter["float | None", "SupportsFloat | None"]):
    """A finite real number, or None."""

    annotation = "SupportsFloat | None"

    def checked(self, value: Any) -> Any:
        """The number, or None."""
        return None if value is None else checked_number(self.name, value)

    def cast(self, value: Any, dtype: DType) -> float | None:
        """The number as Keras casts it, or None."""
        return None if value is None else _casts.cast(self.name, value, dtype)


class StepCount(Parameter[float, SupportsFloat]):
    """A number of steps above zero."""

    def checked(self, value: Any) -> Any:
        """The number; Keras's words where it is not above zero."""
        value = checked_number(self.name, value)
        check_above_zero(self.name, value)
        return value

    def cast(self, value: Any, dtype: DType) -> float:
        """The number as Keras casts it, which is above zero, too."""
        return _casts.cast_positive(self.name, value, dtype)


class Integer(Parameter[int, SupportsIndex]):
    """An integer that every float64 holds."""

    annotation = "SupportsIndex"

    def checked(self, value: Any) -> int:
        """The integer as Python's."""
        return checked_integer(self.name, value)


class Flag(Parameter[bool, bool]):
    """True or False."""

    annotation = "bool"

    def checked(self, value: Any) -> Any:
        """The flag."""
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError(
                f"Argument `{self.name}` must be True or False. {received(self.name, value)}"
            )
        return value

    def cast(self, value: Any, dtype: DType) -> bool:
        """The flag as Python's."""
        return bool(value)


class Name(Parameter["str | None", "str | None"]):
    """The name that Keras gives a schedule's operations, which no kernel needs."""

    annotation = "str | None"

    def checked(self, value: Any) -> Any:
        """The name, where Keras takes it; None is the default of tf_keras."""
        if value is not None and not isinstance(value, str):
            raise TypeError(
                f"Argument `{self.name}` must be a string. {received(self.name, value)}"
            )
        if value is not None and "/" in value:
            raise ValueError(
                f"Argument `{self.name}` cannot contain the character `/`. "
                f"Received: {self.name}={shown(value)}"
            )
        return value


class Reals(Parameter[Sequence[float], Sequence[SupportsFloat]]):
    """A sequence of finite real numbers.

    Parameters
    ----------
    cast : callable, default :func:`fastlr._casts.cast`
        How Keras brings each to the dtype of the schedule.
    """

    annotation = "Sequence[SupportsFloat]"
    taken = "copied({})"

    def __init__(self, *, cast: Callable[[str, Any, DType], float] = _casts.cast) -> None:
        super().__init__()
        self._cast = cast

    def checked(self, value: Any) -> Any:
        """The numbers as a tuple where they were given as one, else as a list."""
        numbers = [checked_number(self.name, each) for each in _sequence(self.name, value)]
        return tuple(numbers) if isinstance(value, tuple) else numbers

    def cast(self, value: Any, dtype: DType) -> list[float]:
        """The numbers as Keras casts them."""
        return [self._cast(self.name, number, dtype) for number in value]

    def converted(self, value: Any, convert: Callable[[Any], Any]) -> Any:
        """The numbers converted."""
        return [*map(convert, value)]


class Rates(Reals):
    """Several rates; a schedule has the dtype of the first."""

    float64_where = "is given as ``np.float64``"

    def __init__(self) -> None:
        super().__init__(cast=_casts.to_dtype)


class RisingIntegers(Parameter["list[int]", "Sequence[SupportsIndex]"]):
    """A sequence of integers, each above the one before it."""

    annotation = "Sequence[SupportsIndex]"

    def checked(self, value: Any) -> list[int]:
        """The integers as a list of Python's."""
        integers = [checked_integer(self.name, each) for each in _sequence(self.name, value)]
        if any(map(operator.ge, integers, integers[1:])):
            raise ValueError(
                f"Argument `{self.name}` must rise. Received: {self.name}={shown(value)}"
            )
        return integers


class Curve(
    Parameter["npt.NDArray[np.floating[Any]]", "Sequence[SupportsFloat] | npt.NDArray[Any]"]
):
    """The rates of steps 0, 1, ...: a read-only array of the precision that they decide."""

    annotation = "Sequence[SupportsFloat] | np.ndarray"
    float64_where = "is a float64 array or begins with an ``np.float64``"

    def checked(self, value: Any) -> npt.NDArray[np.floating[Any]]:
        """A copy of the numbers, which are finite in their precision."""
        numbers = _sequence(self.name, value)
        if len(numbers) == 0:
            raise ValueError(
                f"Argument `{self.name}` must have at least one element. "
                f"{received(self.name, value)}"
            )
        if isinstance(numbers, np.ndarray) and numbers.dtype.kind == "f":
            dtype = dtype_of(self.name, numbers[0])
            rates = numbers.astype(dtype)
        elif set(map(type, numbers)) == {float}:
            numbers = np.array(numbers)
            with np.errstate(over="ignore"):  # found below
                rates = numbers.astype(np.float32)
        else:
            numbers = [checked_number(self.name, number) for number in numbers]
            dtype = dtype_of(self.name, numbers)
            rates = np.array([_casts.to_dtype(self.name, each, dtype) for each in numbers], dtype)
        for index in np.flatnonzero(~np.isfinite(rates)):
            checked_number(self.name, numbers[index])
            _casts.to_dtype(self.name, numbers[index], "float32")
        # On bytes, nobody can make the array writable again.
        return np.frombuffer(rates.tobytes(), rates.dtype)

    def dtype(self, value: Any) -> DType:
        """That of the array."""
        return "float64" if value.dtype == np.float64 else "float32"

    def described(self, value: Any, most: int | None = None) -> str:
        """A list, or an array of float64; of a long one, the beginning."""
        excerpt = value[: _MOST_SHOWN if most is None else min(most, _MOST_SHOWN)]
        numbers = ", ".join(map(str, excerpt)) + (", ..." if excerpt.size < value.size else "")
        return f"np.array([{numbers}])" if value.dtype == np.float64 else f"[{numbers}]"


def make_constructor(
    parameters: Sequence[Parameter[Any, Any]], annotated: dict[str, Any]
) -> Callable[..., None]:
    """An ``__init__`` with these parameters, as dataclasses make theirs: by writing it.

    Python itself then matches arguments with them, and tells which one is missing or unknown.
    `annotated` are the types that annotations name, by name, beside those of this module.
    """
    defaults = {p.name: p.default for p in parameters if p.default is not REQUIRED}
    names = [
        p.name if p.name not in defaults else f"{p.name}=defaults['{p.name}']" for p in parameters
    ]
    config = [f"'{p.name}': {p.taken.format(p.name)}" for p in parameters]
    source = f"def __init__(self, {', '.join(names)}): self._set_up({{{', '.join(config)}}})"
    namespace = {**globals(), **annotated, "defaults": defaults}
    exec(source, namespace)
    constructor: Callable[..., None] = namespace["__init__"]
    constructor.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": "None"}
    return constructor


def copied(value: Any) -> Any:
    """A list as a copy, so that changing it does not change the schedule it came from."""
    return list(value) if isinstance(value, list) else value


def checked_number(name: str, value: Any) -> Any:
    """One finite real number; that of an array or tensor without dimensions as NumPy's."""
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return value
    if (
        not isinstance(value, np.generic)
        and getattr(value, "shape", None) == ()
        and hasattr(value, "__array__")
    ):
        value = _from_array(name, value)[()]
    is_number = isinstance(value, (int, float, np.integer, np.floating, np.bool_))
    if not is_number or isinstance(value, np.timedelta64):  # which NumPy counts as an integer
        raise TypeError(f"Argument `{name}` must be a real number. {received(name, value)}")
    # An int is finite, however large.
    if not isinstance(value, int) and not np.isfinite(value):
        raise ValueError(f"Argument `{name}` must be finite. {received(name, value)}")
    return value


def checked_integer(name: str, value: Any) -> int:
    """One integer that every float64 holds, as Python's."""
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        integer = operator.index(value)
    except TypeError:
        raise TypeError(f"Argument `{name}` must be an integer. {received(name, value)}") from None
    if abs(integer) > _EXACT:
        raise ValueError(
            f"Argument `{name}` must be within -2**53 and 2**53. Received: {name}={shown(value)}"
        )
    return integer


def _sequence(name: str, value: Any) -> Any:
    """A sequence of one dimension; that of an array or tensor as NumPy's."""
    values = _from_array(name, value) if hasattr(value, "__array__") else value
    if isinstance(values, (str, bytes)) or not isinstance(values, (Sequence, np.ndarray)):
        raise TypeError(f"Argument `{name}` must be a sequence of numbers. {received(name, value)}")
    if getattr(values, "ndim", 1) != 1:
        raise TypeError(
            f"Argument `{name}` must have one dimension. Received: {name}={shown(value)}"
        )
    return values


def _from_array(name: str, value: Any) -> Any:
    """The NumPy array that an array or tensor says it is."""
    try:
        return np.asarray(value)
    except Exception as error:  # a tensor of a type, or at a place, that NumPy does not know
        raise TypeError(
            f"Argument `{name}` cannot be read as numbers: {cut(error)} {received(name, value)}"
        ) from error


def check_above_zero(name: str, value: Any) -> None:
    """Refuse what is not above zero, in Keras's words."""
    if value <= 0:
        raise ValueError(f"Argument `{name}` must be > 0. Received: {name}={shown(value)}")


def dtype_of(name: str, value: Any) -> DType:
    """Precision of a schedule, which follows its initial, or its first, rate as in Keras."""
    rate = value[0] if isinstance(value, (list, tuple)) else value
    if type(rate) is float:
        return "float32"
    if isinstance(rate, (bool, np.bool_)):
        raise TypeError(f"Argument `{name}` must be a real number. {received(name, rate)}")
    if isinstance(rate, np.float64):
        return "float64"
    if isinstance(rate, np.generic) and not isinstance(rate, np.float32):
        raise TypeError(
            f"Argument `{name}` must be a Python number, np.float32 or np.float64. "
            f"{received(name, rate)}"
        )
    return "float32"


if TYPE_CHECKING:
    from typing_extensions import dataclass_transform as dataclass_transform
else:

    def dataclass_transform(**_):
        """Nothing at run time; type checkers read the signature of a class from its parameters."""
        return lambda cls: cls
