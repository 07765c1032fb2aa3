"""`save` and `load`: files of schedules, whole or not at all, and files of anything else."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest
from registry import ROWS
from test_composition import VALUES, Halving

import fastlr
from fastlr import _files
from fastlr._config_limits import LARGEST_CONFIG

COSINE = fastlr.CosineDecay(0.1, 1000)
WRITTEN = fastlr.serialize(COSINE)
ADAM = {
    "class_name": "Adam",
    "config": {"name": "adam", "learning_rate": WRITTEN, "clipnorm": None},
}


def model(optimizer, **others):
    """The JSON of a model, as far as it is read."""
    described = {"class_name": "Sequential", "config": {"layers": []}, "build_config": {}}
    return {**described, "compile_config": {"optimizer": optimizer, "loss": "mse"}, **others}


def archive(config, method=zipfile.ZIP_DEFLATED, name="config.json"):
    """The bytes of a .keras archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        made.writestr("metadata.json", "{}")
        made.writestr(name, config if isinstance(config, bytes) else json.dumps(config))
        made.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n" + bytes(100))
    return file.getvalue()


def load(content, folder):
    """What `fastlr.load` makes of a file with this content."""
    path = folder / "file"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return fastlr.load(path)


@pytest.mark.parametrize("class_name", ROWS)
def test_saved_and_loaded(class_name, tmp_path):
    for config in ROWS[class_name].configs[::7]:
        schedule = fastlr.deserialize({"class_name": class_name, "config": config})
        schedule.save(tmp_path / "schedule.json")
        assert fastlr.load(tmp_path / "schedule.json") == schedule
        assert json.loads((tmp_path / "schedule.json").read_text()) == json.loads(
            json.dumps(fastlr.serialize(schedule))
        )
    assert os.listdir(tmp_path) == ["schedule.json"]


def test_compositions_and_names_of_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for schedule in VALUES:
        if schedule._has_kernel() and schedule._dtype == "float32":
            for path in ("a.json", "./a.json", tmp_path / "a.json", b"a.json"):
                schedule.save(path)
                assert fastlr.load(path) == schedule
    fastlr.CosineDecay(np.float64(0.1), 10).save("wide")
    assert fastlr.load("wide") == fastlr.CosineDecay(0.1, 10)


def test_an_older_file_stays_where_saving_fails(tmp_path, monkeypatch):
    path = tmp_path / "schedule.json"
    path.write_text("mine")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            COSINE.save(path)
    assert path.read_text() == "mine"
    assert os.listdir(tmp_path) == ["schedule.json"]
    path.chmod(0o640)
    COSINE.save(path)
    assert path.stat().st_mode & 0o777 == 0o640
    assert fastlr.load(path) == COSINE


def test_what_cannot_be_saved(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", "/dev/null"):
        with pytest.raises(ValueError, match="must name a plain file"):
            COSINE.save(path)
    with pytest.raises(FileNotFoundError):
        COSINE.save(tmp_path / "no" / "such.json")
    with pytest.raises(NotImplementedError):
        fastlr.LearningRateSchedule().save(tmp_path / "a.json")
    monkeypatch.setattr(_files, "LARGEST_CONFIG", 1000)
    with pytest.raises(ValueError, match=r"at most 1,000 bytes of JSON.* Received: 2"):
        fastlr.Table(np.linspace(0.1, 0.2, 100)).save(tmp_path / "a.json")
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_schedule_of_ones_own(tmp_path):
    """Saved, and loaded by who has the class."""
    Halving().save(tmp_path / "own.json")
    with pytest.raises(ValueError, match=r"own\.json: .* 'Halving'.*custom_objects"):
        fastlr.load(tmp_path / "own.json")
    written = json.loads((tmp_path / "own.json").read_text())
    assert fastlr.deserialize(written, {"Halving": Halving}) == Halving()


@pytest.mark.parametrize(
    "written",
    [
        WRITTEN,
        {"class_name": "CosineDecay", "config": WRITTEN["config"]},
        {**WRITTEN, "module": "fastlr.keras", "registered_name": "fastlr>CosineDecay"},
        ADAM,
        ADAM["config"],
        {"name": "old", "learning_rate": WRITTEN, "decay": 0.0},
        {"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": ADAM}},
        {"inner_optimizer": {"class_name": "Twice", "config": {"inner_optimizer": ADAM}}},
        {"optimizer": ADAM, "loss": "mse"},
        {"optimizer": None, "generator": ADAM, "loss": "mse"},
        model(ADAM),
        archive(model(ADAM)),
        archive(model(ADAM), zipfile.ZIP_STORED),
    ],
)
def test_where_a_schedule_may_stand(written, tmp_path):
    assert load(written, tmp_path) == COSINE


