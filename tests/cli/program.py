"""The real program, in a process of its own, also in a terminal; or in this one, faster."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from fastlr.cli import main

COSINE = ["cosine-decay", "--initial-learning-rate", "0.1", "--decay-steps", "1000"]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "fastlr", *map(str, arguments)]


def environment(path: object = "", **variables: str) -> dict[str, str]:
    return {**os.environ, **({"PYTHONPATH": str(path)} if path else {}), **variables}


def program(
    *arguments: object, cwd: object = None, path: object = "", text: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        input=text,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(path, **variables),
    )


def program_here(*arguments: object) -> subprocess.CompletedProcess[str]:
    """As `program`, in this process and its folder: for words that are refused or explained."""
    words = ["fastlr", *map(str, arguments)]
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", words),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            return subprocess.CompletedProcess(words, end.code, out.getvalue(), err.getvalue())
    raise AssertionError("the program did not end")


def in_terminal(*arguments: object, cwd: Path, columns: int = 100, lines: int = 40) -> str:
    """All that the program prints on a pseudo-terminal; it must succeed."""
    ours, theirs = pty.openpty()
    size: dict[str, Any] = {"COLUMNS": str(columns), "LINES": str(lines), "TERM": "xterm-256color"}
    process = subprocess.Popen(
        command(*arguments), cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs,
        env=environment(**size),
    )  # fmt: skip
    os.close(theirs)
    printed = b""
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # Linux's end of a terminal that nobody has open any more
            break
        if not piece:
            break
        printed += piece
    os.close(ours)
    assert process.wait() == 0, printed.decode()
    return printed.decode()


def assert_one_line(
    done: subprocess.CompletedProcess[str], status: int, speaker: str = "fastlr"
) -> str:
    """The only line on stderr."""
    assert done.returncode == status, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith(f"{speaker}: ")
    assert done.stdout == ""
    return lines[0]
