"""Runs all benchmarks and writes their ratios into docs/performance.md and README.md.

    python benchmarks/report.py

Ratios are those of the fastest rounds within one run: on a shared machine nothing else is
repeatable. Beside them are the median of all rounds, and the distance between their quartiles
relative to it. The text between the markers of each file is replaced, the rest is left alone.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import growth

import fastlr
from fastlr._bench import Timing, duration

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

#: The columns and the rows of README's table: the peers of each group that a row shows.
HIGHLIGHTS = {
    "Table of 1,000,000 steps": "table of 1,000,000 steps",
    "One call, `schedule(500)`": "one call",
}
HIGHLIGHTED = {
    "fastlr": ("fastlr", "fastlr"),
    "Keras": ("Keras, called with an array (no warmup)", "Keras on TensorFlow"),
    "optax": ("optax in jax.jit", None),
    "torch": ("torch", None),
    "NumPy": ("NumPy, float32 formula", None),
    "Python, the formula in one line": (None, "Python, the formula in one line"),
}
LOOP = "the loop itself"
PACKAGES = ("numpy", "keras", "tensorflow", "numexpr", "jax", "optax", "torch")


Groups = dict[str, dict[str, Timing]]


def measure() -> Groups:
    """Every peer's time, by group."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "benchmarks.json"
        command = [sys.executable, "-m", "pytest", "-q", "-rs", str(ROOT / "benchmarks")]
        subprocess.run([*command, f"--benchmark-json={file}"], check=True, cwd=ROOT)
        results = json.loads(file.read_text())["benchmarks"]
    groups: Groups = {}
    for result in results:
        timing = Timing(*(result["stats"][name] for name in ("min", "median", "iqr")))
        timing = timing.each(result["extra_info"]["calls"])
        groups.setdefault(result["group"], {})[result["name"]] = timing
    for group, peers in groups.items():
        if loop := peers.pop(LOOP, None):
            groups[group] = {name: timing.without(loop) for name, timing in peers.items()}
    return groups


def table(peers: dict[str, Timing]) -> str:
    """Times, as Markdown; fastlr's default, or one thread, comes first."""
    reference = "fastlr" if "fastlr" in peers else "fastlr, one thread"
    names = [reference, *(name for name in peers if name != reference)]
    lines = [f"| | time relative to {reference} | median | spread |", "|---|---:|---:|---:|"]
    for name in names:
        timing = peers[name]
        ratio = relative(timing.fastest / peers[reference].fastest)
        lines.append(
            f"| {with_version(name)} | {ratio} | {duration(timing.median)} | {spread(timing)} |"
        )
    return "\n".join(lines)


def spread(timing: Timing) -> str:
    """Relative to the median; a dash where the loop that is subtracted leaves next to nothing."""
    is_known = timing.spread < 10 * timing.median
    return f"{timing.spread / timing.median:.0%}" if is_known else "-"


def highlights(groups: Groups) -> str:
    """README's table: medians, and in brackets how many times fastlr's fastest round."""
    lines = [f"| | {' | '.join(HIGHLIGHTS.values())} |", "|---|---:|---:|"]
    for row, names in HIGHLIGHTED.items():
        cells = []
        for group, name in zip(HIGHLIGHTS, names, strict=True):
            timing = groups[group].get(name)
            ratio = timing and relative(timing.fastest / groups[group]["fastlr"].fastest)
            cells.append(f"{duration(timing.median)} ({ratio})" if timing else "")
        lines.append(f"| {with_version(row)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def with_version(peer: str) -> str:
    """The name of a peer, with the version of the package that it names first."""
    word, comma, rest = re.match(r"(\w+)(,?)(.*)", peer, re.DOTALL).groups()
    package = word.lower()
    is_installed = package in PACKAGES and find_spec(package)
    return f"{word} {version(package)}{comma}{rest}" if is_installed else peer


def relative(ratio: float) -> str:
    """A ratio with two significant digits, or three from 1 to 10."""
    if ratio < 0.1:
        return f"{ratio:.1g}"
    return f"{ratio:.2f}" if ratio < 10 else f"{float(f'{ratio:.2g}'):,.0f}"


def provenance() -> str:
    """Where and when the figures were measured."""
    info = fastlr.build_info()
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES if find_spec(name))
    return (
        f"Measured {datetime.date.today()} with `python benchmarks/report.py`: {processor()}, "
        f"{info['processors']} processors (shared with other jobs), {info['compiler']}, "
        f"{info['libm']}, Python {info['python']}, {versions}, fastlr {info['version']}."
    )


def processor() -> str:
    """Model of the processor and the instruction set in use."""
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    return f"{model} ({fastlr.build_info()['isa']})"


def replace_between_markers(file: Path, text: str) -> None:
    """Replace what stands between the markers of a file."""
    before, rest = file.read_text().split(BEGIN)
    _, after = rest.split(END)
    file.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


def numba_section(groups: Groups) -> str:
    """The fallback's times relative to the core's, a row for each schedule."""
    rows: dict[str, list[str]] = {}
    for group, peers in groups.items():
        name = group.removeprefix("Numba: ").split(" | ")[0]
        rows.setdefault(name, []).append(relative(peers["Numba"].fastest / peers["fastlr"].fastest))
    lines = ["| | sorted | shuffled |", "|---|---:|---:|"]
    lines += [f"| {name} | {' | '.join(ratios)} |" for name, ratios in rows.items()]
    return (
        "### The Numba fallback\n\nTime relative to the compiled core, for an int64 array of "
        "1,000,000 steps that is no range, on one thread.\n\n" + "\n".join(lines)
    )


def growth_section() -> str:
    """The section on growth, and its plot beside it."""
    measured = growth.measure()
    growth.plot(measured, ROOT / "docs" / "growth.svg")
    return (
        "### How cost grows\n\nTime per step of `CosineDecay(0.1, n).table(n)`, that of "
        f"{growth.IN_MEMORY:,} steps on one thread being 1:\n\n{growth.table(measured)}\n\n"
        "![time against number of steps](growth.svg)\n\nMemory beyond the table itself while "
        f"{growth.COUNTS[-1]:,} steps were written: {measured.private_bytes / 2**20:.1f} MiB. "
        "The first file of that length, one thread's, takes pages from the machine that the second "
        "reuses."
    )


def main() -> None:
    """Measure and write."""
    measured = measure()
    numba = {group: peers for group, peers in measured.items() if group.startswith("Numba: ")}
    groups = {group: peers for group, peers in measured.items() if group not in numba}
    full = [f"### {group}\n\n{table(peers)}" for group, peers in groups.items()]
    keras = [section for section in full if section.startswith("### Keras face")]
    full = [section for section in full if section not in keras]
    closing = [provenance()]
    docs = ROOT / "docs"
    replace_between_markers(
        docs / "performance.md",
        "\n\n".join([*closing, *full, numba_section(numba), growth_section()]),
    )
    replace_between_markers(docs / "keras.md", "\n\n".join([*keras, *closing]))
    replace_between_markers(ROOT / "README.md", "\n\n".join([highlights(groups), *closing]))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
