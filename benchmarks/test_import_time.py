"""What `import fastlr` costs, beside NumPy, which it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

IMPORT = "A process that imports"


@pytest.mark.parametrize("what", ["fastlr", "numpy"])
def test_import(timed, what):
    command = [sys.executable, "-c", f"import {what}"]
    assert subprocess.run(command, check=True).returncode == 0
    timed(IMPORT, what, lambda: subprocess.run(command, check=True), rounds=15)
