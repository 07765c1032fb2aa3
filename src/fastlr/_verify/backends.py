"""Every backend and instruction set of this machine, to be asked for the same rates."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from fastlr._parameters import Execution
from fastlr._verify import forms
from fastlr._verify.configurations import (
    awkward_steps,
    landmarks,
    random_schedule,
    special_schedules,
)
from fastlr._verify.outcome import Outcome
from fastlr.schedules.base import EXECUTIONS
from fastlr.schedules.kernel_schedule import KernelSchedule

Rates = npt.NDArray[np.floating[Any]]


def core() -> Any:
    """The compiled core, or None where it is not installed."""
    return importlib.import_module("fastlr._core") if find_spec("fastlr._core") else None


def names() -> list[str]:
    """The instruction sets of the compiled core, and ``numba``, where they are installed."""
    compiled = core()
    isas = [] if compiled is None else [f"cpp {isa}" for isa in compiled.isas()]
    return isas + (["numba"] if find_spec("numba") else [])


def kernels(schedule: KernelSchedule, execution: Execution) -> Iterator[tuple[str, Any]]:
    """A kernel with a schedule's constants per name; it must be used before the next is taken."""
    for name in names():
        isa = name.removeprefix("cpp ") if name.startswith("cpp ") else ""
        backend = importlib.import_module("fastlr._core" if isa else "fastlr._numba")
        backend.set_isa(isa or "auto")
        try:
            yield name, _on(backend, schedule)._kernel(execution)
        finally:
            backend.set_isa("auto")


def _on(backend: Any, value: Any) -> Any:
    """A schedule with its parts, bound to a backend; lists of schedules, too; all else as it is."""
    if isinstance(value, list):
        return [_on(backend, item) for item in value]
    if not isinstance(value, KernelSchedule):
        return value
    bound = backend.Schedule()
    arguments = {name: _on(backend, argument) for name, argument in value._arguments.items()}
    bound._bind(value._builtin.__name__, value._dtype, arguments)
    return bound


def in_array(kernel: Any, steps: npt.NDArray[Any], dtype: str, threads: int = 0) -> Rates:
    """The rates at any steps."""
    out = np.empty(steps.size, dtype)
    kernel.array(steps, out, threads=threads)
    return out


def in_range(kernel: Any, steps: range, dtype: str, threads: int = 0) -> Rates:
    """The rates at the steps of a range."""
    out = np.empty(len(steps), dtype)
    kernel.range(steps.start, steps.step, out, threads=threads)
    return out


def compare_backends(
    class_name: str, configurations: int, rng: np.random.Generator, outcome: Outcome
) -> None:
    """Ask every backend for tables and arrays, in every execution mode and in float64.

    Constants are special in formulas only, of graph and xla: there is one set of loops for all.
    """
    for schedule in special_schedules(class_name):
        for execution in ("graph", "xla"):
            _compare_integers(schedule, execution, rng, outcome)
    for schedule in [random_schedule(class_name, rng) for _ in range(configurations)]:
        for execution in EXECUTIONS:
            _compare_all(schedule, execution, rng, outcome)
        in_float64 = type(schedule)(**schedule._config_with_rates(np.float64))
        _compare_all(in_float64, "eager", rng, outcome)


def _compare_all(
    schedule: KernelSchedule, execution: Execution, rng: np.random.Generator, outcome: Outcome
) -> None:
    _compare_integers(schedule, execution, rng, outcome)
    _compare_forms(schedule, execution, rng, outcome)
    _compare_tables(schedule, execution, rng, outcome)


def _compare_integers(
    schedule: KernelSchedule, execution: Execution, rng: np.random.Generator, outcome: Outcome
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
        table = in_range(kernel, window, dtype)
        compare(table, expected_table, window, f"table, {what}")
        one_by_one = in_array(kernel, np.array(window, np.int64), dtype)
        compare(one_by_one, expected_table, window, f"array of a range, {what}")


def _compare_forms(
    schedule: KernelSchedule, execution: Execution, rng: np.random.Generator, outcome: Outcome
) -> None:
    """Steps of every dtype and in every order; a whole float is the step that its integer is."""
    compare = partial(outcome.compare, signed_zeros=True)
    drawn = forms.float_steps(landmarks(schedule), rng, 200)
    what = f"{execution}, {schedule!r}"
    whole = np.arange(-100, 2000)
    expected = schedule(whole, execution=execution)
    for dtype in ("float32", "float64"):
        rates = schedule(whole.astype(dtype), execution=execution)
        compare(rates, expected, whole, f"whole {dtype} steps, {what}")
    for dtype in (*forms.KERNEL_DTYPES, *forms.OTHER_DTYPES):
        steps = forms.in_dtype(drawn, dtype)
        expected = schedule(steps, execution=execution)
        scalars = [schedule(step, execution=execution) for step in steps[:60]]
        compare(scalars, expected[:60], steps, f"{dtype} scalars, {what}")
        for order, index in forms.arrangements(steps.size, rng).items():
            rates = schedule(steps[index], execution=execution)
            compare(rates, expected[index], steps[index], f"{order} {dtype} steps, {what}")
        if dtype in forms.KERNEL_DTYPES:
            for name, kernel in kernels(schedule, execution):
                rates = in_array(kernel, steps, schedule._dtype, threads=2)
                compare(rates, expected, steps, f"{dtype} steps, {name}, {what}")
    expected = schedule(drawn, execution=execution)
    scalars = [schedule(float(step), execution=execution) for step in drawn]
    compare(scalars, expected, drawn, f"Python floats, {what}")


def _compare_tables(
    schedule: KernelSchedule, execution: Execution, rng: np.random.Generator, outcome: Outcome
) -> None:
    """Tables with strides, whose steps one by one are an array; with `out` and threads."""
    compare = partial(outcome.compare, signed_zeros=True)
    for steps in forms.tables(rng):
        expected = schedule(np.array(steps, np.int64), execution=execution)
        what = f"{steps}, {execution}, {schedule!r}"
        bounds = (steps.start, steps.stop, steps.step)
        table = schedule.table(*bounds, execution=execution)
        compare(table, expected, steps, f"table of {what}")
        out = np.empty(len(steps), schedule._dtype)
        schedule.table(*bounds, out=out, threads=3, execution=execution)
        compare(out, expected, steps, f"table with out and 3 threads, {what}")
        for name, kernel in kernels(schedule, execution):
            table = in_range(kernel, steps, schedule._dtype, threads=3)
            compare(table, expected, steps, f"table of {name}, {what}")
