"""The real program, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import numpy as np
import pytest

import fastlr

TABLE = ["table", "cosine-decay", "--initial-learning-rate", "0.1", "--decay-steps", "1000"]


def program(
    *arguments: object, cwd: object = None, path: object = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fastlr", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(path)} if path else os.environ,
    )


def test_table(tmp_path):
    output = tmp_path / "lr.npy"
    done = program(*TABLE, "--stop", 2000, "--output", output)
    assert done.returncode == 0, done.stderr
    assert np.load(output).tobytes() == fastlr.CosineDecay(0.1, 1000).table(2000).tobytes()
    assert os.listdir(tmp_path) == ["lr.npy"]


def test_every_option(tmp_path):
    done = program(
        *TABLE, "--alpha", 0.1, "--warmup-target", "1e0", "--warmup-steps", 50, "--name", "x",
        "--start", 2000, "--stop", -5, "--step", -3, "-o", "lr.npy", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    schedule = fastlr.CosineDecay(0.1, 1000, 0.1, "x", 1.0, 50)
    assert np.load(tmp_path / "lr.npy").tobytes() == schedule.table(2000, -5, -3).tobytes()


@pytest.mark.parametrize(
    ("command", "options", "schedule"),
    [
        ("exponential-decay", ["--decay-steps", 100, "--decay-rate", 0.96, "--staircase"],
         fastlr.ExponentialDecay(0.1, 100, 0.96, staircase=True)),
        ("inverse-time-decay", ["--decay-steps", 100, "--decay-rate", 0.5],
         fastlr.InverseTimeDecay(0.1, 100, 0.5)),
        ("polynomial-decay", ["--decay-steps", 100, "--power", 0.9, "--cycle"],
         fastlr.PolynomialDecay(0.1, 100, power=0.9, cycle=True)),
        ("cosine-decay-restarts", ["--first-decay-steps", 100, "--t-mul", 1.5],
         fastlr.CosineDecayRestarts(0.1, 100, 1.5)),
        ("piecewise-constant-decay", ["--boundaries", "100,150", "--values", "0.1,0.05,1e-3"],
         fastlr.PiecewiseConstantDecay([100, 150], [0.1, 0.05, 1e-3])),
    ],
)  # fmt: skip
@pytest.mark.parametrize("execution", ["eager", "xla"])
def test_every_schedule(command, options, schedule, execution, tmp_path):
    if command != "piecewise-constant-decay":
        options = ["--initial-learning-rate", 0.1, *options]
    done = program("table", command, *options, "--stop", 300, "--execution", execution,
                   "-o", "lr.npy", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = schedule.table(300, execution=execution)
    assert np.load(tmp_path / "lr.npy").tobytes() == expected.tobytes()


def test_a_replaced_file_keeps_its_permissions_and_links(tmp_path):
    (tmp_path / "real.npy").touch(mode=0o600)
    (tmp_path / "lr.npy").symlink_to("real.npy")
    assert program(*TABLE, "--stop", 5, "--output", "lr.npy", cwd=tmp_path).returncode == 0
    assert (tmp_path / "lr.npy").is_symlink()
    assert (tmp_path / "real.npy").stat().st_mode & 0o777 == 0o600
    assert np.load(tmp_path / "real.npy").size == 5


def test_large_integers_stay_exact(tmp_path):
    output = tmp_path / "lr.npy"
    steps = 2**60 + 2**36 + 1
    program("table", "cosine-decay", "--initial-learning-rate", 1, "--decay-steps", steps,
            "--start", 2**59, "--stop", 2**59 + 3, "--output", output)  # fmt: skip
    schedule = fastlr.CosineDecay(1, steps)
    assert np.load(output).tobytes() == schedule.table(2**59, 2**59 + 3).tobytes()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([], 2, "Usage"),
        (["table"], 2, "Usage"),
        (["table", "cosine"], 2, "No such command"),
        ([*TABLE, "--output", "lr.npy"], 2, "--stop"),
        ([*TABLE, "--stop", "5"], 2, "--output"),
        ([*TABLE, "--stop", "5", "--output", "lr.txt"], 2, ".npy"),
        ([*TABLE, "--stop", "five", "--output", "lr.npy"], 2, "--stop"),
        ([*TABLE, "--stop", "5", "--step", "0", "--output", "lr.npy"], 2, "step"),
        ([*TABLE, "--stop", "5", "--alpha", "nan", "--output", "lr.npy"], 2, "alpha"),
        ([*TABLE, "--stop", "5", "--alpha", "x", "--output", "lr.npy"], 2, "--alpha"),
        ([*TABLE[:-1], "0", "--stop", "5", "--output", "lr.npy"], 2, "decay_steps"),
        ([*TABLE, "--stop", "5", "--output", "no/such/folder/lr.npy"], 1, "no/such/folder"),
        ([*TABLE, "--stop", str(10**15), "--output", "lr.npy"], 1, "bytes"),
    ],
)
def test_errors(arguments, status, said, tmp_path):
    done = program(*arguments, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert os.listdir(tmp_path) == []


def test_an_existing_file_survives_failure(tmp_path):
    (tmp_path / "lr.npy").write_text("mine")
    assert program(*TABLE, "--stop", 10**15, "--output", "lr.npy", cwd=tmp_path).returncode == 1
    assert (tmp_path / "lr.npy").read_text() == "mine"


def test_info():
    printed = program("info").stdout
    for key, value in fastlr.build_info().items():
        assert key in printed
        assert (", ".join(value) if isinstance(value, list) else str(value)) in printed


def test_version_and_entry_point():
    assert fastlr.__version__ in program("--version").stdout
    script = os.path.join(os.path.dirname(sys.executable), "fastlr")
    assert (
        fastlr.__version__
        in subprocess.run([script, "--version"], capture_output=True, text=True).stdout
    )


def test_bench():
    done = program("bench")
    assert done.returncode == 0, done.stderr
    sections = re.split(r"^(?=\S)", done.stdout, flags=re.MULTILINE)
    titles = [section.splitlines()[0] for section in sections if section]
    assert len([title for title in titles if "1,000,000 steps" in title]) == 2
    assert "one call, schedule(500)" in titles
    ratios = dict(re.findall(r"^  (.+?)  +([\d.,]+)$", done.stdout, re.MULTILINE))
    assert ratios["fastlr"] == "1.00"
    assert float(ratios["Keras"].replace(",", "")) > 1000  # what the project promises is 10,000
    assert fastlr.build_info()["isa"] in titles[-1]


def test_bench_leaves_out_what_is_not_installed(tmp_path):
    """Keras is hidden by a finder that denies it."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as util\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'keras' else found(name, *rest)\n"
    )
    done = program("bench", path=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "left out: keras (not installed)" in done.stdout
    assert "Keras" not in done.stdout
