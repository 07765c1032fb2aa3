"""What ``fastlr table`` writes, read back by what people read it with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from bits import assert_same_bits
from program import COSINE, assert_one_line, program
from registry import CONFIGS, ROWS

import fastlr
from fastlr.cli.formats import FORMATS, RateTable


def read_npy(file, dtype):
    return None, np.load(file)


def read_bin(file, dtype):
    return None, np.fromfile(file, np.dtype(dtype).newbyteorder("<"))


def read_csv(file, dtype):
    lines = file.read_text().splitlines()
    assert lines[0] == "step,learning_rate"
    rows = [line.split(",") for line in lines[1:]]
    # A float32 from its text directly, not through a double.
    return [int(step) for step, _ in rows], np.array([rate for _, rate in rows]).astype(dtype)


def read_json(file, dtype):
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    rates = json.loads(file.read_text(), parse_constant=refuse)
    return None, np.array(rates, dtype)


def read_parquet(file, dtype):
    table = pyarrow.parquet.read_table(file)
    assert table.column_names == ["step", "learning_rate"]
    return table["step"].to_pylist(), table["learning_rate"].to_numpy()


READERS = {".npy": read_npy, ".csv": read_csv, ".json": read_json, ".parquet": read_parquet,
           ".bin": read_bin}  # fmt: skip


def test_every_format_is_read_here():
    assert READERS.keys() == FORMATS.keys()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("ending", FORMATS)
def test_the_program(ending, dtype, tmp_path):
    output = tmp_path / f"lr{ending}"
    done = program("table", *COSINE, "--start", 900, "--stop", -50, "--step", -7, "--dtype", dtype,
                   "--threads", 2, "-o", output)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    steps, rates = READERS[ending](output, dtype)
    assert rates.dtype == dtype
    expected = fastlr.CosineDecay(np.dtype(dtype).type(0.1) if dtype == "float64" else 0.1, 1000)
    assert_same_bits(rates, expected.table(900, -50, -7), range(900, -50, -7), ending)
    assert steps is None or steps == list(range(900, -50, -7))


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize(("start", "step", "count"), [
    (0, 1, 0), (5, 1, 1), (0, 1, 2 * (1 << 16) + 3), (-(2**63), 2**61, 8), (2**63 - 2, 1, 2),
    (-(2**63), 2**64 - 1, 2), (10, -3, 1000),
])  # fmt: skip
def test_pieces(ending, start, step, count, tmp_path):
    """More than one piece, none at all, and the ends of int64."""
    schedule = fastlr.CosineDecayRestarts(0.1, 1000, m_mul=0.9)
    told = []
    output = tmp_path / f"lr{ending}"
    rates = RateTable([schedule], start, step, count, threads=1).telling(told.append)
    with open(output, "wb") as file:
        FORMATS[ending].write(file, rates)
    stop = start + count * step
    steps, read = READERS[ending](output, "float32")
    assert_same_bits(read, schedule.table(start, stop, step), range(start, stop, step), ending)
    assert steps is None or steps == list(range(start, stop, step))
    assert sum(told) == count
    size = FORMATS[ending].size(rates)
    assert size is None or size == output.stat().st_size


@pytest.mark.parametrize("ending", [".csv", ".json"])
@pytest.mark.parametrize("class_name", ROWS)
def test_text_keeps_every_bit(ending, class_name, tmp_path):
    """In every regime: subnormals, infinities and NaN among them."""
    for config in [config for name, config in CONFIGS if name == class_name]:
        schedule = getattr(fastlr, class_name).from_config(config)
        with open(tmp_path / "lr", "wb") as file:
            FORMATS[ending].write(file, RateTable([schedule], -3, 7, 400))
        expected = schedule.table(-3, -3 + 2800, 7)
        if ending == ".json":
            expected[~np.isfinite(expected)] = np.nan  # null: JSON has no infinity either
        _, read = READERS[ending](tmp_path / "lr", "float32")
        assert_same_bits(read, expected, range(-3, 2797, 7), repr(schedule))


def test_json_holds_what_the_schedule_returns(tmp_path):
    done = program("table", *COSINE, "--stop", 1001, "-o", "lr.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    schedule = fastlr.CosineDecay(0.1, 1000)
    assert json.loads((tmp_path / "lr.json").read_text())[500] == schedule(500)


def test_csv_is_short(tmp_path):
    done = program("table", *COSINE, "--stop", 2, "-o", "lr.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "lr.csv").read_text() == "step,learning_rate\n0,0.1\n1,0.09999975\n"


def test_config(tmp_path):
    schedule = fastlr.PiecewiseConstantDecay([100, 150], [0.1, 0.05, 1e-3])
    text = json.dumps(fastlr.serialize(schedule))
    (tmp_path / "schedule.json").write_text(text)
    for name, dtype in [("schedule.json", "float32"), ("-", "float32"), ("-", "float64")]:
        done = program("table", "--config", name, "--stop", 200, "--dtype", dtype, "-o", "lr.npy",
                       cwd=tmp_path, text=text if name == "-" else "")  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert np.load(tmp_path / "lr.npy").dtype == dtype
        single = np.load(tmp_path / "lr.npy").astype(np.float32)
        assert single.tobytes() == schedule.table(200).tobytes()


def test_config_of_keras(tmp_path):
    """Written by Keras itself."""
    import keras

    schedule = keras.optimizers.schedules.CosineDecay(0.1, 1000, warmup_target=1.0, warmup_steps=9)
    text = json.dumps(keras.optimizers.schedules.serialize(schedule))
    done = program("table", "--config", "-", "--stop", 20, "-o", "lr.npy", cwd=tmp_path, text=text)
    assert done.returncode == 0, done.stderr
    expected = fastlr.CosineDecay(0.1, 1000, warmup_target=1.0, warmup_steps=9).table(20)
    assert np.load(tmp_path / "lr.npy").tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("\xff\xfe", "not JSON"),
        ("[1, 2]", "no dict of a schedule"),
        ('{"class_name": "Cosine", "config": {}}', "the class must be one of"),
        ('{"class_name": "CosineDecay", "config": {}}', "decay_steps"),
        ('{"class_name": "CosineDecay", "config": {"initial_learning_rate": NaN, '
         '"decay_steps": 1}}', "must be finite"),
        ('{"class_name": "CosineDecay", "config": {"initial_learning_rate": 1' + "0" * 5000
         + ', "decay_steps": 1}}', "--config -"),
    ],
    ids=range(9),
)  # fmt: skip
def test_configs_that_are_refused(text, said, tmp_path):
    done = program("table", "--config", "-", "--stop", 5, "-o", "lr.npy", cwd=tmp_path, text=text)
    line = assert_one_line(done, 2)
    assert said in line
    assert len(line) < 500
    assert list(tmp_path.iterdir()) == []


def test_a_config_without_an_end(tmp_path):
    done = program("table", "--config", "/dev/zero", "--stop", 5, "-o", "lr.npy", cwd=tmp_path)
    assert "at most" in assert_one_line(done, 2)


def test_memory_stays_flat(tmp_path):
    """A table of 400 MB by a process that may have far less beyond what Python and NumPy take."""
    measured = subprocess.run(
        [sys.executable, "-c", """if True:
            import resource, subprocess, sys
            subprocess.run(sys.argv[1:], check=True)
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)""",
         sys.executable, "-m", "fastlr", "table", *COSINE, "--stop", "100000000", "-o", "lr.npy"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (tmp_path / "lr.npy").stat().st_size == 400_000_128
    assert int(measured.stdout.split()[-1]) < 100_000  # KiB
    tail = np.load(tmp_path / "lr.npy", mmap_mode="r")
    assert tail[500] == np.float32(fastlr.CosineDecay(0.1, 1000)(500))


def test_every_format_is_described():
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
    described = re.findall(r"^\| `(\.\w+)` \|", page, re.MULTILINE)
    assert sorted(described) == sorted(FORMATS)
