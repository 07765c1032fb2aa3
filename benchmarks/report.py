"""Runs all benchmarks and writes their ratios into docs/performance.md and README.md.

    python benchmarks/report.py

Figures are ratios of the fastest rounds within one run: on a shared machine nothing else is
repeatable. The text between the markers of each file is replaced, the rest is left alone.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import fastlr

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

#: What README shows of each group, besides fastlr itself.
HIGHLIGHTS = {
    "Table of 1,000,000 steps": [
        "NumPy, float32 formula",
        "Keras, called with an array (no warmup)",
    ],
    "One call, `schedule(500)`": ["Python, `math` formula", "Keras on TensorFlow"],
}


def measure() -> dict[str, dict[str, float]]:
    """Fastest round of every peer, in seconds, by group."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "benchmarks.json"
        command = [sys.executable, "-m", "pytest", "-q", str(ROOT / "benchmarks")]
        subprocess.run([*command, f"--benchmark-json={file}"], check=True, cwd=ROOT)
        results = json.loads(file.read_text())["benchmarks"]
    groups: dict[str, dict[str, float]] = {}
    for result in results:
        groups.setdefault(result["group"], {})[result["name"]] = result["stats"]["min"]
    return groups


def table(peers: dict[str, float], names: list[str] | None = None) -> str:
    """Times relative to fastlr's, as Markdown; fastlr's default, or one thread, comes first."""
    reference = "fastlr" if "fastlr" in peers else "fastlr, one thread"
    names = [reference, *(name for name in names or peers if name != reference)]
    lines = [f"| | time relative to {reference} |", "|---|---:|"]
    lines += [f"| {name} | {relative(peers[name] / peers[reference])} |" for name in names]
    return "\n".join(lines)


def absolute(groups: dict[str, dict[str, float]]) -> str:
    """One absolute figure, for scale."""
    taken = groups["Table of 1,000,000 steps"]["fastlr"]
    return f"For scale: the table of 1,000,000 steps took fastlr {taken * 1e3:.2f} ms in this run."


def relative(ratio: float) -> str:
    """A ratio with two significant digits."""
    return f"{ratio:.2f}" if ratio < 10 else f"{float(f'{ratio:.2g}'):,.0f}"


def provenance() -> str:
    """Where and when the figures were measured."""
    info = fastlr.build_info()
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "keras", "tensorflow"))
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


def main() -> None:
    """Measure and write."""
    groups = measure()
    full = [f"### {group}\n\n{table(peers)}" for group, peers in groups.items()]
    short = [f"**{group}**\n\n{table(groups[group], names)}" for group, names in HIGHLIGHTS.items()]
    closing = [f"{provenance()} {absolute(groups)}"]
    replace_between_markers(ROOT / "docs" / "performance.md", "\n\n".join([*closing, *full]))
    replace_between_markers(ROOT / "README.md", "\n\n".join([*short, *closing]))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
