"""The commands of docs/cli.md run as they stand, from top to bottom."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from fastlr.cli.formats import FORMATS

TEXT = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()


def test_commands(tmp_path):
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE))
    assert commands.count("fastlr table") == 3
    folder = os.path.dirname(sys.executable)
    done = subprocess.run(
        ["bash", "-euc", commands], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = {"lr.npy", "lr.csv", "lr.parquet", "schedule.json", "lr.png", "lr.svg", "lr.pdf"}
    assert {*os.listdir(tmp_path)} == written


def test_every_format_is_described():
    assert re.findall(r"^\| `(\.\w+)` \|", TEXT, re.MULTILINE) == [
        ".npy", ".bin", ".csv", ".json", ".parquet",
    ]  # fmt: skip
    assert len(FORMATS) == 5
