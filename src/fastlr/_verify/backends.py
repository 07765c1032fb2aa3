"""Every backend and instruction set of this machine, to be asked for the same rates."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from fastlr._verify.configurations import awkward_steps, landmarks, random_schedule
from fastlr._verify.outcome import Outcome
from fastlr.schedules.base import EXECUTIONS, KernelSchedule

Rates = npt.NDArray[np.floating[Any]]


def core() -> Any:
    """The compiled core, or None where it is not installed."""
    return importlib.import_module("fastlr._core") if find_spec("fastlr._core") else None


def names() -> list[str]:
    """The instruction sets of the compiled core, and ``numba``, where they are installed."""
    compiled = core()
    isas = [] if compiled is None else [f"cpp {isa}" for isa in compiled.isas()]
    return isas + (["numba"] if find_spec("numba") else [])


def kernels(schedule: KernelSchedule, execution: str) -> Iterator[tuple[str, Any]]:
    """A kernel with a schedule's constants per name; it must be used before the next is taken."""
    for name in names():
        isa = name.removeprefix("cpp ") if name.startswith("cpp ") else ""
        backend = importlib.import_module("fastlr._core" if isa else "fastlr._numba")
        backend.set_isa(isa or "auto")
        try:
            make = getattr(backend, schedule._factory)
            yield name, make(schedule._dtype, execution, **schedule._arguments)
        finally:
            backend.set_isa("auto")


def in_array(kernel: Any, steps: npt.NDArray[np.int64], dtype: str) -> Rates:
    """The rates at any steps."""
    out = np.empty(steps.size, dtype)
    kernel.array(steps, out, threads=0)
    return out


def in_range(kernel: Any, start: int, count: int, dtype: str) -> Rates:
    """The rates at consecutive steps."""
    out = np.empty(count, dtype)
    kernel.range(start, 1, out, threads=0)
    return out


def compare_backends(
    class_name: str, configurations: int, rng: np.random.Generator, outcome: Outcome
) -> None:
    """Ask every backend for tables and arrays, in every execution mode and in float64."""
    for _ in range(configurations):
        schedule = random_schedule(class_name, rng)
        for execution in EXECUTIONS:
            _compare(schedule, execution, rng, outcome)
        _compare(in_float64(schedule), "eager", rng, outcome)


def in_float64(schedule: KernelSchedule) -> KernelSchedule:
    """The same schedule, computing in float64."""
    config = schedule.get_config()
    if "values" in config:
        config["values"] = [np.float64(value) for value in config["values"]]
    else:
        config["initial_learning_rate"] = np.float64(config["initial_learning_rate"])
    return type(schedule)(**config)


def _compare(
    schedule: KernelSchedule, execution: str, rng: np.random.Generator, outcome: Outcome
) -> None:
    compare = partial(outcome.compare, signed_zeros=True)
    steps = np.array(awkward_steps(landmarks(schedule), rng, 1000), np.int64)
    start = int(rng.integers(0, 10**6))
    window = range(start, start + 50_000)
    dtype = schedule._dtype
    expected = schedule(steps, execution=execution)
    expected_table = schedule.table(window.start, window.stop, execution=execution)
    scalars = [schedule(int(step), execution=execution) for step in steps[:200]]
    compare(scalars, expected[:200], steps, f"scalar calls, {execution}, {schedule!r}")
    for name, kernel in kernels(schedule, execution):
        what = f"{name}, {execution}, {schedule!r}"
        compare(in_array(kernel, steps, dtype), expected, steps, f"array, {what}")
        table = in_range(kernel, window.start, len(window), dtype)
        compare(table, expected_table, window, f"table, {what}")
        one_by_one = in_array(kernel, np.array(window, np.int64), dtype)
        compare(one_by_one, expected_table, window, f"array of a range, {what}")
