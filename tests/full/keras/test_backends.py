"""Keras on other backends than TensorFlow, each in a process of its own: see backend_program.py."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TESTS = HERE.parents[1]
BACKENDS = ["jax", "numpy"]
if importlib.util.find_spec("torch"):  # PyPI's wheel for Linux brings gigabytes of CUDA
    BACKENDS.append("torch")


@pytest.mark.parametrize("backend", BACKENDS)
def test_backend(backend, count_compared):
    result = subprocess.run(
        [sys.executable, HERE / "backend_program.py"],
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS / "keras")]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    compared = re.search(rf"^{backend}: (\d+) values compared$", result.stdout, re.MULTILINE)
    count_compared(f"fastlr.keras and Keras on {backend}", int(compared[1]))
