"""docs/cpp.md, followed to the letter: its files, its commands, its programs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

import fastlr

TEXT = (ROOT / "docs" / "cpp.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)

#: Files of the first section, in the order of the page.
FILES = ["write_schedule.py", "CMakeLists.txt", "trainer.cpp"]


def run(script: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_every_block_is_run_here():
    assert [language for language, _ in BLOCKS] == ["python", "cmake", "cpp", "sh", "cpp", "c"]
    assert re.findall(r"`([\w.]+)`:\n\n```", TEXT) == FILES


def test_from_nothing_to_a_running_trainer(tmp_path):
    for name, (_, text) in zip(FILES, BLOCKS, strict=False):
        (tmp_path / name).write_text(text)
    printed = re.findall(r"^step +(\d+) rate (\S+)$", run(BLOCKS[3][1], tmp_path), re.MULTILINE)
    schedule = fastlr.CosineDecay(0.0, 900, warmup_target=0.1, warmup_steps=100)
    assert printed == [(str(step), f"{schedule(step):.9g}") for step in range(0, 1000, 250)]
    said = re.search(r"It prints what `schedule\(step\)` is in Python: (.*)\.\n", TEXT)[1]
    assert re.split(r", then |, | and ", said) == [rate for _, rate in printed]


@pytest.mark.parametrize("index", [4, 5])
def test_programs(index, tmp_path):
    language, text = BLOCKS[index]
    (tmp_path / f"trainer.{language}").write_text(text)
    cmake = BLOCKS[1][1].replace("trainer.cpp", f"trainer.{language}")
    strict = "target_compile_options(trainer PRIVATE -Wall -Wextra -Wpedantic -Werror)\n"
    (tmp_path / "CMakeLists.txt").write_text(cmake + strict)
    run(BLOCKS[3][1].split("\n", 1)[1], tmp_path)  # without write_schedule.py
