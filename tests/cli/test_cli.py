"""``fastlr table`` as it is used, wrong use of the program, info and bench."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib import metadata

import click
import numpy as np
import pytest
from program import COSINE, assert_one_line, command, program, program_here

import fastlr
from fastlr.cli import program as program_group

TABLE = ["table", *COSINE]
STAIRS = ["piecewise-constant-decay", "--boundaries", "1"]
WIDE = ["--dtype", "float64", "--stop", "5", "-o", "lr.npy"]


def test_table(tmp_path):
    output = tmp_path / "lr.npy"
    done = program(*TABLE, "--stop", 2000, "--output", output)
    assert done.returncode == 0, done.stderr
    assert np.load(output).tobytes() == fastlr.CosineDecay(0.1, 1000).table(2000).tobytes()
    assert os.listdir(tmp_path) == ["lr.npy"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--stop", 2000], "shape (2000,), float32, from 0.1 at step 0 to 0.0 at step 1,999"),
        (["--stop", 1, "--dtype", "float64"],
         "shape (1,), float64, from 0.1 at step 0 to 0.1 at step 0"),
        (["--start", 1001, "--stop", 0, "--step", -1000, "--execution", "xla"],
         "shape (2,), float32, from 0.0 at step 1,001 to 0.09999975 at step 1"),
        (["--stop", 0], "shape (0,), float32"),
    ],
)  # fmt: skip
def test_what_was_written_is_said_in_one_line(options, said, tmp_path):
    done = program(*TABLE, *options, "-o", "lr.npy", cwd=tmp_path)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", f"lr.npy: {said}\n")


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
    ("command", "config", "schedule"),
    [
        ("cosine-decay", {"initial_learning_rate": 1e300, "decay_steps": 1000},
         fastlr.CosineDecay(np.float64(1e300), 1000)),
        ("cosine-decay", {"initial_learning_rate": 10**300, "decay_steps": 1000},
         fastlr.CosineDecay(np.float64(1e300), 1000)),
        ("piecewise-constant-decay", {"boundaries": [3], "values": [1e300, 1]},
         fastlr.PiecewiseConstantDecay([3], [np.float64(1e300), np.float64(1)])),
    ],
)  # fmt: skip
def test_float64_from_options_and_from_files(command, config, schedule, tmp_path):
    written = {"class_name": type(schedule).__name__, "config": config}
    options = [
        word
        for name, value in config.items()
        for word in (f"--{name.replace('_', '-')}", str(value).strip("[]").replace(" ", ""))
    ]
    for arguments in ([command, *options], ["--config", "-"]):
        done = program("table", *arguments, "--dtype", "float64", "--stop", 9, "-o", "lr.npy",
                       cwd=tmp_path, text=json.dumps(written))  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert np.load(tmp_path / "lr.npy").tobytes() == schedule.table(9).tobytes()


@pytest.mark.parametrize("config", [
    {"initial_learning_rate": 10**400, "decay_steps": 1},
    {"initial_learning_rate": "1", "decay_steps": 1}, {"initial_learning_rate": True},
    {"values": 5}, {"values": [None], "boundaries": []}, {}, [], None,
])  # fmt: skip
def test_float64_refuses_files_as_float32_does(config, tmp_path):
    written = json.dumps({"class_name": "CosineDecay", "config": config})
    for dtype in ("float32", "float64"):
        done = program("table", "--config", "-", "--dtype", dtype, "--stop", 9, "-o", "lr.npy",
                       cwd=tmp_path, text=written)  # fmt: skip
        assert "--config -: " in assert_one_line(done, 2)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["table"], 2, "Usage"),
        (["table", "cosine"], 2, "No such command"),
        ([*TABLE, "--step", "-1", "--output", "lr.npy"], 2, "--stop"),
        ([*TABLE[:-1], "1e10", "--output", "lr.npy"], 2, "--stop"),
        (
            ["table", "cosine-decay", "0.1", "1000"],
            2,
            "--initial-learning-rate 0.1 --decay-steps 1000",
        ),
        ([*TABLE, "0.5", "--stop", "5"], 2, "have names"),
        (["plot", "cosine-decay", "0.1", "1000", "--stop", "9"], 2, "--decay-steps 1000."),
        (["table", "schedule.json", "--stop", "5"], 2, "--config schedule.json"),
        (["plot", "schedule.json"], 2, "--config schedule.json"),
        ([*TABLE, "-o", "lr.npy", "--format", "csv"], 2, "--format is for --output -"),
        ([*TABLE, "-o", "-", "--format", "parquet"], 2, "--format"),
        ([*TABLE, "-o", "lr.json", "--steps-per-epoch", "9"], 2, "csv or parquet"),
        ([*TABLE, "-o", "lr.csv", "--steps-per-epoch", "0"], 2, "--steps-per-epoch"),
        ([*TABLE, "--stop", "1.5", "--output", "lr.npy"], 2, "'1.5' is not an integer"),
        ([*TABLE, "--stop", "1e999999999", "--output", "lr.npy"], 2, "not an integer"),
        ([*TABLE, "--stop", "5"], 2, "--output"),
        ([*TABLE, "--stop", "5", "--output", "lr.txt"], 2, ".npy"),
        ([*TABLE, "--stop", "five", "--output", "lr.npy"], 2, "--stop"),
        ([*TABLE, "--stop", "5", "--step", "0", "--output", "lr.npy"], 2, "step"),
        ([*TABLE, "--stop", "5", "--alpha", "nan", "--output", "lr.npy"], 2, "alpha"),
        ([*TABLE, "--stop", "5", "--alpha", "x", "--output", "lr.npy"], 2, "--alpha"),
        ([*TABLE[:-1], "0", "--stop", "5", "--output", "lr.npy"], 2, "decay_steps"),
        (
            [*TABLE, "--initial-learning-rate", "9" * 400, *WIDE],
            2,
            "`initial_learning_rate` must fit float64",
        ),
        (
            ["table", *STAIRS, "--values", "1," + "9" * 400, *WIDE],
            2,
            "`values` must fit float64",
        ),
        ([*TABLE, "--sto", "5"], 2, "--stop"),
        ([*TABLE, "--stop", "5", "--execution", "jit", "-o", "lr.npy"], 2, "'eager', 'graph'"),
        (
            [*TABLE, "--stop", "5", "--dtype", "float64", "--execution", "xla", "-o", "lr.npy"],
            2,
            "no exact formula in float64",
        ),
        ([*TABLE, "--stop", "5", "--threads", "0", "-o", "lr.npy"], 2, "--threads"),
        (["table", "--stop", "5", *COSINE, "-o", "lr.npy"], 2, "--stop must come after"),
        (["table", "--config", "no.json", "--stop", "5", "-o", "lr.npy"], 2, "no.json: No such"),
        (["table", "--config", ".", "--output", "lr.npy"], 2, "--config ."),
        (["table", "--config", "a", *COSINE, "--stop", "5", "-o", "lr.npy"], 2, "not both"),
        (["table", "--config", "a", "--config", "b", "--stop", "5", "-o", "lr.npy"], 2, "a: No"),
        (["plot"], 2, "Usage"),
        (["plot", *COSINE, "--stop", "5", *COSINE, "--stop", "9"], 2, "--stop is for the whole"),
        (["plot", "--stop", "5", *COSINE, "--stop", "9"], 2, "--stop is for the whole"),
        (["plot", *COSINE, "--stop", str(10**24)], 2, "stop"),
        (["plot", *COSINE, "--start", str(2**63)], 2, "start"),
        (["plot", *COSINE, "--steps-per-epoch", "nan"], 2, "--steps-per-epoch"),
        (["plot", *COSINE, "--steps-per-epoch", "inf", "-o", "a.png"], 2, "--steps-per-epoch"),
        (["plot", *COSINE, "--initial-learning-rate", "0", "--log-scale"], 2, "rate above 0"),
        (["plot", *COSINE, "--output", "lr.txt"], 2, ".svg"),
        (["plot", *COSINE, "--stop", "0"], 2, "--stop must be above --start"),
        (["plot", *COSINE, "--steps-per-epoch", "0"], 2, "--steps-per-epoch"),
        (["plot", *COSINE, "--output", "no/such/folder/lr.png"], 1, "no/such/folder"),
        (["verify", "--only", "torch"], 2, "--only"),
        (["completion", "tcsh"], 2, "tcsh"),
        (["--verion"], 2, "--version"),
        ([*TABLE, "--stop", "5", "--output", "no/such/folder/lr.npy"], 1, "no/such/folder"),
        ([*TABLE, "--stop", str(10**15), "--output", "lr.npy"], 1, "bytes"),
    ],
)
def test_errors(arguments, status, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = program_here(*arguments)
    assert said in assert_one_line(done, status)
    assert os.listdir(tmp_path) == []


def test_the_program_alone_prints_its_help():
    done = program_here()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: fastlr ")
    assert "Commands:" in done.stdout


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ([], range(1100)),
        (["--start", "1e3"], range(1000, 1100)),
        (["--start", "2e3"], range(2000, 2002)),
        (["--start", "-1e1", "--stop", "1.5e3", "--step", "1e1"], range(-10, 1500, 10)),
    ],
)
def test_steps_are_numbers_and_stop_has_a_default(options, steps, tmp_path):
    done = program(*TABLE, *options, "-o", "lr.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "lr.csv").read_text().splitlines()[1:]
    assert [int(line.split(",")[0]) for line in lines] == list(steps)


def test_an_existing_file_survives_failure(tmp_path):
    (tmp_path / "lr.npy").write_text("mine")
    assert program(*TABLE, "--stop", 10**15, "--output", "lr.npy", cwd=tmp_path).returncode == 1
    assert (tmp_path / "lr.npy").read_text() == "mine"


def test_info():
    printed = program("info", KERAS_BACKEND="tensorflow").stdout
    said = dict(re.findall(r"^(\S+) +(.*)$", printed, re.MULTILINE))
    for key, value in fastlr.build_info().items():
        assert said[key] == (", ".join(value) if isinstance(value, list) else str(value))
    assert said["keras"] == metadata.version("keras")
    assert said["KERAS_BACKEND"] == "tensorflow"
    assert said["installed"].endswith("fastlr")
    assert said["processor"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FASTLR_BACKEND", "fortran", "must be 'cpp' or 'numba'"),
        ("FASTLR_NUM_THREADS", "many", "must be a whole number"),
        ("FASTLR_NUM_THREADS", "9" * 5000, "must be a whole number"),
        ("FASTLR_ISA", "mmx", "cannot be honoured"),
    ],
)
def test_settings_that_make_no_sense(name, value, said):
    # With `-m`, Python itself imports the package and says that it cannot.
    assert said in assert_one_line(program("info", **{name: value}), 1, sys.executable)
    script = os.path.join(os.path.dirname(sys.executable), "fastlr")
    done = subprocess.run(
        [script, "info"], capture_output=True, text=True, env={**os.environ, name: value}
    )
    assert said in assert_one_line(done, 1)
    # Elsewhere it is an exception.
    done = subprocess.run(
        [sys.executable, "-c", "import fastlr"], capture_output=True, text=True,
        env={**os.environ, name: value},
    )  # fmt: skip
    assert "Traceback" in done.stderr


def test_a_backend_that_cannot_be_loaded(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['numba'] = None\n")
    done = program("info", path=tmp_path, FASTLR_BACKEND="numba")
    assert "pip install numba" in assert_one_line(done, 1, sys.executable)


@pytest.mark.parametrize(
    ("package", "extra", "arguments"),
    [
        ("click", "cli", ["info"]),
        ("plotille", "cli", ["plot", *COSINE]),
        ("matplotlib", "plot", ["plot", *COSINE, "-o", "lr.png"]),
        ("pyarrow", "parquet", [*TABLE, "--stop", "5", "-o", "lr.parquet"]),
    ],
)
def test_missing_extras(package, extra, arguments, tmp_path):
    """A package that is not installed, as far as imports and finders can tell."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hide:\n"
        "    def find_spec(self, name, *rest):\n"
        f"        if name.split('.')[0] == {package!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Hide())\n"
        "import importlib.util as util\n"
        "found = util.find_spec\n"
        f"util.find_spec = lambda name: None if name == {package!r} else found(name)\n"
    )
    line = assert_one_line(program(*arguments, path=hidden, cwd=tmp_path), 1)
    assert package in line.lower()
    assert f"pip install '.[{extra}]' in a checkout" in line
    assert os.listdir(tmp_path) == ["hidden"]


