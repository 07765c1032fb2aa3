"""Interrupts one kind of call at random moments, very often: test_interrupts.py starts it.

A timer of the system raises KeyboardInterrupt through Python's own handler of Ctrl-C, once for each
try. Whatever else is raised ends the program. Prints how many tries were interrupted, and how many
were complete.
"""

from __future__ import annotations

import os
import pickle
import random
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np


def arm(longest: float) -> None:
    """One interrupt, within that time."""
    signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, longest))


def disarm() -> None:
    """No interrupt any more."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def kinds() -> dict[str, Callable[[], Any]]:
    """Calls, which return all that they make."""
    import fastlr

    schedule = fastlr.CosineDecay(0.1, 10**6)
    stairs = fastlr.PiecewiseConstantDecay([*range(2000)], [0.5] * 2001)
    steps = np.arange(2_000_000)[::-1]
    out = np.empty(2_000_000, np.float32)
    written = fastlr.serialize(stairs)

    def into(threads: int) -> Any:
        out.fill(-1)
        return schedule.table(out.size, out=out, threads=threads).copy()

    return {
        "scalar": lambda: [schedule(step) for step in range(2000)],
        "slow scalar": lambda: [schedule(float(step), execution="graph") for step in range(200)],
        "array": lambda: schedule(steps),
        "list": lambda: schedule([1, 2.5, 10**30] * 300),
        "table": lambda: schedule.table(1_500_000),
        "out": lambda: into(1),
        "out with threads": lambda: into(3),
        "constructor": lambda: [fastlr.CosineDecay(0.1, steps) for steps in range(1, 50)],
        "deserialize": lambda: fastlr.deserialize(written),
        "pickle": lambda: pickle.loads(pickle.dumps(stairs)),
        "modes": lambda: [
            fastlr.PolynomialDecay(0.1, 100, power=power)(7, execution=mode)
            for power in (0.5, 2.0) for mode in ("eager", "graph", "xla")
        ],
    }  # fmt: skip


def same(result: Any, expected: Any) -> bool:
    """Whether a result is complete."""
    if isinstance(expected, np.ndarray):
        return bool((result.view(np.int32) == expected.view(np.int32)).all())
    return bool(result == expected)


def interrupt(call: Callable[[], Any], tries: int) -> tuple[int, int]:
    """Calls until so many were interrupted and a quarter of that complete; how many were each."""
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    expected = call()
    started = time.perf_counter()
    call()
    longest = time.perf_counter() - started
    interrupted = complete = 0
    while interrupted < tries or complete < tries // 4:
        # About every second one comes in time, however fast the machine is now.
        longest *= 1.2 if interrupted > complete else 0.85
        try:
            arm(longest)
            result = call()
            disarm()
            assert same(result, expected), "in part, without an error"
            complete += 1
        except KeyboardInterrupt:
            interrupted += 1
    assert same(call(), expected)
    return interrupted, complete


def interrupt_imports(tries: int) -> tuple[int, int]:
    """The same for importing fastlr, in processes of their own, where NumPy is imported."""
    ends = {0: 0, 1: 0}
    longest = 0.02
    while ends[1] < tries or ends[0] < tries // 4:
        longest *= 1.2 if ends[1] > ends[0] else 0.85
        child = os.fork()
        if child == 0:
            os._exit(_import(longest))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in ends, status
        ends[status] += 1
    return ends[1], ends[0]


def _import(longest: float) -> int:
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    interrupted = 0
    try:
        arm(longest)
        import fastlr

        disarm()
    except KeyboardInterrupt:
        interrupted = 1
    except BaseException as error:
        print(f"import: {error!r}", file=sys.stderr)
        return 2
    try:
        import fastlr

        assert fastlr.CosineDecay(0.1, 1000)(500) == 0.04999999701976776
    except BaseException as error:
        print(f"second import: {error!r}", file=sys.stderr)
        return 3
    return interrupted


if __name__ == "__main__":
    kind, tries = sys.argv[1], int(sys.argv[2])
    print(*(interrupt_imports(tries) if kind == "import" else interrupt(kinds()[kind], tries)))
