"""Ranges and arrays, in blocks and in threads (driver.hpp, threads.cpp of core/evaluation)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from fastlr._numba.flush_to_zero import flush, step_needs_flush
from fastlr._numba.info import usable_processors
from fastlr._numba.jit import jit
from fastlr._numba.single_steps import MadeFunctions, SingleSteps, of_block, of_rates

#: Steps per call of a compiled function: enough that its cost (some us) does not show, few enough
#: that their floats stay in the cache and Ctrl-C is heard at once.
BLOCK = 1 << 17
#: Elements from which a second thread is worth its start.
WORTH_A_THREAD = 500_000
#: More would keep the calling thread waiting for its turn, deaf to Ctrl-C for half a second.
MOST_THREADS = 64

_thread_limit = 2**31 - 1
#: Held while step functions are made, those of parts too: once an address is out, they must stay.
_making_step_functions = threading.RLock()
#: Steps that a block function looks at together, to choose a formula for all of them.
INNER_BLOCK = 256


def set_thread_limit(limit: int) -> None:
    """At most this many threads where the caller names no number."""
    global _thread_limit
    _thread_limit = limit


@jit
def range_steps(start, step, out):
    """Write the steps start, start + step, ... to `out`, each rounded once."""
    for i in range(out.size):
        out[i] = start + i * step


@jit
def convert(steps, out):
    """Write steps of any type to `out`, each rounded once."""
    for i in range(out.size):
        out[i] = steps[i]


@jit
def convert_flushed(steps, out):
    """Write steps of float32, subnormals zero, to a wider `out`."""
    for i in range(out.size):
        out[i] = flush(steps[i])


@jit
def extent(steps):
    """Find the smallest and the largest float32, and whether any step needs flushing."""
    # As integers: LLVM vectorises no minimum of floats that honours NaN.
    bits = steps.view(np.int32)
    lowest, highest, needs_flush = np.int32(0x7FFFFFFF), np.int32(-0x80000000), False
    for i in range(bits.size):
        position = np.int32(bits[i] ^ ((bits[i] >> np.int32(31)) & np.int32(0x7FFFFFFF)))
        lowest = position if position < lowest else lowest
        highest = position if position > highest else highest
        needs_flush |= step_needs_flush(steps[i])
    return from_ordinal(lowest), from_ordinal(highest), needs_flush


@jit
def ordinal(x):
    bits = np.float32(x).view(np.int32)
    return np.int64(bits ^ ((bits >> np.int32(31)) & np.int32(0x7FFFFFFF)))


@jit
def from_ordinal(position):
    bits = np.int32(position)
    return np.int32(bits ^ ((bits >> np.int32(31)) & np.int32(0x7FFFFFFF))).view(np.float32)


def first_float(low: Any, high: Any, holds: Callable[[Any], Any]) -> Any:
    """Find the first float32 in [low, high] for which the monotone `holds` is true; else high."""
    a, b = ordinal(low), ordinal(high)
    while a < b:
        middle = a + (b - a) // 2
        if holds(np.float32(from_ordinal(middle))):
            b = middle
        else:
            a = middle + 1
    return np.float32(from_ordinal(b))


def loops(at: Callable[..., Any]) -> tuple[Callable[..., None], Callable[..., None]]:
    """The loops over at(constants, step, flushed): for any steps, and for many."""

    @jit
    def flushed(c, out):
        """out[i] = rate at step out[i]."""
        for i in range(out.size):
            out[i] = at(c, out[i], True)

    @jit
    def plain(c, out):
        """The same, where no subnormal can arise."""
        for i in range(out.size):
            out[i] = at(c, out[i], False)

    @jit
    def bulk(c, out):
        """The same, where no subnormal can arise from ordinary steps."""
        for i in range(0, out.size, INNER_BLOCK):
            block = out[i : i + INNER_BLOCK]
            _, _, any_needs_flush = extent(block)
            if any_needs_flush:
                flushed(c, block)
            else:
                plain(c, block)

    return flushed, bulk


class Kernel:
    """A schedule: `block(*constants, out)` turns an array of steps into their rates, in place."""

    def __init__(self, dtype: str, block: Callable[..., Any], *constants: Any) -> None:
        self._block = block
        self._constants = constants
        self._dtype = np.dtype(dtype)
        self._functions: MadeFunctions | None = None

    def at(self, step: int | float) -> float:
        """The rate at a step that the schedule's type holds exactly, or at any int64."""
        out = np.empty(1, self._dtype)
        self.fill(np.array([step]), out)
        return float(out[0])

    def range(self, start: int, step: int, out: Any, threads: int) -> None:
        """out[i] = rate at start + i * step."""

        def work(first: int, count: int) -> None:
            self.fill_range(start + first * step, step, out[first : first + count])

        _in_blocks(out.size, threads, work)

    def array(self, steps: Any, out: Any, threads: int) -> None:
        """out[i] = rate at steps[i]."""

        def work(first: int, count: int) -> None:
            self.fill(steps[first : first + count], out[first : first + count])

        _in_blocks(out.size, threads, work)

    def fill_range(self, start: int, step: int, out: Any) -> None:
        """Do the work of `range` for one block."""
        range_steps(start, step, out)
        self._block(*self._constants, out)

    def fill(self, steps: Any, out: Any) -> None:
        """Do the work of `array` for one block."""
        widens = steps.dtype == np.float32 and self._dtype == np.float64
        (convert_flushed if widens else convert)(steps, out)
        self._block(*self._constants, out)

    def step_functions(self) -> int:
        """The address of its functions of a single step, valid while the kernel lives."""
        with _making_step_functions:
            if self._functions is None:
                self._functions = MadeFunctions(*self._single_steps(), self._dtype)
            return self._functions.address

    def _single_steps(self) -> tuple[SingleSteps, tuple[Any, ...]]:
        """Functions of constants and a step, and the constants."""
        return of_block(self._block), self._constants