@pytest.mark.parametrize(
    ("optimizer", "schedule"),
    [
        ({"learning_rate": 0.5, "clipnorm": None}, fastlr.Constant(0.5)),
        ({"learning_rate": 1, "decay": 0.0}, fastlr.Constant(1)),
        ({"learning_rate": 0.5, "decay": 0.1}, fastlr.InverseTimeDecay(0.5, 1, 0.1)),
    ],
)
def test_constant_rates(optimizer, schedule, tmp_path):
    assert load(optimizer, tmp_path) == schedule
    assert load({"class_name": "SGD", "config": optimizer}, tmp_path) == schedule
    assert load(model({"class_name": "SGD", "config": optimizer}), tmp_path) == schedule


def test_schedules_with_the_keys_of_optimizers(tmp_path):
    assert load(fastlr.serialize(fastlr.Constant(0.5)), tmp_path) == fastlr.Constant(0.5)
    own = {"class_name": "Own", "config": {"learning_rate": 0.5, "decay": 0.1}}
    with pytest.raises(ValueError, match="'mine>Own'"):
        load({**own, "registered_name": "mine>Own"}, tmp_path)


def test_a_table_schedule_holds_its_last_rate(tmp_path):
    written = {"schedule": WRITTEN, "steps": 5}
    rate = {"class_name": "TableSchedule", "config": written, "registered_name": "fastlr>Table"}
    schedule = load(model({"class_name": "SGD", "config": {"learning_rate": rate}}), tmp_path)
    assert schedule == fastlr.Join([COSINE, fastlr.Constant(COSINE(4))], [5])
    written["schedule"] = fastlr.serialize(fastlr.Table([0.1, 0.2, 0.3, 0.4, 0.5]))
    assert load(rate, tmp_path) == fastlr.Table([0.1, 0.2, 0.3, 0.4, 0.5])


def with_rate(rate):
    return model({"class_name": "SGD", "config": {"learning_rate": rate, "clipnorm": None}})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"\x80\x04K\x01.", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b" " * (LARGEST_CONFIG + 1), "at most 16,777,216 bytes"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        ([WRITTEN], "no dict of a schedule, optimizer or model"),
        ({"a": 1}, r"a dict of no schedule, optimizer or model.*\['a'\]"),
        (COSINE.get_config(), "a dict of no schedule"),
        ({**WRITTEN, "class_name": "Other"}, "Unknown schedule class: 'Other'"),
        ({**WRITTEN, "registered_name": "mine>CosineDecay"}, "the class 'mine>CosineDecay'"),
        ({**WRITTEN, "config": None}, "'class_name' and 'config'"),
        ({**WRITTEN, "config": {**WRITTEN["config"], "decay_steps": 0}}, "`?decay_steps`? must be"),
        ({**WRITTEN, "config": {f"k{i}": 1 for i in range(10_001)}}, "more than 10000 keys"),
        (model(ADAM, compile_config={}), "not compiled"),
        ({"class_name": "Model", "config": {}, "keras_version": "2.15.0"}, "not compiled"),
        (model(ADAM, compile_config={"optimizer": ADAM, "other": ADAM}), "several optimizers"),
        (model("sgd"), "'sgd' by name alone"),
        (model(None), "compiled without an optimizer"),
        (model({"class_name": "Multi", "config": {"map": []}}), "'Multi'"),
        (model({"class_name": "Scaled", "config": {"inner_optimizer": {}}}), "without a learning"),
        (with_rate({"class_name": "__lambda__", "config": {"value": ["x"]}}), "not executed"),
        (with_rate({"class_name": "function", "config": "rate"}), "not executed"),
        (with_rate(None), "not a number or a schedule"),
        (with_rate({"class_name": "Own", "config": {}, "registered_name": "Own"}), "class 'Own'"),
        ({"name": "old", "learning_rate": WRITTEN, "decay": 0.1}, "decay=0.1"),
        ({"class_name": "TableSchedule", "config": 5}, "config of TableSchedule: 5"),
        ({"class_name": "TableSchedule", "config": {"steps": 0}}, "`steps` must be > 0"),
        (
            {"class_name": "TableSchedule", "config": {"steps": 2**60}},
            r"`steps` .* < 2\*\*31",
        ),
        ({"class_name": "TableSchedule", "config": {"steps": True}}, "`steps` must be an integer"),
        ({"class_name": "TableSchedule", "config": {"steps": 5}}, "'class_name' and 'config'"),
        (archive(model(ADAM), name="other.json"), "without the config.json"),
        (archive(model(ADAM), zipfile.ZIP_LZMA), "compressed by method 14"),
        (archive(model(ADAM))[:-30], "cannot be read"),
        (archive(b" " * (LARGEST_CONFIG + 1)), "at most 16,777,216 bytes"),
    ],
)
def test_files_without_a_schedule(content, said, tmp_path):
    with pytest.raises(ValueError, match=said) as caught:
        load(content, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'file'}: ")
    assert len(str(caught.value)) < 2000


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError):
        fastlr.load(tmp_path / "no.json")
    with pytest.raises(IsADirectoryError):
        fastlr.load(tmp_path)
    for wrong in (3, None, WRITTEN):
        for use in (fastlr.load, COSINE.save):
            with pytest.raises(TypeError, match=r"`path` must be .* Received: path="):
                use(wrong)


