"""The first step whose rate is below or above a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from fastlr._casts import DType
from fastlr._errors import received, shown, type_name
from fastlr._parameters import checked_number
from fastlr._steps import INT64_MAX
from fastlr._table import step_range

if TYPE_CHECKING:
    import numpy.typing as npt

    from fastlr.schedules.base import FloatArray, LearningRateSchedule

    Crosses = Callable[[FloatArray], npt.NDArray[np.bool_]]

#: Steps that are evaluated at once: few at first, as the step may be near; then enough for threads.
FIRST_BLOCK, LARGEST_BLOCK = 1 << 10, 1 << 20

_DIGITS: dict[DType, int] = {"float32": 24, "float64": 53}


def first_step(
    schedule: LearningRateSchedule, below: Any, above: Any, start: Any, stop: Any
) -> int | None:
    """Do the work of ``LearningRateSchedule.first_step``."""
    crosses = _condition(schedule._dtype, below, above)
    if stop is None:
        reason = schedule._needs_stop()
        if reason is not None:
            raise ValueError(f"Argument `stop` must be given: {reason}. Received: stop=None")
        stop = INT64_MAX + 1
    steps = step_range(start, stop, 1)
    if steps.length == 0:
        return None
    before = None
    end = steps.start + steps.length
    for block in _blocks(with_ends(steps.start, end, schedule._changes(steps.start, end))):
        found = crosses(schedule.table(block.start, block.stop, block.step))
        index = int(found.argmax())
        if found[index]:
            before = block[index - 1] if index else before
            return _between(schedule, crosses, before, block[index])
        before = block[-1]
    return None


def with_ends(start: int, stop: int, changes: Iterable[range]) -> Iterator[range]:
    """The same with the first and the last step of a range."""
    yield range(start, start + 1)
    yield from changes
    yield range(stop - 1, stop)


def shifted_ranges(changes: Iterable[range], by: int) -> Iterator[range]:
    """The same so many steps later."""
    return (range(each.start + by, each.stop + by, each.step) for each in changes)


def floats(start: int, stop: int, dtype: DType) -> Iterator[range]:
    """The steps of a range that are numbers of a dtype; each other one is rounded to one of them.

    >>> list(floats(2**24 - 2, 2**24 + 9, "float32"))
    [range(16777214, 16777216), range(16777216, 16777225, 2)]
    """
    digits = _DIGITS[dtype]
    while start < stop:
        # Of the numbers from here to the next power of two, whose distance is the same.
        bits = (start if start >= 0 else -start - 1).bit_length()
        if bits <= digits:
            end, distance = 2**digits, 1
        else:
            end, distance = 2**bits if start > 0 else -(2 ** (bits - 1)), 2 ** (bits - digits)
        end = min(end, stop)
        yield range(-(-start // distance) * distance, end, distance)
        start = end


def _condition(dtype: DType, below: Any, above: Any) -> Crosses:
    """Whether rates are below, or above, a value of any precision."""
    if (below is None) == (above is None):
        raise ValueError(
            "Exactly one of the arguments `below` and `above` must be given. "
            f"Received: below={shown(below)}, above={shown(above)}"
        )
    name, given = ("above", above) if below is None else ("below", below)
    value = checked_number(name, given)
    try:
        number = np.float64(value)
    except OverflowError:
        raise ValueError(f"Argument `{name}` must fit float64. {received(name, given)}") from None
    # A rate is below a value if it is below the next number of its dtype that is not.
    with np.errstate(all="ignore"):
        limit = number.astype(dtype)
        if below is not None and float(limit) < value:
            limit = np.nextafter(limit, limit.dtype.type(np.inf))
        elif above is not None and float(limit) > value:
            limit = np.nextafter(limit, limit.dtype.type(-np.inf))
    return (lambda rates: rates > limit) if below is None else (lambda rates: rates < limit)


def _blocks(changes: Iterable[range]) -> Iterator[range]:
    size = FIRST_BLOCK
    for steps in changes:
        first = steps.start
        while first < steps.stop:
            block = range(first, min(first + size * steps.step, steps.stop), steps.step)
            yield block
            first += len(block) * steps.step
            size = min(2 * size, LARGEST_BLOCK)


def _between(
    schedule: LearningRateSchedule, crosses: Crosses, before: int | None, after: int
) -> int:
    """The first step that crosses, of those up to one that does and after one that does not."""
    while before is not None and after - before > 1:
        middle = (before + after) // 2
        if crosses(schedule.table(middle, middle + 1))[0]:
            after = middle
        else:
            before = middle
    return after


def endless(schedule: LearningRateSchedule) -> str:
    """Why a search without end would take years."""
    return f"each of 2**63 steps of {type_name(schedule)} may have another rate"
