"""Memory that runs out; tests/full/cpp/test_allocation.cpp lets each allocation fail in C."""

from __future__ import annotations

import subprocess
import sys


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