def test_a_large_model(tmp_path):
    """Limits of keys and depth are of the schedule: a model has thousands of layers."""
    layers = [{"class_name": "Dense", "config": {"name": f"d{i}", "units": 1}} for i in range(9000)]
    assert load(archive(model(ADAM, config={"layers": layers})), tmp_path) == COSINE


def test_a_zip_bomb_and_a_long_list_of_contents(tmp_path):
    """No more than the limit is unpacked, or read of what an archive says it holds."""
    bomb, long = tmp_path / "bomb.keras", tmp_path / "long.keras"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("config.json", "w", force_zip64=True) as member,
    ):
        for _ in range(40):
            member.write(bytes(1 << 21))
    with zipfile.ZipFile(long, "w") as made:
        made.writestr("config.json", json.dumps(model(ADAM)))
        made.getinfo("config.json").comment = bytes(60_000)
        made.filelist *= 300
        made._didModify = True
    for path, said in ((bomb, "at most 16,777,216 bytes"), (long, "cannot be read")):
        tracemalloc.start()
        try:
            with pytest.raises(ValueError, match=said):
                fastlr.load(path)
            assert tracemalloc.get_traced_memory()[1] < 5 * LARGEST_CONFIG
        finally:
            tracemalloc.stop()


def test_damaged_archives(tmp_path):
    """A schedule or a ValueError, whichever byte is changed and wherever the file ends."""
    whole = archive(model(ADAM))
    rng = np.random.default_rng(1)
    damaged = [whole[:end] for end in range(0, len(whole), 23)]
    for _ in range(200):
        changed = bytearray(whole)
        changed[rng.integers(len(whole))] = rng.integers(256)
        damaged.append(bytes(changed))
    for content in damaged:
        with contextlib.suppress(ValueError):
            assert isinstance(load(content, tmp_path), fastlr.LearningRateSchedule)


def test_an_archive_on_a_failing_disk(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    content = archive(model(ADAM))
    monkeypatch.setattr(zipfile.ZipFile, "open", fail)
    with pytest.raises(OSError, match="Input/output error"):
        load(content, tmp_path)


def test_over_an_older_file_on_windows(tmp_path, monkeypatch):
    """Before Python 3.13 there is no os.fchmod."""
    monkeypatch.delattr(os, "fchmod")
    for schedule in (fastlr.Constant(0.1), COSINE):
        schedule.save(tmp_path / "a.json")
    assert fastlr.load(tmp_path / "a.json") == COSINE


def test_a_pipe_and_an_import_that_costs_nothing(tmp_path):
    program = (
        "import sys, fastlr; assert not {'zipfile', 'shutil', 'keras'} & {*sys.modules};"
        "print(repr(fastlr.load('/dev/stdin')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(ADAM),
        capture_output=True,
        text=True,
        env={**os.environ, "FASTLR_BACKEND": "cpp"},  # Numba imports half of the library
    )
    assert done.stdout == f"{COSINE!r}\n", done.stderr


AUDITED = """
import json, sys, fastlr
path = sys.argv[1]
seen = []

def load():
    try:
        print(fastlr.load(path))
    except ValueError as error:
        print(error)

load()  # imports zipfile
sys.addaudithook(lambda event, arguments: seen.append(event))
load()
print(seen)
"""


@pytest.mark.parametrize("rate", [0.5, {"class_name": "__lambda__", "config": {"value": ["4wA="]}}])
def test_nothing_is_imported_or_executed(rate, tmp_path):
    """Python itself tells of every import, eval, file and process: there is the file alone."""
    (tmp_path / "model.keras").write_bytes(archive(with_rate(rate)))
    done = subprocess.run(
        [sys.executable, "-c", AUDITED, tmp_path / "model.keras"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "FASTLR_BACKEND": "cpp"},
    )
    assert done.stdout.splitlines()[-1] == "['open']"
