"""fastlr from C++: single steps beside the formula with std::cos, and tables beside Python's."""

from __future__ import annotations

import ctypes
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import fastlr

CALLS = 10_000
STEPS = 1_000_000
SINGLE = "C++: one call of a loop"
TABLE = f"C++: table of {STEPS:,} steps into memory of the caller"
PACKAGE = Path(fastlr.__file__).parent


@pytest.fixture(scope="session")
def loops(tmp_path_factory):
    """The functions of loops.cpp, linked with the library that the wheel holds."""
    library = tmp_path_factory.mktemp("cpp") / "loops.so"
    command = [
        os.environ.get("CXX", "c++"), "-std=c++17", "-O2", "-shared", "-fPIC", "-pthread",
        f"-I{PACKAGE / 'include'}", str(Path(__file__).parent / "cpp" / "loops.cpp"),
        str(PACKAGE / "lib" / "libfastlr.a"), "-o", str(library),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    functions = ctypes.CDLL(str(library))
    for name in ("single_steps", "formula"):
        getattr(functions, name).restype = ctypes.c_float
        getattr(functions, name).argtypes = [ctypes.c_int64]
    functions.table.argtypes = [ctypes.c_int64, ctypes.c_void_p]
    return functions


@pytest.mark.parametrize(
    ("function", "peer"),
    [("single_steps", "fastlr"), ("formula", "the formula, inlined, with std::cos")],
)
def test_single_steps(timed, loops, function, peer):
    schedule = fastlr.CosineDecay(0.1, 1000)
    expected = np.float32(0)
    for step in range(CALLS):
        expected += np.float32(schedule(step & 511))
    call = getattr(loops, function)
    assert call(CALLS) == expected  # the C library's cosine is the one that fastlr has
    timed(SINGLE, peer, lambda: call(CALLS), calls=CALLS, rounds=200)


def test_table(timed, loops):
    out = np.empty(STEPS, np.float32)
    loops.table(STEPS, out.ctypes.data)
    assert out.tobytes() == fastlr.CosineDecay(0.1, STEPS, 0.01).table(STEPS).tobytes()
    timed(TABLE, "fastlr", lambda: loops.table(STEPS, out.ctypes.data))


def test_table_of_python(timed):
    schedule = fastlr.CosineDecay(0.1, STEPS, 0.01)
    out = np.empty(STEPS, np.float32)
    assert schedule.table(STEPS, out=out) is out
    timed(TABLE, "fastlr from Python", lambda: schedule.table(STEPS, out=out))