def commands(group=program_group, before=()):
    for name, found in group.commands.items():
        yield (*before, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*before, name))


@pytest.mark.parametrize("words", [(), *commands()], ids=" ".join)
def test_help(words, monkeypatch):
    """Every help text is whole, and those that have room for it show how a command is used."""
    monkeypatch.setenv("COLUMNS", "60")
    done = program_here(*words, "--help")
    assert done.returncode == 0, done.stderr
    assert "..." not in re.sub(r"\[ARGS\]\.\.\.|NUMBER,\.\.\.|\]\.\.\.", "", done.stdout)
    if len(words) < 2:
        assert "Examples:\n    " in done.stdout or "Examples:\n  " in done.stdout
        example = re.search(r"Examples:\n +(.+)", done.stdout)[1]
        assert "fastlr" in example
        assert all(word in example for word in words)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell):
    done = program("completion", shell)
    assert done.returncode == 0, done.stderr
    assert "_FASTLR_COMPLETE" in done.stdout
    assert "%(" not in done.stdout


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("fastlr ta", {"table"}),
        ("fastlr table cosine-decay-", {"cosine-decay-restarts"}),
        ("fastlr table cosine-decay --warm", {"--warmup-target", "--warmup-steps"}),
        ("fastlr table cosine-decay --execution ", {"eager", "graph", "xla"}),
    ],
)
def test_completed_words(words, wanted):
    """What the script of bash asks the program."""
    script = os.path.join(os.path.dirname(sys.executable), "fastlr")
    done = subprocess.run(
        [script], capture_output=True, text=True,
        env={**os.environ, "_FASTLR_COMPLETE": "bash_complete", "COMP_WORDS": words,
             "COMP_CWORD": str(words.count(" "))},
    )  # fmt: skip
    assert {line.split(",")[1] for line in done.stdout.split()} == wanted


