"""What all schedules share, and what a schedule of your own needs."""

from __future__ import annotations

import copyreg
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, SupportsFloat, get_args

import numpy as np

from fastlr import _backend
from fastlr._casts import DType
from fastlr._errors import received, shown, type_name
from fastlr._first_step import endless, first_step
from fastlr._parameters import Execution
from fastlr._table import check_out, check_threads, empty_table, step_range

if TYPE_CHECKING:
    import os

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from typing_extensions import Self

    from fastlr._step_functions import CFunction
    from fastlr.schedules.clip import Clip
    from fastlr.schedules.join import Join
    from fastlr.schedules.scale import Scale
    from fastlr.schedules.shift import Shift

    FloatArray = npt.NDArray[np.floating[Any]]

EXECUTIONS: tuple[Execution, ...] = get_args(Execution)


class Mark(NamedTuple):
    """A step at which a schedule changes its ways, for plots."""

    step: float
    what: str


def restarts(period: float, start: float, stop: float) -> Iterator[Mark]:
    """The ends of periods of one length from about `start` on, if steps can tell them apart."""
    if period < 1:
        return
    count = max(1, int(start // period))
    while count * period < stop:
        yield Mark(count * period, "restart")
        count += 1


def check_execution(execution: object) -> Execution:
    """Refuse what is not an execution mode."""
    for mode in EXECUTIONS:
        if isinstance(execution, str) and execution == mode:
            return mode
    raise ValueError(
        f"Argument `execution` must be one of {', '.join(map(repr, EXECUTIONS))}. "
        f"Received: execution={shown(execution)}"
    )


def checked_rate(schedule: LearningRateSchedule, rate: Any) -> Any:
    """What a schedule of the user's own returned, if it is a real number."""
    if type(rate) is float:
        return rate
    is_complex = getattr(getattr(rate, "dtype", None), "kind", "f") == "c"
    if not hasattr(rate, "__float__") or getattr(rate, "shape", ()) != () or is_complex:
        raise TypeError(
            f"{type_name(schedule)}.__call__ must return a number. {received('rate', rate)}"
        )
    return rate


class LearningRateSchedule(_backend.Schedule):
    """Base class of all schedules, for ``isinstance`` and for schedules of your own.

    A schedule of your own overrides ``__call__(step)`` and, to be serialised, ``get_config()``. Its
    ``table`` and ``plot`` call it step by step.

    Examples
    --------
    >>> class Halving(fastlr.LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.5 ** step
    >>> Halving()(3)
    0.125
    >>> Halving().table(4)
    array([1.   , 0.5  , 0.25 , 0.125], dtype=float32)
    """

    # PyTorch's LambdaLR saves the `__dict__` of whatever it calls.
    __slots__ = ("__dict__", "__weakref__")
    _dtype: DType = "float32"
    #: 1, or for a composition one more than the deepest of its parts.
    _levels: int = 1
    #: Slots that are filled again, not restored, where a schedule is unpickled.
    _made_anew: ClassVar[tuple[str, ...]] = getattr(_backend.Schedule, "__slots__", ())

    # NumPy's numbers leave `number * schedule` to this class.
    __array_ufunc__ = None

    def _evaluate(self, steps: Any = None, execution: Execution = "eager") -> Any:
        """Evaluate what is not a plain number, or not eager: the slow end of ``__call__``."""
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `__call__(self, step)`."
        )

    # ---- Step by step ---------------------------------------------------------------------------

    def table(
        self,
        start: int,
        stop: int | None = None,
        step: int = 1,
        *,
        out: FloatArray | None = None,
        threads: int | None = None,
        execution: Execution = "eager",
    ) -> FloatArray:
        """Rates at the steps of ``range(start, stop, step)``: the fastest way to get many.

        The same bits as ``schedule(np.arange(start, stop, step))``, for any number of threads. A
        schedule of your own is called step by step in this thread, whatever `threads` is, and any
        mode but eager is passed on to it, as ``schedule(step, execution=execution)``.

        Parameters
        ----------
        start, stop, step : int
            As in ``range``; with one argument, the steps 0 to ``start - 1``.
        out : numpy.ndarray, optional
            A writable, C-contiguous array of the schedule's dtype with one element per step. It is
            filled and returned.
        threads : int, optional
            How many threads to use. By default chosen by size from the processors this process may
            use, at most ``FASTLR_NUM_THREADS``.
        execution : {"eager", "graph", "xla"}
            The Keras execution mode whose bits are wanted.

        Returns
        -------
        numpy.ndarray
            Shape ``(len(range(start, stop, step)),)``, float32, or float64 where the schedule's
            rates were given as ``np.float64``.

        Raises
        ------
        ValueError
            If `out` or `threads` is not as described, `step` is 0, or a step is beyond int64.
        TypeError
            If a step argument is not an integer.
        MemoryError
            If there is less memory than the table needs; nothing is written.
        NotImplementedError
            If the execution mode has no exact formula.

        Notes
        -----
        Long tables release the GIL and stop on Ctrl-C.

        Examples
        --------
        >>> fastlr.CosineDecay(0.1, 1000).table(0, 1001, 500)
        array([0.1 , 0.05, 0.  ], dtype=float32)
        """
        check_execution(execution)
        count = step_range(start, stop, step).length
        check_threads(threads)
        memory = None if out is None else check_out(out, (count,), self._dtype)
        steps = range(0, start, step) if stop is None else range(start, stop, step)
        rates = empty_table((count,), self._dtype)
        self._fill(rates, steps, execution)
        if out is None or memory is None:
            return rates
        memory[...] = rates  # only now, since a call may have failed
        return out

    def _sampled(self, steps: npt.NDArray[np.int64], execution: Execution) -> FloatArray:
        """Rates at any steps, for a picture."""
        rates = np.empty(steps.shape, self._dtype)
        self._fill(rates, steps.tolist(), execution)
        return rates

    def _fill(self, rates: FloatArray, steps: Iterable[int], execution: Execution) -> None:
        mode = {} if execution == "eager" else {"execution": execution}
        for index, number in enumerate(steps):
            rates[index] = float(checked_rate(self, self(number, **mode)))

    # ---- Search ---------------------------------------------------------------------------------

    def first_step(
        self,
        *,
        below: float | None = None,
        above: float | None = None,
        start: int = 0,
        stop: int | None = None,
    ) -> int | None:
        """The first step whose rate is below, or above, a value.

        Parameters
        ----------
        below, above : float
            The value, one of the two. It is compared as it is, not rounded to the dtype.
        start, stop : int, optional
            Steps to search, as in ``range``; by default all from 0 on. For a schedule of your own,
            and for most schedules in float64, `stop` must be given.

        Returns
        -------
        int or None
            The first of ``range(start, stop)`` whose rate, as in ``table``, is below or above the
            value. None if there is none.

        Raises
        ------
        ValueError
            If not exactly one of `below` and `above` is given, the value is not finite, a step is
            beyond int64, or `stop` must be given.
        TypeError
            If an argument is not a number.

        Notes
        -----
        The rates are computed and compared; no formula is inverted. Between 2**24 and 2**63 there
        are 330 million float32 numbers, to which all other steps are rounded: only these are
        evaluated, and a search through 10**12 steps takes a fraction of a second. A schedule of
        your own, and one in float64 up to 2**53, is evaluated at every step; `Constant`,
        `PiecewiseConstantDecay` and `Table` where they change.

        Examples
        --------
        >>> schedule = fastlr.CosineDecay(0.1, 1000)
        >>> schedule.first_step(below=0.05)
        500
        >>> schedule.first_step(above=0.1, start=1) is None
        True
        """
        return first_step(self, below, above, start, stop)

    def _changes(self, start: int, stop: int) -> Iterable[range]:
        """Steps of a range, rising, where the rate may change.

        From each of them, or the first or last step, to the next the rate changes at most once.
        """
        return (range(start, stop),)

    def _needs_stop(self) -> str | None:
        """Why nobody can search all steps that there are, if so."""
        return endless(self)

    # ---- Composition ----------------------------------------------------------------------------

    def with_warmup(self, steps: int, start: float = 0.0) -> Join:
        """Put a linear warmup before this schedule.

        Parameters
        ----------
        steps : int
            Steps of the warmup, at least 1. Step `steps` has the rate of this schedule's step 0.
        start : float, default 0.0
            Rate at step 0.

        Returns
        -------
        Join
            ``Join([PolynomialDecay(start, steps, end_learning_rate=schedule(0)), schedule],
            [steps])``

        Raises
        ------
        TypeError, ValueError
            If an argument is not as described.

        Examples
        --------
        >>> fastlr.PolynomialDecay(0.5, 4, end_learning_rate=0.0).with_warmup(2).table(5)
        array([0.   , 0.25 , 0.5  , 0.375, 0.25 ], dtype=float32)
        """
        from fastlr.schedules.join import warmed_up

        return warmed_up(self, steps, start)

    def shifted(self, steps: int) -> Shift:
        """The rates of this schedule so many steps later.

        Parameters
        ----------
        steps : int
            What is added to each step; negative for a delay.

        Returns
        -------
        Shift
            ``Shift(schedule, steps)``

        Examples
        --------
        >>> fastlr.CosineDecay(0.1, 1000).shifted(500)(0)
        0.04999999701976776
        """
        from fastlr.schedules.shift import Shift

        return Shift(self, steps)

    def clipped(self, *, minimum: float | None = None, maximum: float | None = None) -> Clip:
        """The rates of this schedule within bounds.

        Parameters
        ----------
        minimum, maximum : float, optional
            Bounds; None is no bound.

        Returns
        -------
        Clip
            ``Clip(schedule, minimum, maximum)``

        Examples
        --------
        >>> fastlr.CosineDecay(0.5, 1000).clipped(minimum=0.25)(1000)
        0.25
        """
        from fastlr.schedules.clip import Clip

        return Clip(self, minimum, maximum)

    def __mul__(self, factor: SupportsFloat) -> Scale:
        """``Scale(schedule, factor)`` for a real number."""
        if not isinstance(factor, (int, float, np.integer, np.floating)):
            return NotImplemented
        from fastlr.schedules.scale import Scale

        return Scale(self, factor)

    __rmul__ = __mul__

    def _has_kernel(self) -> bool:
        """Whether the backend evaluates it, alone and as a part of others."""
        return False

    # ---- Compiled code of others ----------------------------------------------------------------

    def c_function(
        self, steps: type[int] | type[float] = int, *, execution: Execution = "eager"
    ) -> CFunction:
        """A C function that evaluates this schedule, for ctypes, Cython and SciPy.

        Parameters
        ----------
        steps : {int, float}
            What the function takes: ``double (int64_t step, void *data)`` for ``int``, and
            ``double (double step, void *data)`` for ``float``.
        execution : {"eager", "graph", "xla"}
            The Keras execution mode whose bits are wanted.

        Returns
        -------
        CFunction
            The pair ``(function, data)`` as ``ctypes`` objects. `data` keeps the schedule alive;
            ``address`` and ``data.value`` are integers to cast in other languages.

        Raises
        ------
        TypeError
            If the schedule, or a part of it, is your own class, which only Python can call.
        ValueError
            If an argument is not as described.
        NotImplementedError
            If the execution mode has no exact formula.

        Notes
        -----
        The function returns what ``schedule(step)`` does, as a double. It needs no GIL and may be
        called from any thread.

        Examples
        --------
        >>> function, data = fastlr.CosineDecay(0.1, 1000).c_function()
        >>> function(500, data)
        0.04999999701976776
        """
        from fastlr._step_functions import c_function

        return c_function(self, steps, execution)

    @property
    def _numba_type_(self) -> Any:
        """What it is in functions that Numba compiles."""
        if sys.modules.get("numba") is None:  # not Numba asks, but who looks at all attributes
            raise AttributeError("_numba_type_")
        from fastlr._step_functions import refuse_python
        from fastlr_numba import TYPES

        refuse_python(self, "A function compiled by Numba")
        return TYPES[self._dtype]

    # ---- Being looked at ------------------------------------------------------------------------

    def _extent(self) -> float:
        """Steps after which nothing new is to be seen; may be infinite."""
        raise ValueError(
            f"Argument `stop` must be given: nobody knows where {type_name(self)} ends. "
            "Received: stop=None"
        )

    def _marks(self, start: float, stop: float) -> Iterable[Mark]:
        """Where phases and periods end, in rising order; outside, they need not be there."""
        return ()

    def plot(
        self,
        ax: Axes | None = None,
        *,
        start: int = 0,
        stop: int | None = None,
        execution: Execution = "eager",
        steps_per_epoch: float | None = None,
        log_scale: bool = False,
        label: str | None = None,
    ) -> Axes:
        """Draw the rates over the steps, with the ends of phases and the restarts marked.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw. By default the current axes of ``matplotlib.pyplot``, so that several
            schedules come to one figure.
        start, stop : int, optional
            Steps to draw, by default all in which something happens. For a schedule of your own,
            `stop` must be given.
        execution : {"eager", "graph", "xla"}
            The Keras execution mode whose rates are drawn.
        steps_per_epoch : float, optional
            Draw over epochs of this many steps instead of over steps.
        log_scale : bool, default False
            Whether rates are on a logarithmic axis, which leaves out those not above 0.
        label : str, optional
            Name for the legend, which is drawn, too. Without it, ``ax.legend()`` shows the ``repr``
            of the schedule, cut if it is long.

        Returns
        -------
        matplotlib.axes.Axes
            The axes that were drawn on.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If `stop` is not above `start`, or `steps_per_epoch` is not above 0.

        Examples
        --------
        >>> from matplotlib.figure import Figure
        >>> ax = fastlr.CosineDecay(0.1, 1000).plot(Figure().subplots())
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('step', 'learning rate')
        """
        from fastlr._plotting.figure import draw

        return draw(self, ax, start, stop, execution, steps_per_epoch, log_scale, label)

    # ---- Being written --------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments by name; to be overridden.

        Returns
        -------
        dict
            What ``from_config`` makes an equal schedule from.

        Raises
        ------
        NotImplementedError
            Where a schedule of your own does not override it.
        """
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `get_config()` in "
            "order to be serializable."
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the JSON of this schedule, which ``fastlr.load``, C and C++ read.

        The file is there whole or not at all: it gets its name when it is complete and on the disk,
        and an older file stays as it was until then.

        Parameters
        ----------
        path : str or os.PathLike
            Name of the file. `load` and the command line know what is in it by looking, whatever
            its ending.

        Raises
        ------
        ValueError
            If `path` names what is no plain file, or the JSON would have more than 16 MiB or be
            beyond the other limits of ``fastlr.deserialize``.
        OSError
            If the file cannot be written.
        NotImplementedError
            Where a schedule of your own does not override ``get_config``.

        Notes
        -----
        The JSON is that of ``fastlr.serialize(schedule)``. It does not say that a rate is an
        ``np.float64``: what is read computes in float32.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> schedule = fastlr.CosineDecay(0.1, 1000)
        >>> with TemporaryDirectory() as folder:
        ...     schedule.save(f"{folder}/schedule.json")
        ...     fastlr.load(f"{folder}/schedule.json") == schedule
        True
        """
        from fastlr._files import save

        save(self, path)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make a schedule from what ``get_config`` returned.

        Parameters
        ----------
        config : dict
            Constructor arguments by name.

        Returns
        -------
        LearningRateSchedule
            An instance of this class.

        Examples
        --------
        >>> schedule = fastlr.CosineDecay(0.1, 1000)
        >>> fastlr.CosineDecay.from_config(schedule.get_config()) == schedule
        True
        """
        if not isinstance(config, Mapping):
            raise TypeError(f"Argument `config` must be a dict. {received('config', config)}")
        return cls(**config)

    def __getstate__(self) -> Any:
        # The attributes of a subclass, which may override this.
        slots = {
            name: getattr(self, name)
            for name in copyreg._slotnames(type(self))  # type: ignore[attr-defined]
            if name not in self._made_anew and hasattr(self, name)
        }
        attributes = getattr(self, "__dict__", None) or None
        return (attributes, slots) if slots else attributes
