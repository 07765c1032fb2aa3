"""Nothing is left behind: references and memory over very many calls, refused ones included.

FASTLR_TEST_CALLS sets how many of each kind; docs/reliability.md has the figures of a million.
"""

from __future__ import annotations

import copy
import gc
import os
import pickle
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fastlr

CALLS = int(os.environ.get("FASTLR_TEST_CALLS", "5000"))

schedule = fastlr.CosineDecay(0.1, 1000)
wide = fastlr.CosineDecay(np.float64(0.1), 1000)
stairs = fastlr.PiecewiseConstantDecay([1, 2], [0.3, 0.2, 0.1])
written = fastlr.serialize(stairs)
pickled = pickle.dumps(stairs)
step = 10**6 + 7
integer, single, double = np.int64(5), np.float32(5), np.float64(5)
array, floats, big_endian = np.arange(10), np.arange(10.0), np.arange(10, dtype=">i2")
objects = np.array([None, step], object)
items = [step, 2.5, 10**30]
out, short = np.empty(10, np.float32), np.empty(9, np.float32)
execution = "".join(["x", "la"])
bad_execution = "".join(["fa", "st"])
uninitialised = fastlr.CosineDecay.__new__(fastlr.CosineDecay)


class Raising:
    def __index__(self) -> int:
        raise ZeroDivisionError

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise ZeroDivisionError


raising = Raising()

KINDS: dict[str, Callable[[], Any]] = {
    "int": lambda: schedule(step),
    "float": lambda: schedule(2.5),
    "numpy int": lambda: schedule(integer),
    "numpy float32": lambda: schedule(single),
    "numpy float64": lambda: schedule(double),
    "float64": lambda: wide(step),
    "keyword": lambda: schedule(step, execution=execution),
    "keyword steps": lambda: schedule(steps=step),
    "array": lambda: schedule(array),
    "floats": lambda: schedule(floats),
    "big endian": lambda: schedule(big_endian),
    "list": lambda: schedule(items),
    "range": lambda: schedule(range(10)),
    "table": lambda: schedule.table(10),
    "table of three": lambda: schedule.table(step, step + 30, 3),
    "out": lambda: schedule.table(10, out=out),
    "graph table": lambda: schedule.table(10, execution="graph"),
    "constructor": lambda: fastlr.CosineDecay(0.1, 10),
    "stairs": lambda: fastlr.PiecewiseConstantDecay([3, 1], [0.3, 0.2, 0.1]),
    "deserialize": lambda: fastlr.deserialize(written),
    "serialize": lambda: fastlr.serialize(stairs),
    "pickle": lambda: pickle.loads(pickle.dumps(stairs)),
    "unpickle": lambda: pickle.loads(pickled),
    "copy": lambda: copy.deepcopy(stairs),
    "value": lambda: (hash(stairs), stairs == copy.copy(stairs), repr(stairs), stairs.values),
}
REFUSED: dict[str, Callable[[], Any]] = {
    "text": lambda: schedule("5"),
    "none": lambda: schedule(None),
    "no steps": lambda: schedule(),
    "two steps": lambda: schedule(step, step),
    "unknown keyword": lambda: schedule(step, other=step),
    "execution": lambda: schedule(step, execution=bad_execution),
    "wide graph": lambda: wide(step, execution="graph"),
    "objects": lambda: schedule(objects),
    "raising index": lambda: schedule.table(raising),
    "raising array": lambda: schedule(raising),
    "table": lambda: schedule.table(10, 20, 0),
    "int64": lambda: schedule.table(2**63, 2**63 + 5),
    "out": lambda: schedule.table(10, out=short),
    "memory": lambda: schedule.table(10**15),
    "uninitialised": lambda: uninitialised(step),
    "immutable": lambda: setattr(schedule, "alpha", 1),
    "twice": lambda: schedule.__init__(0.1, 10),
    "bind": lambda: schedule._bind(None),
    "constructor": lambda: fastlr.CosineDecay(0.1, -step),
    "deserialize": lambda: fastlr.deserialize({"class_name": "CosineDecay", "config": {"a": step}}),
    "from_config": lambda: fastlr.CosineDecay.from_config({"initial_learning_rate": items}),
}
#: Whose references are counted.
WATCHED = [schedule, wide, stairs, step, integer, single, double, array, floats, big_endian,
           objects, items, out, short, execution, bad_execution, written, raising, uninitialised,
           fastlr.CosineDecay, fastlr.PiecewiseConstantDecay, np.dtype(np.float32),
           np.dtype(np.int64)]  # fmt: skip


def refused(call: Callable[[], Any]) -> Callable[[], Any]:
    def expecting() -> None:
        try:
            call()
        except Exception:
            return
        raise AssertionError("was accepted")

    return expecting


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


EVERY = {**KINDS, **{f"refused: {name}": refused(call) for name, call in REFUSED.items()}}


@pytest.fixture(scope="module", autouse=True)
def _without_others():
    """What other tests imported, TensorFlow above all, is none of the collector's business here.

    It would take a second each time to look through it.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("kind", EVERY)
def test_references_and_memory_stay(kind):
    """A leak of one byte or one reference a call would show."""
    call = EVERY[kind]
    tracemalloc.start()
    try:
        for _ in range(2000):  # caches of the interpreter fill up
            call()
        gc.collect()
        references = [sys.getrefcount(watched) for watched in WATCHED]
        traced, _ = tracemalloc.get_traced_memory()
        for _ in range(2000):
            call()
        gc.collect()
        # The smallest object has 16 bytes.
        assert tracemalloc.get_traced_memory()[0] - traced < 8 * 2000
    finally:
        tracemalloc.stop()
    before = resident()
    for _ in range(CALLS):
        call()
    gc.collect()
    assert [sys.getrefcount(watched) for watched in WATCHED] == references
    # The C++ side too; what malloc keeps for itself does not grow with the number of calls.
    assert resident() - before < (2 << 20)
