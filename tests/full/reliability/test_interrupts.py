"""Ctrl-C at any moment: KeyboardInterrupt or the complete result, and nothing else ever.

FASTLR_TEST_INTERRUPTS sets how many interrupts each kind of call gets.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TRIES = int(os.environ.get("FASTLR_TEST_INTERRUPTS", "40"))
PROGRAM = Path(__file__).with_name("interrupted_program.py")
KINDS = ["scalar", "slow scalar", "array", "list", "table", "out", "out with threads",
         "constructor", "deserialize", "pickle", "modes"]  # fmt: skip


def run(kind: str, backend: str, tries: int) -> None:
    done = subprocess.run(
        [sys.executable, PROGRAM, kind, str(tries)],
        env={**os.environ, "FASTLR_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=300 + 2 * tries,  # a deadlock, not a slow machine
    )
    assert done.returncode == 0, done.stderr
    interrupted, complete = map(int, done.stdout.split())
    assert interrupted >= tries
    assert complete >= tries // 4


@pytest.mark.parametrize("backend", ["cpp", "numba"])
@pytest.mark.parametrize("kind", KINDS)
def test_interrupts_at_random_moments(kind, backend):
    run(kind, backend, TRIES if backend == "cpp" else TRIES // 4)


def test_interrupts_of_the_import():
    """Also, the next import succeeds."""
    run("import", "cpp", TRIES // 4)
