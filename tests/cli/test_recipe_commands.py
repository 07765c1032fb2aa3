"""Recipes as subcommands, and files with compositions."""

from __future__ import annotations

import json

import numpy as np
import pytest
from program import assert_one_line, program

import fastlr
from fastlr import recipes


@pytest.mark.parametrize(
    ("words", "schedule"),
    [
        ("linear-with-warmup --peak 3e-4 --total-steps 90 --warmup-steps 10 --end-rate 1e-5",
         recipes.linear_with_warmup(3e-4, 90, 10, end=1e-5)),
        ("cosine-with-warmup --peak 3e-4 --total-steps 90 --warmup-steps 10 --start-rate 1e-5",
         recipes.cosine_with_warmup(3e-4, 90, 10, start=1e-5)),
        ("inverse-sqrt-with-warmup --peak 3e-4 --warmup-steps 10",
         recipes.inverse_sqrt_with_warmup(3e-4, 10)),
        ("warmup-stable-decay --peak 1 --warmup-steps 9 --stable-steps 0 --decay-steps 50 "
         "--shape sqrt", recipes.warmup_stable_decay(1, 9, 0, 50, shape="sqrt")),
        ("one-cycle --peak 0.1 --total-steps 90 --end-rate 0", recipes.one_cycle(0.1, 90, end=0)),
        ("constant --learning-rate 0.1", fastlr.Constant(0.1)),
        ("table --values 0.1,0.3,1e-3", fastlr.Table([0.1, 0.3, 1e-3])),
    ],
)  # fmt: skip
def test_subcommands(words, schedule, tmp_path):
    done = program("table", *words.split(), "--stop", 100, "-o", "lr.npy", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert np.load(tmp_path / "lr.npy").tobytes() == schedule.table(100).tobytes()
    done = program("plot", *words.split(), "-o", "lr.svg", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "lr.svg").stat().st_size > 1000


def test_recipes_in_float64(tmp_path):
    words = "one-cycle --peak 0.1 --total-steps 90 --dtype float64 --stop 100 -o lr.npy"
    done = program("table", *words.split(), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    expected = recipes.one_cycle(np.float64(0.1), 90).table(100)
    assert np.load(tmp_path / "lr.npy").tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_compositions_from_files(dtype, tmp_path):
    rate = np.dtype(dtype).type
    values = np.array([0.1, 0.2], dtype)
    parts = [fastlr.Table(values), fastlr.ExponentialDecay(rate(0.1), 9, 0.5).clipped(minimum=0.01)]
    schedule = fastlr.Join(parts, [20]).shifted(5)
    plain = json.dumps(fastlr.serialize(schedule))
    done = program("table", "--config", "-", "--dtype", dtype, "--stop", 100, "-o", "lr.npy",
                   cwd=tmp_path, text=plain)  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = np.load(tmp_path / "lr.npy")
    assert written.dtype == dtype
    assert written.tobytes() == schedule.table(100).tobytes()
    done = program("plot", "--config", "-", "-o", "lr.svg", cwd=tmp_path, text=plain)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("linear-with-warmup --peak 1 --total-steps 9 --warmup-steps 9", "`warmup_steps` must be"),
        ("linear-with-warmup --peak 1 --total-steps 9", "Missing option '--warmup-steps'"),
        ("linear-with-warmup --peak x --total-steps 9 --warmup-steps 9", "'x' is not a number"),
        ("one-cycle --peak 1 --total-steps 1.5", "`total_steps` must be an integer"),
        ("warmup-stable-decay --peak 1 --warmup-steps 1 --stable-steps 1 --decay-steps 1 "
         "--shape round", "'round' is not one of 'linear', 'cosine', 'sqrt'"),
        ("join --schedules 1", "No such command 'join'"),
    ],
)  # fmt: skip
def test_errors(words, said, tmp_path):
    done = program("table", *words.split(), "--stop", 5, "-o", "lr.npy", cwd=tmp_path)
    assert said in assert_one_line(done, 2)


def test_a_part_of_somebodys_own(tmp_path):
    own = {"class_name": "Own", "config": {"rate": 1}}
    written = {"class_name": "Scale", "config": {"schedule": own, "factor": 2.0}}
    done = program("plot", "--config", "-", text=json.dumps(written))
    line = assert_one_line(done, 2)
    assert "the class must be one of" in line
    assert "Received: 'Own'" in line
