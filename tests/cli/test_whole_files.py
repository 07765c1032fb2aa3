"""A file is there whole or not at all, whatever ends the program."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import stat
import subprocess
import time

import numpy as np
import pytest
from program import COSINE, assert_one_line, command, environment, program, program_here

ENDLESS = ["table", *COSINE, "--stop", 2**31, "-o", "lr.csv"]  # half an hour

#: With unnamed files, and on file systems that have none.
WITHOUT_UNNAMED = {
    "unnamed": "",
    "hidden": "import os\nif hasattr(os, 'O_TMPFILE'):\n    del os.O_TMPFILE\n",
}


@pytest.fixture(params=WITHOUT_UNNAMED)
def path(request, tmp_path_factory):
    """A folder whose sitecustomize decides which kind of file is written."""
    folder = tmp_path_factory.mktemp("path")
    (folder / "sitecustomize.py").write_text(WITHOUT_UNNAMED[request.param])
    return folder


ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def end_by_signals():
    """A shell starts what is in the background, as tests may be, with SIGINT ignored."""
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def started_writing(path, cwd):
    """The program, once it has written something."""
    with subprocess.Popen(
        command(*ENDLESS), cwd=cwd, env=environment(path), stderr=subprocess.PIPE, text=True,
        preexec_fn=end_by_signals,
    ) as process:  # fmt: skip
        try:
            wait_for_writing(process, cwd)
            yield process
        finally:
            process.kill()


def wait_for_writing(process, cwd):
    for _ in range(600):
        time.sleep(0.05)
        assert process.poll() is None, process.stderr.read()
        for number in os.listdir(f"/proc/{process.pid}/fd"):
            try:
                name = os.readlink(f"/proc/{process.pid}/fd/{number}")
                size = os.stat(f"/proc/{process.pid}/fd/{number}").st_size
            except FileNotFoundError:
                continue
            if name.startswith(str(cwd)) and size > 0:
                return
    raise AssertionError("nothing was written")


@pytest.mark.parametrize("number", ENDING)
def test_signals(number, path, tmp_path):
    (tmp_path / "lr.csv").write_text("mine")
    with started_writing(path, tmp_path) as process:
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == -number
    assert said == ""
    assert os.listdir(tmp_path) == ["lr.csv"]
    assert (tmp_path / "lr.csv").read_text() == "mine"


def test_kill(tmp_path, path):
    with started_writing(path, tmp_path) as process:
        process.kill()
        process.communicate()
    left = os.listdir(tmp_path)
    assert "lr.csv" not in left
    if "O_TMPFILE" not in (path / "sitecustomize.py").read_text():
        assert left == []
    else:
        assert len(left) == 1
        assert left[0].startswith(".fastlr-")


def test_nohup_keeps_its_effect(tmp_path, path):
    process = subprocess.Popen(
        command("table", *COSINE, "--stop", 3_000_000, "-o", "lr.csv"), cwd=tmp_path,
        env=environment(path), preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    time.sleep(1)
    process.send_signal(signal.SIGHUP)
    assert process.wait() == 0
    assert os.listdir(tmp_path) == ["lr.csv"]


@pytest.mark.parametrize("ending", [".npy", ".csv", ".json", ".parquet", ".bin"])
def test_no_room(ending, tmp_path, path):
    """Files may not grow beyond a size: the write fails as on a full disk."""
    (tmp_path / f"lr{ending}").write_text("mine")
    done = subprocess.run(
        command("table", *COSINE, "--stop", 1_000_000, "-o", f"lr{ending}"), cwd=tmp_path,
        capture_output=True, text=True, env=environment(path),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )  # fmt: skip
    assert f"cannot write lr{ending}: File too large" in assert_one_line(done, 1)
    assert os.listdir(tmp_path) == [f"lr{ending}"]
    assert (tmp_path / f"lr{ending}").read_text() == "mine"


def test_more_than_the_disk_has_is_refused_at_once(tmp_path):
    began = time.monotonic()
    done = program("table", *COSINE, "--stop", 10**15, "-o", "lr.npy", cwd=tmp_path)
    assert "4,000,000,000,000,128 bytes" in assert_one_line(done, 1)
    assert time.monotonic() - began < 10
    assert os.listdir(tmp_path) == []


def test_new_files_follow_the_umask_and_old_ones_keep_their_mode(tmp_path, path):
    def write():
        return subprocess.run(
            command("table", *COSINE, "--stop", 5, "-o", "lr.npy"), cwd=tmp_path,
            env=environment(path), preexec_fn=lambda: os.umask(0o027), check=True,
        )  # fmt: skip

    write()
    assert stat.S_IMODE((tmp_path / "lr.npy").stat().st_mode) == 0o640
    (tmp_path / "lr.npy").chmod(0o604)
    write()
    assert stat.S_IMODE((tmp_path / "lr.npy").stat().st_mode) == 0o604
    assert np.load(tmp_path / "lr.npy").size == 5


def test_what_is_no_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "lr.npy")
    done = program("table", *COSINE, "--stop", 5, "-o", "lr.npy", cwd=tmp_path)
    assert "must be a plain file" in assert_one_line(done, 2)
    assert (tmp_path / "lr.npy").is_fifo()


def test_a_folder_without_permission(tmp_path):
    """A folder of the kernel's, in which not even root makes files."""
    done = program("table", *COSINE, "--stop", 5, "-o", "/proc/lr.npy", cwd=tmp_path)
    assert "cannot write /proc/lr.npy: " in assert_one_line(done, 1)


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """A folder where everybody may write, with a file of this user's beside it."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "lr.npy").write_text("mine")
    monkeypatch.chdir(folder)
    return folder


def give_away(link, monkeypatch):
    """Let a link be that of another user: by its owner or, if this is not root, by who asks."""
    if os.geteuid() == 0:
        os.chown(link, 12345, 12345, follow_symlinks=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)


@pytest.mark.parametrize(("link", "target", "output"), [
    ("lr.npy", "../mine/lr.npy", "lr.npy"), ("folder", "../mine", "folder/lr.npy"),
    ("new.npy", "../mine/new.npy", "new.npy"), ("lr.npy", "../mine/lr.npy", "own.npy"),
])  # fmt: skip
def test_links_of_others_are_not_followed(link, target, output, shared, monkeypatch):
    os.symlink("lr.npy", "own.npy")
    os.symlink(target, link)
    give_away(link, monkeypatch)
    done = program_here("table", *COSINE, "--stop", 5, "-o", output)
    assert f"{link} is a link that another user" in assert_one_line(done, 1)
    assert [(file.name, file.read_text()) for file in (shared.parent / "mine").iterdir()] == [
        ("lr.npy", "mine")
    ]
    shared.chmod(0o755)  # where nobody else makes links
    assert program_here("table", *COSINE, "--stop", 5, "-o", output).returncode == 0
    assert np.load(output).size == 5


def test_own_links_are_followed(shared):
    os.symlink("../mine", "folder")
    os.symlink(shared / "folder" / "lr.npy", "first.npy")
    os.symlink("./folder/../shared/first.npy", "second.npy")
    done = program_here("table", *COSINE, "--stop", 5, "-o", "second.npy")
    assert done.returncode == 0, done.stderr
    assert np.load("../mine/lr.npy").size == 5
    assert os.path.islink("second.npy")
