"""What building the core costs: processor seconds and bytes, by file. Needs pybind11, cmake, ninja.

python benchmarks/build.py
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOG = "FASTLR_BUILD_LOG"


def processor_seconds() -> float:
    """What the programs that this one started have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed_compiler(command: list[str]) -> int:
    """Run one compiler, as CMake's launcher, and note what it used and wrote."""
    status = subprocess.call(command)
    output = command[command.index("-o") + 1]
    size = os.path.getsize(output) if status == 0 else 0
    with open(os.environ[LOG], "a", encoding="utf-8") as log:
        log.write(f"{processor_seconds():.1f}\t{size}\t{output}\n")
    return status


def build(folder: Path) -> None:
    """Build the extension and the library on two processors."""
    log = folder / "log"
    pybind11 = subprocess.check_output(
        [sys.executable, "-m", "pybind11", "--cmakedir"], text=True
    ).strip()
    configure = [
        "cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
        "-DFASTLR_PYTHON=ON", "-DFASTLR_PYTHON_DIR=.", f"-Dpybind11_DIR={pybind11}",
        f"-DPython_EXECUTABLE={sys.executable}",
        f"-DCMAKE_CXX_COMPILER_LAUNCHER={sys.executable};{Path(__file__).resolve()};--timed",
    ]  # fmt: skip
    subprocess.run(configure, check=True, stdout=subprocess.DEVNULL)
    before, start = processor_seconds(), time.perf_counter()
    subprocess.run(
        ["cmake", "--build", folder, "-j2", "--target", "_core", "fastlr"],
        check=True, stdout=subprocess.DEVNULL, env=os.environ | {LOG: str(log)},
    )  # fmt: skip
    elapsed, used = time.perf_counter() - start, processor_seconds() - before

    rows = [line.split("\t") for line in log.read_text(encoding="utf-8").splitlines()]
    linking = used - sum(float(seconds) for seconds, _, _ in rows)
    print("processor s        MB  object")
    for seconds, size, output in sorted(rows, key=lambda row: -float(row[0])):
        isa = re.search(r"(?:kernels|self_check)_(\w+)\.dir", output)
        file = output.partition("src/cpp/")[2] if isa or "bindings" not in output else output
        name = re.sub(r".*\.dir/(src/cpp/)?|\.o$", "", file) + (f", {isa[1]}" if isa else "")
        print(f"{float(seconds):11.1f}{int(size) / 1e6:10.2f}  {name}")
    print(f"{linking:11.1f}            linking, with the optimisation of the bindings")
    print(f"{used:11.1f}            in all, in {elapsed:.0f} s")
    extension = next(folder.glob("src/cpp/bindings/_core*"))
    subprocess.run(["strip", extension], check=True)
    for file in (extension, folder / "libfastlr.a"):
        print(f"{file.stat().st_size / 1e6:21.2f}  {file.name}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--timed"]:
        sys.exit(timed_compiler(sys.argv[2:]))
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