def test_a_reader_that_has_enough():
    """As in `fastlr table --help | head -1`."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import os, sys; os.close(0); from fastlr.cli import main;"
         "sys.argv = ['fastlr', 'info']; main()"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


def test_version_and_entry_point():
    assert fastlr.__version__ in program("--version").stdout
    script = os.path.join(os.path.dirname(sys.executable), "fastlr")
    assert (
        fastlr.__version__
        in subprocess.run([script, "--version"], capture_output=True, text=True).stdout
    )


@pytest.mark.parametrize("stream", ["0<&-", "1>&-", "2>&-"])
@pytest.mark.parametrize("words", [["info"], ["plot", *COSINE], ["table", *COSINE, "--stop", "9"]])
def test_streams_that_are_closed(stream, words, tmp_path):
    if words[0] == "table":
        words = [*words, "--output", "lr.npy"]
    done = subprocess.run(
        ["bash", "-c", f'"$@" {stream}', "bash", *command(*words)],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert os.listdir(tmp_path) == (["lr.npy"] if words[0] == "table" else [])


def test_plots_far_from_zero(tmp_path):
    restarts = ["--initial-learning-rate", 0.1, "--first-decay-steps", 1, "--t-mul", 1]
    done = program("plot", "cosine-decay-restarts", *restarts, "--start", 10**12, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", [["table", "--stop", 5, "-o", "lr.npy"], ["plot"]])
def test_files_with_a_class_of_somebodys_own(command, tmp_path):
    written = json.dumps({"class_name": "Own", "config": {"rate": 1}})
    done = program(*command, "--config", "-", cwd=tmp_path, text=written)
    line = assert_one_line(done, 2)
    assert "--config -: the class must be one of " in line
    assert "Received: 'Own'. Write the table" in line


def test_models_that_keras_saved(tmp_path):
    """As `fastlr.load` reads them; a test of that has real ones."""
    rate = fastlr.serialize(fastlr.CosineDecay(0.1, 1000))
    optimizer = {"class_name": "SGD", "config": {"learning_rate": rate}}
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("config.json", json.dumps({"compile_config": {"optimizer": optimizer}}))
    config = ["--config", "model.keras"]
    done = program("table", *config, "--stop", 1000, "-o", "lr.npy", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert np.array_equal(
        np.load(tmp_path / "lr.npy"), fastlr.load(tmp_path / "model.keras").table(1000)
    )
    done = program("plot", *config, "--output", "lr.svg", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    wide = ["--dtype", "float64", "--stop", 9, "-o", "wide.npy"]
    assert program("table", *config, *wide, cwd=tmp_path).returncode == 0
    expected = fastlr.CosineDecay(np.float64(0.1), 1000).table(9)
    assert np.array_equal(np.load(tmp_path / "wide.npy"), expected)


def test_models_without_a_schedule(tmp_path):
    (tmp_path / "model.h5").write_bytes(b"\x89HDF\r\n")
    done = program("plot", "--config", "model.h5", cwd=tmp_path)
    assert "--config model.h5: an HDF5 file" in assert_one_line(done, 2)
    done = program("plot", "--config", "-", cwd=tmp_path, text='{"compile_config": {}}')
    assert "--config -: a model that was not compiled" in assert_one_line(done, 2)


def test_warmup_steps_without_a_target_are_a_line_on_stderr(tmp_path):
    idle = json.dumps(fastlr.serialize(fastlr.CosineDecay(0.1, 1000, warmup_steps=9)))
    for arguments in ([*COSINE, "--warmup-steps", 9], ["--config", "-"]):
        done = program("table", *arguments, "--stop", 5, "-o", "lr.npy", cwd=tmp_path, text=idle)
        assert done.returncode == 0
        (line,) = done.stderr.splitlines()
        assert line.startswith("fastlr: warning: Argument `warmup_steps` has no effect")
        assert np.array_equal(np.load(tmp_path / "lr.npy"), fastlr.CosineDecay(0.1, 1000).table(5))
