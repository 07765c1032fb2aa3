"""The programs in examples/, and that they are plain Keras programs but for one import."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import matplotlib
import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))


@pytest.fixture(autouse=True)
def without_a_screen(monkeypatch, tmp_path):
    matplotlib.use("agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["example"])


def run(program, capsys):
    runpy.run_path(str(program), run_name="__main__")
    matplotlib.pyplot.close("all")
    return capsys.readouterr().out


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_prints_what_keras_prints(example, tmp_path, capsys):
    theirs = "from keras.optimizers.schedules import"
    plain, changed = re.subn("from fastlr.keras import", theirs, example.read_text())
    assert changed == 1
    (tmp_path / "plain.py").write_text(plain)
    ours = run(example, capsys)
    pictures = {path: path.read_bytes() for path in tmp_path.glob("*.png")}
    assert len(pictures) == (example.stem == "plot_schedule")
    assert run(tmp_path / "plain.py", capsys) == ours != ""
    for path, picture in pictures.items():
        assert path.read_bytes() == picture


def test_all_three_are_there():
    assert [path.stem for path in EXAMPLES] == [
        "ask_an_optimizer", "plot_schedule", "train_on_batch",
    ]  # fmt: skip