class KernelOfRates(Kernel):
    """A schedule made of another's rates, which `block` changes in place."""

    def __init__(
        self, dtype: str, part: Kernel, block: Callable[..., Any], *constants: Any
    ) -> None:
        super().__init__(dtype, block, *constants)
        self._part = part

    def fill_range(self, start: int, step: int, out: Any) -> None:
        self._part.fill_range(start, step, out)
        self._block(*self._constants, out)

    def fill(self, steps: Any, out: Any) -> None:
        self._part.fill(steps, out)
        self._block(*self._constants, out)

    def _single_steps(self) -> tuple[SingleSteps, tuple[Any, ...]]:
        return of_rates(self._block), (self._part.step_functions(), self._constants)


def fill_rows(kernels: list[Kernel], start: int, step: int, out: Any, threads: int) -> None:
    """out[i] = rates at start, start + step, ... from kernels[i]; blocks go on from row to row."""
    columns = out.shape[1]

    def work(first: int, count: int) -> None:
        end = first + count
        while first < end:
            row, column = divmod(first, columns)
            length = min(columns - column, end - first)
            part = out[row, column : column + length]
            kernels[row].fill_range(start + column * step, step, part)
            first += length

    _in_blocks(out.size, threads, work)


def _thread_count(count: int, requested: int) -> int:
    if requested > 0:
        return min(requested, max(MOST_THREADS, usable_processors()))
    if count < 2 * WORTH_A_THREAD:
        return 1
    return min(count // WORTH_A_THREAD, usable_processors(), _thread_limit)


def _in_blocks(count: int, requested: int, work: Callable[[int, int], None]) -> None:
    blocks = -(-count // BLOCK)
    threads = max(1, min(_thread_count(count, requested), blocks))
    stopped = threading.Event()
    failures: list[BaseException] = []

    def share(thread: int) -> None:
        for i in range(blocks * thread // threads, blocks * (thread + 1) // threads):
            if stopped.is_set():
                return
            work(i * BLOCK, min(BLOCK, count - i * BLOCK))

    def guarded(thread: int) -> None:
        try:
            share(thread)
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=guarded, args=(i,)) for i in range(1, threads)]
    try:
        for worker in workers:
            worker.start()
        share(0)
    except BaseException:
        stopped.set()
        raise
    finally:
        for worker in workers:
            if worker.ident is not None:
                worker.join()
    if failures:
        raise failures[0]
