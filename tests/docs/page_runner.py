"""Runs a page's Python and shell blocks, from top to bottom, and checks the values they name."""

from __future__ import annotations

import ast
import doctest
import io
import os
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from blocks import Block

#: What a comment begins with where it names a value: a number, a string, a display, a call.
VALUE = re.compile(r"-?\d|['\"\[({]|(True|False|None)\b|[\w.]+\(")
#: Lets a value be followed by words: `# 0.5, a Python float`.
SEPARATOR = ", "


def run(blocks: Iterable[Block], folder: Path) -> int:
    """Run blocks of one page, in a folder that is the working directory; how many values they name.

    Raises
    ------
    AssertionError
        Where a value or an output is another than the page says, or a command fails.
    """
    namespace: dict[str, Any] = {"__name__": "__page__"}
    named = 0
    waiting: set[str] = set()
    for block in blocks:
        if block.file:
            (folder / block.file).write_text(block.text)
        if block.language == "python":
            named += run_python(block, namespace)
        elif block.language == "sh":
            shell(block, block.text, folder)
        elif block.language == "console":
            named += run_console(block, folder)
        else:
            waiting.add(f"{block}")
            continue
        if block.language != "python" and re.search("cmake --build|cythonize", block.text):
            waiting.clear()
    assert not waiting, f"no command builds {waiting}"
    return named


def run_python(block: Block, namespace: dict[str, Any]) -> int:
    """Execute a block, statement by statement, and compare what its comments say."""
    comments = {line: text for line, text in _comments(block.text) if VALUE.match(text)}
    named = len(comments)
    for statement in ast.parse(block.text).body:
        claim = comments.pop(statement.end_lineno or 0, None)
        ast.increment_lineno(statement, block.line)
        if isinstance(statement, ast.Expr):
            code = compile(ast.Expression(statement.value), block.page, "eval")
            value = eval(code, namespace)
        else:
            exec(compile(ast.Module([statement], []), block.page, "exec"), namespace)
            value = None
            if claim is not None:
                assert isinstance(statement, ast.Assign), f"{block}: whose value is {claim}?"
                value = eval(ast.unparse(statement.targets[0]), namespace)
        if claim is not None:
            where = f"{block.page}:{statement.end_lineno}"
            assert f"{claim}, ".startswith(f"{value!r}{SEPARATOR}"), (
                f"{where}: {value!r}, not {claim}"
            )
    assert not comments, f"{block}: values inside of statements are not checked: {comments}"
    return named


def _comments(source: str) -> Iterable[tuple[int, str]]:
    """Comments that follow code, by line."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
            yield token.start[0], token.string.lstrip("# ")


def run_console(block: Block, folder: Path) -> int:
    """Run the commands behind `$`, and compare what follows each; `...` stands for anything."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert not parts[0].strip(), f"{block}: begins with output"
    checker = doctest.OutputChecker()
    for part in parts[1:]:
        command, _, expected = part.partition("\n")
        while command.endswith("\\"):
            line, _, expected = expected.partition("\n")
            command = f"{command}\n{line.removeprefix('> ')}"
        printed = shell(block, command, folder)
        assert checker.check_output(expected, printed, doctest.ELLIPSIS), (
            f"{block}: {command}\nprints\n{printed}\nnot\n{expected}"
        )
    return len(parts) - 1


def shell(block: Block, script: str, folder: Path) -> str:
    """What a script prints to both streams; the environment's own programs come first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{block}: exit {done.returncode}\n{done.stdout}"
    return done.stdout


# ---- C and C++ ----------------------------------------------------------------------------------


def compiled_programs(blocks: Iterable[Block]) -> list[tuple[Block, Block]]:
    """Pairs of a CMakeLists.txt and a source: each source belongs to the one above it."""
    programs, cmake = [], None
    for block in blocks:
        if block.language == "cmake":
            cmake = block
        elif block.runner == "compiler":
            assert cmake is not None, f"{block}: no cmake block above"
            assert cmake.page == block.page, f"{block}: no cmake block above"
            programs.append((cmake, block))
    return programs


def compile_and_run(cmake: Block, source: Block, folder: Path) -> None:
    """Build a program of a page against the installed package, and run it."""
    program, file = re.search(r"add_executable\((\w+) ([\w.]+)\)", cmake.text).groups()
    name = f"{Path(file).stem}.{source.language}"
    (folder / "CMakeLists.txt").write_text(cmake.text.replace(file, name))
    (folder / name).write_text(source.text)
    fastlr_dir = '-Dfastlr_DIR="$(python -m fastlr --cmakedir)"'  # what the pages say
    build = f"cmake -S . -B build -G Ninja {fastlr_dir}; cmake --build build; build/{program}"
    shell(source, build, folder)
