"""The ways into a C or C++ project, each built from a clean folder and compared with Python."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, run

import fastlr

CONSUMERS = Path(__file__).parent / "consumers"


def expected() -> bytes:
    schedule = fastlr.CosineDecay(0.0, 70000, 0.01, warmup_target=0.1, warmup_steps=5000)
    table = schedule.table(-1000, 99_000)
    return np.concatenate([table, table]).tobytes()


@pytest.mark.parametrize(
    ("way", "shared"),
    [
        ("wheel", False),
        ("cmake --install", False),
        ("cmake --install", True),
        ("add_subdirectory", False),
    ],
)
def test_consumers_get_the_bits_of_python(way, shared, request, tmp_path):
    if way == "add_subdirectory":
        options = [f"-DFASTLR_SOURCE={ROOT}"]
    elif shared:
        prefix = tmp_path / "prefix"
        run("cmake", "-S", ROOT, "-B", tmp_path / "lib", "-G", "Ninja", "-DBUILD_SHARED_LIBS=ON")
        run("cmake", "--build", tmp_path / "lib")
        run("cmake", "--install", tmp_path / "lib", "--prefix", prefix)
        options = [f"-DCMAKE_PREFIX_PATH={prefix}"]
    elif way == "wheel":
        site = request.getfixturevalue("installed_wheel")
        options = [f"-DCMAKE_PREFIX_PATH={site}/fastlr"]
    else:
        prefix = request.getfixturevalue("cmake_prefix") / "prefix"
        options = [f"-DCMAKE_PREFIX_PATH={prefix}"]
    run("cmake", "-S", CONSUMERS, "-B", tmp_path / "build", "-G", "Ninja", *options)
    run("cmake", "--build", tmp_path / "build")
    for language in ("c", "cpp"):
        program = tmp_path / "build" / f"consumer_{language}"
        assert subprocess.run([program], capture_output=True, check=True).stdout == expected()


def test_no_symbol_of_one_instruction_set_can_serve_another(cmake_prefix):
    """Weak symbols are merged by the linker: in the kernels of an ISA each must name that ISA."""
    objects = sorted((cmake_prefix / "build").rglob("fastlr_kernels_*/**/kernels.cpp.o"))
    assert len(objects) == len(fastlr.build_info()["isas"])
    for file in objects:
        isa = re.search(r"fastlr_kernels_(\w+)\.dir", str(file))[1].capitalize()
        # Code only: tables of constants are the same everywhere. Mangled, since nm gives up on the
        # longest names; the length stands before a name there.
        symbols = run("nm", "--defined-only", file).splitlines()
        weak = [line for line in symbols if re.match(r"[0-9a-f]+ W ", line)]
        assert weak
        assert [line for line in weak if f"{len(isa)}{isa}" not in line] == []
