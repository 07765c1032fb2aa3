"""One schedule in many threads, forked processes, and what is refused: subinterpreters."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backends import over_backends, using
from bits import bits
from registry import ROWS

import fastlr
from fastlr import _core

THREADS = 8


def in_threads(work: Callable[[int], None]) -> None:
    """Run work(i) in THREADS threads that start together; raise what the first of them raised."""
    start = threading.Barrier(THREADS)
    failures: list[BaseException] = []

    def run(i: int) -> None:
        try:
            start.wait()
            work(i)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def rates_of(schedule: Any, execution: str) -> bytes:
    """The bits of every way to ask a schedule: arrays of both kinds, a table, single steps."""
    steps = np.arange(-3, 3000)
    return b"".join(
        bits(np.asarray(rates, np.float32)).tobytes()
        for rates in (
            schedule(steps[::-1], execution=execution),
            schedule(steps[steps % 7 != 1], execution=execution),
            schedule.table(-3, 3000, execution=execution),
            [schedule(step, execution=execution) for step in range(-3, 40)],
        )
    )


@pytest.fixture(scope="module", params=ROWS)
def row(request):
    return ROWS[request.param]


@over_backends
def test_one_schedule_in_many_threads(backend, row):
    """From its first use on, when kernels are made: every execution mode in every thread."""
    with using(backend) as module:
        make = getattr(module, row.class_name).from_config
        expected = {
            execution: rates_of(make(row.configs[0]), execution)
            for execution in ("eager", "graph", "xla")
        }
        for _ in range(3):
            schedule = make(row.configs[0])

            def use(i: int, schedule: Any = schedule) -> None:
                for execution in list(expected) * 2:
                    assert rates_of(schedule, execution) == expected[execution]

            in_threads(use)


@over_backends
def test_one_address_in_many_threads(backend):
    """Of functions that each of them is the first to ask for: none may be freed."""
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 777).with_warmup(100)
        made = []
        in_threads(lambda i: made.append(schedule.c_function(execution="xla")))
        assert len({each.data.value for each in made}) == 1
        expected = schedule.table(300, execution="xla").tolist()
        for function, data in made:
            assert [function(step, data) for step in range(300)] == expected


@over_backends
def test_schedules_made_compared_and_pickled_in_many_threads(backend, row):
    with using(backend) as module:
        make = getattr(module, row.class_name).from_config
        first = make(row.configs[0])
        expected = first.table(100).tobytes()

        def use(i: int) -> None:
            for _ in range(50):
                schedule = make(row.configs[0])
                assert schedule == first
                assert hash(schedule) == hash(first)
                assert module.deserialize(module.serialize(schedule)) == first
                assert schedule.table(100).tobytes() == expected

        in_threads(use)


@over_backends
@pytest.mark.parametrize("threads", [1, 2])
def test_neighbouring_parts_of_one_buffer(backend, threads):
    """Each thread fills its own part, down to the last element before its neighbour's."""
    part = 70_001  # more than a chunk, and no multiple of a cache line
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, THREADS * part, warmup_target=0.5, warmup_steps=1000)
        expected = schedule.table(THREADS * part, threads=1)
        for _ in range(3):
            out = np.full(THREADS * part, np.nan, np.float32)

            def fill(i: int, out: Any = out) -> None:
                own = out[i * part : (i + 1) * part]
                schedule.table(i * part, (i + 1) * part, out=own, threads=threads)

            in_threads(fill)
            assert out.tobytes() == expected.tobytes()


def test_the_instruction_set_may_change_meanwhile():
    """Each call stays with the one it began with; all give the same bits."""
    schedule = fastlr.PolynomialDecay(0.1, 200_000, power=0.9)
    expected = schedule.table(200_000).tobytes()
    done = threading.Event()

    def change() -> None:
        while not done.is_set():
            for isa in _core.isas():
                _core.set_isa(isa)

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for _ in range(200):
            assert schedule.table(200_000, threads=2).tobytes() == expected
    finally:
        done.set()
        changing.join()
        _core.set_isa("auto")


# ---- Other processes and interpreters ------------------------------------------------------------


def python(code: str, backend: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, on a backend."""
    head = f"import os\nos.environ['FASTLR_BACKEND'] = {backend!r}\n"
    return subprocess.run(
        [sys.executable, "-c", head + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("backend", ["cpp", "numba"])
def test_fork_after_use(backend):
    """Children have the parent's bits, although it used threads, and goes on using them."""
    done = python(
        """
        import os, threading
        import fastlr

        schedule = fastlr.CosineDecay(0.1, 2_000_000)
        expected = schedule.table(2_000_000, threads=2).tobytes()
        stop = threading.Event()

        def forever():
            while not stop.is_set():
                schedule.table(2_000_000, threads=2)

        busy = threading.Thread(target=forever)
        busy.start()
        children = []
        for _ in range(20):
            child = os.fork()
            if child == 0:
                same = schedule.table(2_000_000, threads=2).tobytes() == expected
                os._exit(0 if same and schedule(7) == schedule.table(8)[7] else 1)
            children.append(child)
        statuses = [os.waitpid(child, 0)[1] for child in children]
        stop.set()
        busy.join()
        print(statuses == [0] * len(children))
        """,
        backend,
    )
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


IN_A_SUBINTERPRETER = """
try:
    import fastlr
except ImportError as error:
    print(error, flush=True)
"""


@pytest.mark.parametrize("backend", ["cpp", "numba"])
def test_subinterpreters_are_refused(backend):
    """In so many words: without that, both backends wait forever in one, on Python 3.11."""
    done = python(
        f"""
        try:
            import _interpreters as interpreters  # Python 3.13
            created = interpreters.create("legacy")
        except ImportError:
            import _xxsubinterpreters as interpreters
            created = interpreters.create(isolated=False)

        interpreters.run_string(created, {IN_A_SUBINTERPRETER!r})
        import fastlr
        print(fastlr.CosineDecay(0.1, 10)(0))
        """,
        backend,
    )
    assert done.returncode == 0, done.stderr
    refusal, rate = done.stdout.splitlines()
    assert "not in subinterpreters" in refusal
    assert float(rate) == fastlr.CosineDecay(0.1, 10)(0)
