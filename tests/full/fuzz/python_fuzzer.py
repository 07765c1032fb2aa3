"""What the fuzzers of the Python package share: their start, and what holds of any schedule.

atheris is libFuzzer for Python. It sees which lines of fastlr ran, and so finds its way into them.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["fastlr"]):
    import fastlr
    import fastlr.schedules.base

from bits import assert_same_bits

from fastlr import _core

REFUSALS = (TypeError, ValueError, NotImplementedError, MemoryError)
LONGEST_MESSAGE = 1500
ISAS = _core.isas()


def refused_or(call: Callable[[], Any]) -> Any:
    """What a call returns; None where it is refused, in a message of a bounded length."""
    try:
        return call()
    except REFUSALS as error:
        refusal = error
    assert 0 < len(str(refusal)) < LONGEST_MESSAGE, refusal
    return None


def number(data: atheris.FuzzedDataProvider) -> Any:
    """A number as people give it, or any at all."""
    kind = data.ConsumeIntInRange(0, 7)
    if kind == 0:
        return data.ConsumeIntInRange(-10, 100_000)
    if kind == 1:
        return data.ConsumeFloatInRange(-2.0, 2.0)
    if kind == 2:
        return data.ConsumeFloat()
    if kind == 3:
        return data.ConsumeInt(data.ConsumeIntInRange(1, 20))
    if kind == 4:
        return np.float64(data.ConsumeFloat())
    if kind == 5:
        with np.errstate(all="ignore"):
            return np.float32(data.ConsumeFloat())
    if kind == 6:
        return np.int64(data.ConsumeIntInRange(-(2**63), 2**63 - 1))
    return data.ConsumeBool()


def check_rates(schedule: Any, start: int, step: int, count: int = 70) -> None:
    """Tables, arrays and single steps agree, on every instruction set, in every execution mode."""
    steps = range(start, start + count * step, step)
    modes = fastlr.schedules.base.EXECUTIONS if schedule._dtype == "float32" else ["eager"]
    for execution in modes:
        expected = None
        for isa in ISAS:
            _core.set_isa(isa)
            table = schedule.table(steps.start, steps.stop, steps.step, execution=execution)
            alone = [schedule(each, execution=execution) for each in steps]
            array = schedule(np.array(steps)[::-1], execution=execution)[::-1]
            expected = table if expected is None else expected
            for what, rates in (("table", table), ("array", array), ("single steps", alone)):
                rates = np.asarray(rates, expected.dtype)
                assert_same_bits(rates, expected, steps, f"{what}, {isa}, {execution}, {schedule}")


def fuzz(test_one_input: Callable[[bytes], None]) -> None:
    """Run until libFuzzer's options in ``sys.argv`` say stop."""
    warnings.simplefilter("ignore")  # NumPy's, of casts
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
