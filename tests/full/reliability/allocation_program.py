"""Runs one call with each of its allocations failing in turn: test_allocation.py starts it.

Prints how many allocations failed, and how the calls ended.
"""

from __future__ import annotations

import ctypes
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import fastlr

schedule = fastlr.CosineDecay(0.1, 1000, 0.0, "a name", 0.5, 10)
stairs = fastlr.PiecewiseConstantDecay([1, 2], [0.3, 0.2, 0.1])
twin = fastlr.PiecewiseConstantDecay([1, 2], [0.3, 0.2, 0.1])
steps = np.arange(100)[::-1]
out = np.empty(100, np.float32)
long_out = np.empty(300_000, np.float32)

# Not constructors: pybind11 does not survive all of its own allocations failing.
CALLS: dict[str, Callable[[], Any]] = {
    # More floats than Python keeps for the next ones.
    "scalar": lambda: [schedule(step) for step in range(200)],
    "numpy scalar": lambda: schedule(np.float64(7)),
    "keywords": lambda: [schedule(step, execution="xla") for step in range(200)],
    "list": lambda: schedule([1, 2.5, 10**30]),
    "array": lambda: schedule(steps),
    "range": lambda: schedule(range(50)),
    "table": lambda: schedule.table(100),
    "table with out": lambda: schedule.table(100, out=out, threads=1),
    "long table": lambda: schedule.table(300_000, out=long_out, threads=4),
    "serialize": lambda: fastlr.serialize(stairs),
    "repr": lambda: repr(schedule),
    "equality": lambda: (hash(schedule), stairs == twin),
}


def bits_of(result: Any) -> Any:
    """What two calls are compared by."""
    return result.tobytes() if isinstance(result, np.ndarray) else repr(result)


def tried(call: Callable[[], Any], n: int, library: Any) -> tuple[bool, str, Any]:
    """Whether the n-th allocation failed, how the call ended, and its result."""
    error = result = None
    fail_at, disarm = library.fail_at, library.disarm
    fail_at(n)
    try:
        result = call()
    except BaseException as raised:
        failed = not disarm()
        error = raised
    else:
        failed = not disarm()
    return failed, type(error).__name__ if error is not None else "complete", result


def main() -> None:
    """Try each allocation of the call that the command line names."""
    call = CALLS[sys.argv[1]]
    library = ctypes.PyDLL(None)  # where LD_PRELOAD has put failing_malloc.c
    for _ in range(3):  # until all is imported, interned and cached
        expected = bits_of(call())
    ends: Counter[str] = Counter()
    n = 1
    while True:
        out.fill(7)
        long_out.fill(7)
        failed, end, result = tried(call, n, library)
        if end == "complete":
            assert bits_of(result) == expected
        if not failed:
            assert end == "complete", end
            break
        ends[end] += 1
        if "table" in sys.argv[1] and end != "complete":  # nothing is written in part
            for buffer in (out, long_out):
                assert (buffer == 7).all() or bits_of(buffer) == expected
        n += 1
    assert bits_of(call()) == expected
    print(n - 1, *(f"{end}={count}" for end, count in sorted(ends.items())))


if __name__ == "__main__":
    main()
