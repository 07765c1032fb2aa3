"""Every backend, instruction set and entry point against each other: the same bits everywhere.

With some configurations; tests/full/properties takes all of them.
"""

from __future__ import annotations

import array as stdlib_array
import collections
from typing import Any

import hypothesis
import numpy as np
import pytest
from backends import BACKENDS, over_backends, using
from bits import assert_same_bits
from compositions import OF_SCHEDULES
from hypothesis import strategies as st
from registry import ROWS, SOME_CONFIGS, config_id, some_backends, steps_around

#: Around vector widths, the driver's blocks (256, 4096) and its chunks (65536).
SIZES = [*range(1, 20), 31, 32, 33, 63, 64, 65, 97, 255, 256, 257, 511, 513, 4095, 4096, 4097,
         65535, 65536, 65537, 131073]  # fmt: skip

over_rows = pytest.mark.parametrize("class_name", ROWS)


def schedules(backend_module: Any, class_name: str) -> list[Any]:
    return [
        getattr(backend_module, class_name).from_config(config)
        for config in ROWS[class_name].configs
    ]


def compare_dense_ranges(class_name: str, config: dict[str, Any]) -> int:
    """Compare over every piece, rising and falling, sparse and dense; how many values that were."""
    marks = [int(mark) for mark in ROWS[class_name].landmarks(config)]
    ranges = [(-300, 3000, 1), (3000, -300, -7), (2**24 - 500, 2**24 + 500, 1)]
    ranges += [(mark - 700, mark + 700, 1) for mark in marks]
    ranges += [(-(max(marks) // 7) - 1, 2 * max(marks) + 50, max(1, max(marks) // 3000))]
    ranges += [(-9_000_001, 9_000_000, 10_007), (2**24 - 1, -200, -(2**24) - 1)]
    ranges += [(-(2**62), 2**62, 2**50 + 12345), (2**53 - 99, 2**53 + 99, 1)]
    expected = None
    for backend in BACKENDS:
        with using(backend) as fastlr:
            schedule = getattr(fastlr, class_name).from_config(config)
            tables = [schedule.table(*bounds) for bounds in ranges]
            arrays = [schedule(np.arange(*bounds)) for bounds in ranges]
        expected = expected or tables
        for bounds, table, array, truth in zip(ranges, tables, arrays, expected, strict=True):
            assert_same_bits(table, truth, range(*bounds), f"{backend}, {schedule!r}")
            assert_same_bits(array, truth, range(*bounds), f"{backend}, array, {schedule!r}")
    return 2 * len(BACKENDS) * sum(truth.size for truth in expected)


@pytest.mark.parametrize(("class_name", "config"), SOME_CONFIGS, ids=config_id)
def test_backends_agree_on_dense_ranges(class_name, config, count_compared):
    compared = compare_dense_ranges(class_name, config)
    count_compared("backends and entry points with each other", compared)


@over_rows
def test_sizes_around_vector_widths(fastlr, class_name):
    for schedule in schedules(fastlr, class_name)[::8]:
        longest = schedule.table(-20, max(SIZES) - 20)
        shuffled = np.random.default_rng(0).permutation(max(SIZES))
        for size in SIZES:
            assert_same_bits(
                schedule.table(-20, size - 20), longest[:size], range(-20, size), f"{size}"
            )
            picked = schedule(shuffled[:size] - 20)
            assert_same_bits(picked, longest[shuffled[:size]], shuffled, f"shuffled {size}")


@over_rows
def test_threads_do_not_change_bits(fastlr, class_name):
    steps = range(-5, 400_001)
    for schedule in schedules(fastlr, class_name)[::8]:
        one = schedule.table(-5, 400_001, threads=1)
        for threads in (2, 3, 7, 256, 10**9):
            several = schedule.table(-5, 400_001, threads=threads)
            assert_same_bits(several, one, steps, f"{threads} threads")


@over_rows
def test_kinds_of_arrays(fastlr, class_name):
    """Any real dtype, order, stride, byte order and shape."""
    for schedule in schedules(fastlr, class_name)[::4]:
        steps = np.arange(120)
        expected = schedule.table(120)
        for dtype in "bhilqBHILQefdg":
            assert_same_bits(schedule(steps.astype(dtype)), expected, steps, f"dtype {dtype}")
        for dtype in (">i2", ">i8", ">u4", ">f4", ">f8"):
            assert_same_bits(schedule(steps.astype(dtype)), expected, steps, f"dtype {dtype}")
        shaped = schedule(steps.reshape(4, 5, 6))
        assert shaped.shape == (4, 5, 6)
        assert shaped.flags.c_contiguous
        assert_same_bits(shaped.ravel(), expected, steps, "three dimensions")
        fortran = schedule(np.asfortranarray(steps.reshape(4, 30)))
        assert fortran.flags.c_contiguous
        assert_same_bits(fortran.ravel(), expected, steps, "Fortran order")
        assert_same_bits(schedule(steps[::3]), expected[::3], steps[::3], "stride 3")
        assert_same_bits(schedule(steps[::-1]), expected[::-1], steps[::-1], "stride -1")
        packed = np.zeros(120, [("pad", "u1"), ("step", "i8")])
        packed["step"] = steps
        assert_same_bits(schedule(packed["step"]), expected, steps, "not aligned")
        for dtype in ("i4", "i8", "f4", "f8"):
            steps_of = steps.astype(dtype)
            shifted = np.zeros(steps_of.nbytes + 1, np.uint8)[1:].view(dtype)
            shifted[:] = steps_of
            assert_same_bits(schedule(shifted), expected, steps, f"{dtype}, not aligned")
        readonly = steps.copy()
        readonly.setflags(write=False)
        assert_same_bits(schedule(readonly), expected, steps, "read-only")
        assert_same_bits(schedule(list(range(120))), expected, steps, "list")
        assert_same_bits(schedule(tuple(range(120))), expected, steps, "tuple")
        assert_same_bits(schedule(range(120)), expected, steps, "range")
        assert_same_bits(schedule(range(119, -1, -1)), expected[::-1], steps, "falling range")
        assert_same_bits(schedule(stdlib_array.array("q", range(120))), expected, steps, "array")
        assert_same_bits(schedule(memoryview(steps)), expected, steps, "memoryview")
        assert_same_bits(schedule([[1, 2], [3, 4]]).ravel(), expected[1:5], steps, "nested")
        assert_same_bits(schedule([True, False]), expected[[1, 0]], [1, 0], "bools")


@pytest.mark.parametrize("order", ["<", ">", "="])
def test_dtypes_that_name_their_byte_order(fastlr, order):
    """One of them names the machine's own, which NumPy tells apart from not naming it."""
    schedule = fastlr.CosineDecay(0.1, 10)
    for kind in ("i4", "i8", "u8", "f4", "f8"):
        steps = np.arange(12).astype(np.dtype(kind).newbyteorder(order))
        for some in (steps, steps[:1], steps[3], steps[3].reshape(()), steps[::2]):
            expected = schedule(some.astype(np.dtype(kind)))
            rates = np.ravel(schedule(some))
            assert_same_bits(rates, np.ravel(expected), np.ravel(some), kind)
    out = np.empty(12, np.dtype("f4").newbyteorder(order))
    if out.dtype.isnative:
        assert schedule.table(12, out=out) is out
        assert_same_bits(out, schedule.table(12), range(12), "out")
    else:
        with pytest.raises(ValueError, match="`out` must be"):
            schedule.table(12, out=out)


@over_rows
def test_empty_and_zero_dimensional(fastlr, class_name):
    schedule = schedules(fastlr, class_name)[3]
    assert schedule([]).shape == (0,)
    assert schedule(np.empty((3, 0, 2), np.int64)).shape == (3, 0, 2)
    assert schedule(range(0)).shape == (0,)
    assert schedule.table(0).shape == (0,)
    assert schedule.table(5, 5).dtype == np.float32
    for zero_dimensional in (np.array(7), np.array(7.0), np.int64(7), np.float32(7)):
        rate = schedule(zero_dimensional)
        assert type(rate) is float
        assert rate == schedule(7)
    assert type(schedule(7)) is float
    assert type(schedule(7.0)) is float


class HasArray:
    """What a tensor looks like to NumPy."""

    def __init__(self, steps: np.ndarray) -> None:
        self.steps = steps

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.steps


class HasDLPack:
    def __init__(self, steps: np.ndarray) -> None:
        self.steps = steps

    def __dlpack__(self, **arguments: Any) -> Any:
        return self.steps.__dlpack__(**arguments)

    def __dlpack_device__(self) -> Any:
        return self.steps.__dlpack_device__()


class HasIndex:
    def __init__(self, step: int = 7) -> None:
        self.step = step

    def __index__(self) -> int:
        return self.step


@over_rows
def test_array_likes(fastlr, class_name):
    schedule = schedules(fastlr, class_name)[3]
    steps = np.arange(50)
    expected = schedule.table(50)
    for like in (HasArray(steps), HasDLPack(steps)):
        assert_same_bits(schedule(like), expected, steps, type(like).__name__)
    for scalar in (HasIndex(), HasArray(np.array(7))):
        rate = schedule(scalar)
        assert type(rate) is float
        assert rate == schedule(7)


def test_numbers_in_memory_are_of_its_type(fastlr):
    """Not Python floats, which Keras makes float32 of: also within lists."""
    schedule = fastlr.PiecewiseConstantDecay([16777216], [1.0, 0.5])
    steps = np.array([16777216.5, 3.0])
    for held in (steps, stdlib_array.array("d", steps), memoryview(steps), list(steps)):
        assert schedule(held).tolist() == [0.5, 1.0], type(held)
        assert schedule([held]).tolist() == [[0.5, 1.0]], type(held)
    assert schedule([[16777216.5, np.float64(16777216.5)], steps]).tolist() == [
        [1.0, 0.5],
        [0.5, 1.0],
    ]
    assert schedule([16777216.5]).tolist() == [1.0]


HUGE = [2**24 + 1, 2**31 + 129, 2**53 + 1, 2**60 + 2**35 + 1, 2**63 - 1, 2**63, 2**64 - 1,
        2**64 + 2**39 + 1, 2**100 + 1, -(2**63), -(2**64) - 1, 10**50, -(10**50)]  # fmt: skip


@over_backends
@over_rows
def test_python_integers_are_rounded_once(backend, class_name):
    """An int of any size counts as the float32 nearest to it, alone and in sequences."""
    from fractions import Fraction

    def nearest_float32(step: int) -> float:
        if abs(step) >= 2**128:
            return float("inf") if step > 0 else float("-inf")
        below = np.float32(float(step))  # at most one float32 off
        around = [np.nextafter(below, np.float32(side)) for side in (-np.inf, np.inf)] + [below]
        return float(min(around, key=lambda f: (abs(Fraction(float(f)) - step), f.view("u4") & 1)))

    def counts_as(step: int) -> float:
        """For compositions, which move integers exactly, as itself within int64."""
        return step if class_name in OF_SCHEDULES and abs(step) < 2**63 else nearest_float32(step)

    with using(backend) as fastlr:
        for schedule in schedules(fastlr, class_name)[::3]:
            expected = np.array([schedule(counts_as(step)) for step in HUGE], np.float32)
            scalars = np.array([schedule(step) for step in HUGE], np.float32)
            assert_same_bits(scalars, expected, HUGE, "scalar")
            assert_same_bits(schedule(HUGE), expected, HUGE, "list")
            assert_same_bits(schedule(HUGE[:5]), expected[:5], HUGE, "list of int64")
            mixed = schedule([*HUGE, 0.5])
            assert_same_bits(mixed[:-1], expected, HUGE, "list with a float")
            deep = [schedule(HasIndex(step)) for step in HUGE]
            assert_same_bits(np.array(deep, np.float32), expected, HUGE, "__index__")
            queue = schedule(collections.deque([*HUGE, 0.5]))
            assert_same_bits(queue[:-1], expected, HUGE, "deque with a float")
    with using(backend) as fastlr:
        schedule = schedules(fastlr, class_name)[3]
        mixed = schedule([np.bool_(1), 1.5, np.array(2.5), np.float32(3), True, 4])
        single = [schedule(step) for step in (1, 1.5, 2.5, 3, 1, 4)]
        assert mixed.tolist() == single


def compare_anything(class_name: str, examples: int, count_compared: Any) -> None:
    """Random configurations, random ranges and random arrays on every backend."""

    @hypothesis.settings(max_examples=examples, deadline=None)
    @hypothesis.given(
        ROWS[class_name].random,
        st.integers(-(2**40), 2**40),
        st.integers(1, 3000),
        st.integers(-(2**30), 2**30).filter(bool),
        st.integers(0, 2**32 - 1),
    )
    def check(config, start, count, step, seed):
        rng = np.random.default_rng(seed)
        steps = np.array(steps_around(config, ROWS[class_name], rng, random=300))
        rng.shuffle(steps)
        stop = start + count * step
        results = []
        for backend in BACKENDS:
            with using(backend) as fastlr:
                schedule = getattr(fastlr, class_name).from_config(config)
                results.append((
                    schedule.table(start, stop, step), schedule(np.arange(start, stop, step)),
                    schedule(steps), np.array([schedule(int(s)) for s in steps], np.float32),
                ))  # fmt: skip
        for backend, (table, array, bulk, scalars) in zip(BACKENDS, results, strict=True):
            what = f"{backend}, {schedule!r}"
            assert_same_bits(table, results[0][0], range(start, stop, step), what)
            assert_same_bits(array, results[0][0], range(start, stop, step), what)
            assert_same_bits(bulk, results[0][3], steps, what)
            assert_same_bits(scalars, results[0][3], steps, what)
            count_compared("backends and entry points with each other", 2 * count + 2 * steps.size)

    check()


@over_rows
def test_anything(class_name, count_compared):
    compare_anything(class_name, 25, count_compared)


@pytest.mark.parametrize(
    ("class_name", "execution", "backend"),
    [
        (class_name, execution, backend)
        for class_name in ROWS
        for execution in ("eager", "graph", "xla")
        for backend in some_backends(class_name, execution)
    ],
)
def test_integers_are_the_same_by_every_way(class_name, execution, backend):
    """With and without keywords, alone, in arrays of every kind, and in tables."""
    with using(backend) as fastlr:
        # One, where Numba compiles for seconds; tests/full/digests compares all, in every mode.
        for config in ROWS[class_name].configs[: None if execution == "eager" else 1 : 3]:
            schedule = getattr(fastlr, class_name).from_config(config)
            for step in (-10, 0, 7, 2**24 + 1, 2**53 + 1, 2**60 + 1, 2**63 - 1):
                table = schedule.table(step, step + 1, execution=execution)
                ways = [
                    schedule(step, execution=execution),
                    schedule(np.int64(step), execution=execution),
                    schedule([step], execution=execution)[0],
                ]
                for way in ways:
                    assert_same_bits(np.array([way], np.float32), table, [step], f"{schedule!r}")


@over_rows
def test_arguments_that_the_core_casts(class_name):
    """Ordinary numbers, which the compiled core takes as they are, against Python's casts."""
    from fastlr import _core

    @hypothesis.settings(max_examples=40, deadline=None)
    @hypothesis.given(ROWS[class_name].random, st.integers(0, 2**32 - 1))
    def compare(config, seed):
        with using("cpp") as fastlr:
            schedule = getattr(fastlr, class_name).from_config(config)
        dtype = schedule._dtype
        around = steps_around(config, ROWS[class_name], np.random.default_rng(seed), 50)
        for execution in ("eager",) if dtype == "float64" else ("eager", "graph", "xla"):
            kernel = _core.make_kernel(class_name, dtype, execution, schedule._arguments)
            for steps in (np.array(around, np.int64), np.array(around, np.float64) + 0.5):
                expected = np.empty(steps.shape, dtype)
                kernel.array(steps, expected, 1)
                assert_same_bits(schedule(steps, execution=execution), expected, steps, execution)

    compare()
