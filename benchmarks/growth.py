"""How time and memory grow with the length of a table: 1 to 1,000,000,000 steps.

Longer tables than 100,000,000 go into a memory-mapped file, as a user's would.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import fastlr

COUNTS = [10**exponent for exponent in range(10)]
THREADS = (1, 2)
IN_MEMORY = 10**8


class Growth(NamedTuple):
    """Seconds by number of threads, for each count of steps; and what the longest table took."""

    seconds: dict[int, dict[int, float]]
    constant: dict[int, float]  # np.full, where the table is in memory
    private_bytes: int  # anonymous memory beyond the longest table, which is a file


def measure() -> Growth:
    """Fastest of several rounds for each count and number of threads."""
    seconds: dict[int, dict[int, float]] = {threads: {} for threads in THREADS}
    constant = {}
    private_bytes = 0
    for count in COUNTS:
        schedule = fastlr.CosineDecay(0.1, count)
        if count <= IN_MEMORY:
            constant[count] = best(lambda n=count: np.full(n, 0.1, np.float32), count)
            for threads in THREADS:
                table = table_call(schedule, count, threads)
                seconds[threads][count] = best(table, count)
            continue
        for threads in THREADS:
            taken, grown = into_a_file(schedule, count, threads)
            seconds[threads][count] = taken
            private_bytes = max(private_bytes, grown)
    return Growth(seconds, constant, private_bytes)


def into_a_file(schedule: Any, count: int, threads: int) -> tuple[float, int]:
    """Seconds that writing a new memory-mapped file takes, and anonymous memory that it adds."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.npy"
        out = np.lib.format.open_memmap(file, "w+", np.float32, shape=(count,))
        before = private_memory()
        start = time.perf_counter()
        schedule.table(count, out=out, threads=threads)
        taken = time.perf_counter() - start
        assert out[count // 2] == schedule(count // 2)
        return taken, private_memory() - before


def table_call(schedule: Any, count: int, threads: int) -> Any:
    """A call of ``table`` as a user would write it: one thread is the default for short tables."""
    if threads == 1 and count < 500_000:
        return lambda: schedule.table(count)
    return lambda: schedule.table(count, threads=threads)


def best(function: Any, count: int) -> float:
    """Seconds of the fastest of many rounds, each of many calls where these are short."""
    calls = max(1, 20_000 // count)
    rounds = 5 if count >= 10**7 else 30
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            function()
        times.append((time.perf_counter() - start) / calls)
    return min(times)


def private_memory() -> int:
    """Anonymous memory of this process in bytes; pages of a file do not count."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024


def table(growth: Growth) -> str:
    """Markdown: what a step costs at each length, relative to a step of the longest in memory."""
    unit = growth.seconds[1][IN_MEMORY] / IN_MEMORY
    lines = ["| steps | one thread | two threads | np.full |", "|---:|---:|---:|---:|"]
    for count in COUNTS:
        cells = [f"{growth.seconds[threads][count] / count / unit:,.2f}" for threads in THREADS]
        filled = f"{growth.constant[count] / count / unit:,.2f}" if count in growth.constant else ""
        file = " (into a file)" if count > IN_MEMORY else ""
        lines.append(f"| {count:,}{file} | {' | '.join(cells)} | {filled} |")
    return "\n".join(lines)


def plot(growth: Growth, file: Path) -> None:
    """Draw time against the number of steps, both logarithmic, relative to one step."""
    os.environ.setdefault("MPLBACKEND", "svg")
    import matplotlib

    matplotlib.rcParams["svg.hashsalt"] = "fastlr"
    from matplotlib import pyplot

    unit = growth.seconds[1][1]
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for threads in THREADS:
        times = [growth.seconds[threads][count] / unit for count in COUNTS]
        label = f"table, {threads} thread{'s' if threads > 1 else ''}"
        axes.loglog(COUNTS, times, marker="o", label=label)
    counts = list(growth.constant)
    axes.loglog(counts, [growth.constant[count] / unit for count in counts], ":", label="np.full")
    axes.set(xlabel="steps", ylabel="time (table of one step = 1)")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)
