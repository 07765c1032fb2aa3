"""C and C++ programs that use the library in the installed package, built by CMake."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from consumers import CONSUMERS, check_consumer


def test_consumers_get_the_bits_of_python(tmp_path, count_compared):
    # CMake and Ninja from PyPI, where they are installed beside Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    def run(*command: object) -> str:
        words = [str(word) for word in command]
        return subprocess.run(
            words, env={**os.environ, "PATH": path}, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    cmakedir = run(sys.executable, "-m", "fastlr", "--cmakedir").strip()
    run("cmake", "-S", CONSUMERS, "-B", tmp_path, "-G", "Ninja", f"-Dfastlr_DIR={cmakedir}")
    run("cmake", "--build", tmp_path)
    for language in ("c", "cpp"):
        compared = check_consumer(tmp_path / f"consumer_{language}", tmp_path)
        count_compared("C and C++ consumers and Python", compared)
