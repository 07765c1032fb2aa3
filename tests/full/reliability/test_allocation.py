"""Memory that runs out at any moment: each allocation of a call fails in turn.

For the C ABI tests/full/cpp/test_allocation.cpp does the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from allocation_program import CALLS

FOLDER = Path(__file__).parent


@pytest.fixture(scope="module")
def failing_malloc(tmp_path_factory):
    """The library, compiled."""
    library = tmp_path_factory.mktemp("library") / "failing_malloc.so"
    compiler = os.environ.get("CC") or shutil.which("cc") or "gcc"
    subprocess.run(
        [*compiler.split(), "-O1", "-shared", "-fPIC", "-fno-builtin", "-o", library,
         FOLDER / "failing_malloc.c"], check=True,
    )  # fmt: skip
    return library


@pytest.mark.parametrize("call", CALLS)
def test_every_allocation_may_fail(failing_malloc, call):
    """MemoryError, or the complete result; the process and the schedule go on as before."""
    run = subprocess.run(
        [sys.executable, FOLDER / "allocation_program.py", call],
        env={
            **os.environ,
            "LD_PRELOAD": str(failing_malloc),
            "PYTHONMALLOC": "malloc",
            "PYTHONFAULTHANDLER": "1",
        },
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    failed, *ends = run.stdout.split()
    assert int(failed) > 0
    assert {end.partition("=")[0] for end in ends} <= {"MemoryError", "complete"}, run.stdout


def test_less_memory_than_a_table_needs():
    """As `ulimit -v` sets it: MemoryError, and whatever fits still works."""
    program = """
import resource
import numpy as np
import fastlr

schedule = fastlr.CosineDecay(0.1, 1000)
steps = np.arange(60_000_000, dtype=np.int8)
in_use = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (in_use + (64 << 20), -1))
wide = np.broadcast_to(np.int64(5), (1 << 40,))
for call in (lambda: schedule.table(60_000_000), lambda: schedule.table(300_000_000),
             lambda: schedule(steps), lambda: schedule(wide), lambda: schedule.table(2**40)):
    try:
        call()
        print("was granted")
    except MemoryError:
        pass
assert schedule.table(1000)[999] == schedule(999)
assert schedule.table(2_000_000, threads=64)[5] == schedule(5)  # no room for stacks of threads
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
