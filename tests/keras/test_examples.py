"""The programs in examples/: those with Keras are plain Keras programs but for one import."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import matplotlib
import pytest

ALL = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
#: By tests/full/jax and tests/full/torch.
ELSEWHERE = ("train_optax", "train_torch_resume")
EXAMPLES = [path for path in ALL if path.stem not in ELSEWHERE]
PLAIN = [path for path in EXAMPLES if path.stem not in ("sweep", "train_with_wsd")]


@pytest.fixture(autouse=True)
def without_a_screen(monkeypatch, tmp_path):
    matplotlib.use("agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["example"])


def run(program, capsys):
    runpy.run_path(str(program), run_name="__main__")
    matplotlib.pyplot.close("all")
    return capsys.readouterr().out


@pytest.mark.parametrize("example", PLAIN, ids=lambda path: path.stem)
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


def test_training_with_wsd_continues(capsys):
    (example,) = [path for path in EXAMPLES if path.stem == "train_with_wsd"]
    lines = run(example, capsys).splitlines()
    assert [line.split("loss")[0].strip() for line in lines] == [
        "epoch 1  rate 0.100000", "epoch 2  rate 0.100000", "epoch 3  rate 0.100000",
        "resumed at step 30 of 60",
        "epoch 4  rate 0.100000", "epoch 5  rate 0.055000", "epoch 6  rate 0.005000",
    ]  # fmt: skip


def test_sweep(capsys):
    (example,) = [path for path in EXAMPLES if path.stem == "sweep"]
    lines = run(example, capsys).splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("peak 0.1000  warmup   5  loss 0.000")


def test_all_are_there():
    assert [path.stem for path in ALL] == [
        "ask_an_optimizer", "plot_schedule", "sweep", "train_on_batch", "train_optax",
        "train_torch_resume", "train_with_wsd",
    ]  # fmt: skip
