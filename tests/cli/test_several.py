"""``fastlr table`` with several schedules, with a column of epochs, and into pipes."""

from __future__ import annotations

import csv
import json
import os
import subprocess

import numpy as np
import pyarrow.parquet
import pytest
from program import COSINE, assert_one_line, command, in_terminal, program

import fastlr

SCHEDULES = {
    "a": fastlr.CosineDecay(0.1, 100),
    "b,c": fastlr.PiecewiseConstantDecay([50], [0.2, 0.05]).with_warmup(10),
    "step": fastlr.Table([0.3, np.float32(0.2), 0.1]),
}
STEPS = range(10, 120, 3)
RATES = fastlr.tables(SCHEDULES.values(), STEPS.start, STEPS.stop, STEPS.step)
BOUNDS = ["--start", STEPS.start, "--stop", STEPS.stop, "--step", STEPS.step]


@pytest.fixture
def configs(tmp_path):
    """The options that name the files of all schedules."""
    options = []
    for name, schedule in SCHEDULES.items():
        schedule.save(tmp_path / f"{name}.json")
        options += ["--config", f"{name}.json"]
    return options


@pytest.mark.parametrize("ending", [".npy", ".bin", ".json", ".csv", ".parquet"])
def test_a_table_of_several(ending, configs, tmp_path):
    done = program("table", *configs, *BOUNDS, "-o", f"lr{ending}", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"lr{ending}: shape (3, {len(STEPS)}), float32\n"
    output = tmp_path / f"lr{ending}"
    if ending == ".npy":
        read = np.load(output)
    elif ending == ".bin":
        read = np.fromfile(output, "<f4").reshape(RATES.shape)
    elif ending == ".json":
        read = np.array(json.loads(output.read_text()), np.float32)
    elif ending == ".csv":
        header, *rows = csv.reader(output.read_text().splitlines())
        assert header == ["step", "a", "b,c", "step_2"]
        assert [int(row[0]) for row in rows] == list(STEPS)
        read = np.array([row[1:] for row in rows]).astype(np.float32).T
    else:
        table = pyarrow.parquet.read_table(output)
        assert table.column_names == ["step", "a", "b,c", "step_2"]
        assert table["step"].to_pylist() == list(STEPS)
        read = np.array(table.columns[1:])
    assert read.dtype == np.float32
    assert read.tobytes() == RATES.tobytes()


def test_names_of_columns_are_told_apart(configs, tmp_path):
    (tmp_path / "folder").mkdir()
    SCHEDULES["a"].save(tmp_path / "folder" / "a.json")
    for files, names in [
        (["a.json", "folder/a.json"], "a.json,folder/a.json"),
        (["a.json", "a.json", "a.json"], "a.json,a.json_2,a.json_3"),
        (["a.json", "-"], "a,stdin"),
        (["a.json"], "learning_rate"),
    ]:
        options = [word for file in files for word in ("--config", file)]
        text = (tmp_path / "a.json").read_text()
        done = program("table", *options, "--stop", 2, "-o", "-", cwd=tmp_path, text=text)
        assert done.stdout.splitlines()[0] == f"step,{names}"


def test_names_of_files_that_are_not_utf8(configs, tmp_path):
    name = os.fsdecode(b"caf\xe9.json")
    SCHEDULES["a"].save(tmp_path / name)
    for ending in ("csv", "parquet"):
        done = program("table", *configs[:2], "--config", name, "--stop", 2, "-o", f"lr.{ending}",
                       cwd=tmp_path)  # fmt: skip
        assert done.returncode == 0, done.stderr
    header = (tmp_path / "lr.csv").read_text("utf-8").splitlines()[0]
    assert header == "step,a,caf\N{REPLACEMENT CHARACTER}"
    assert pyarrow.parquet.read_table(tmp_path / "lr.parquet").column_names == header.split(",")


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_column_of_epochs(ending, tmp_path):
    done = program("table", *COSINE, "--start", -3, "--stop", 2000, "--steps-per-epoch", 390.5,
                   "-o", f"lr{ending}", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    if ending == ".csv":
        header, *rows = csv.reader((tmp_path / "lr.csv").read_text().splitlines())
        columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    else:
        columns = pyarrow.parquet.read_table(tmp_path / "lr.parquet").to_pydict()
    assert list(columns) == ["step", "epoch", "learning_rate"]
    assert [float(epoch) for epoch in columns["epoch"]] == [s / 390.5 for s in range(-3, 2000)]
    rates = np.array(columns["learning_rate"]).astype(np.float32)
    assert rates.tobytes() == fastlr.CosineDecay(0.1, 1000).table(-3, 2000).tobytes()


def piped(*options):
    words = command("table", *COSINE, "--stop", "1e3", "-o", "-", *options)
    return subprocess.run(words, capture_output=True, check=True).stdout


def test_pipes(tmp_path):
    rates = fastlr.CosineDecay(0.1, 1000).table(1000)
    lines = piped().decode().splitlines()
    assert lines[0] == "step,learning_rate"
    assert piped("--format", "csv").decode().splitlines() == lines
    assert np.array([line.split(",")[1] for line in lines[1:]]).astype("f4").tolist() == [*rates]
    assert json.loads(piped("--format", "json")) == rates.tolist()
    assert piped("--format", "raw") == rates.astype("<f4").tobytes()


def test_text_for_terminals(tmp_path):
    printed = in_terminal("table", *COSINE, "--stop", 2, "-o", "-", cwd=tmp_path)
    assert printed.split() == ["step,learning_rate", "0,0.1", "1,0.09999975"]


def test_a_reader_that_has_enough():
    words = " ".join(command("table", *COSINE, "--stop", "1e9", "-o", "-"))
    done = subprocess.run(
        f"{words} | head -2", shell=True, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("step,learning_rate\n0,0.1\n", "")


def test_no_file_is_made_where_a_schedule_is_refused(configs, tmp_path):
    (tmp_path / "bad.json").write_text("{}")
    done = program("table", *configs, "--config", "bad.json", "-o", "lr.npy", cwd=tmp_path)
    assert "bad.json" in assert_one_line(done, 2)
    assert not (tmp_path / "lr.npy").exists()
