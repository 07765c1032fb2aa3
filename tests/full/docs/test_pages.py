"""Every fenced block of README and docs runs: see blocks.py for who runs which."""

from __future__ import annotations

import re
import subprocess

import matplotlib.pyplot
import page_runner
import pytest
from blocks import BLOCKS, PAGES, ROOT, Block, read

CI = ROOT / ".ci" / "run"
#: Beside README.md, whose blocks run in tests/docs.
OTHERS = [block for block in BLOCKS if block.page != "README.md"]
PROGRAMS = page_runner.compiled_programs(OTHERS)
#: How many values the pages that a reader sees first must name, at least.
VALUES = {"docs/index.md": 5, "docs/keras.md": 4, "docs/python.md": 10}


def block(text: str, language: str = "python") -> Block:
    return read("page.md", f"```{language}\n{text}\n```\n")[0]


@pytest.mark.parametrize("page", sorted({b.page for b in OTHERS if b.runner == "page"}))
def test_page(page, tmp_path, monkeypatch):
    matplotlib.use("agg")
    monkeypatch.chdir(tmp_path)
    named = page_runner.run(
        [block for block in OTHERS if block.page == page and block.runner == "page"], tmp_path
    )
    matplotlib.pyplot.close("all")
    assert named >= VALUES.get(page, 0)


# ---- No block is left out -----------------------------------------------------------------------


def test_every_block_has_a_runner():
    assert len(BLOCKS) > 30
    assert {block.runner for block in BLOCKS} == {"page", "ci", "compiler", "site"}
    # Nothing that looks like a fence has been missed: in HTML comments, say.
    for page in PAGES:
        fences = re.findall(r"^\s*(```+|~~~+)", (ROOT / page).read_text(), re.MULTILINE)
        assert len(fences) == 2 * sum(block.page == page for block in BLOCKS), page


def test_ci_runs_the_blocks_that_install():
    """They take a network and make environments, so that .ci/run runs them, word for word."""
    script = CI.read_text()
    function = re.search(r"^sh_block\(\) \{\n.*?^\}\n", script, re.DOTALL | re.MULTILINE)
    uses = re.findall(r'^bash -euxc "\$\(sh_block (\S+) (\d+)\)"$', script, re.MULTILINE)
    ran = {}
    for page, number in uses:
        command = f"{function[0]}\nsh_block {page} {number}"
        done = subprocess.run(
            ["bash", "-euc", command], cwd=ROOT, capture_output=True, text=True, check=True
        )
        ran[page, done.stdout] = True
    assert len(ran) == len(uses) == 3
    installing = [block for block in BLOCKS if block.runner == "ci"]
    for block in installing:
        if block.page in ("README.md", "CONTRIBUTING.md"):
            assert (block.page, block.text) in ran, block
        else:  # shows what one of them does
            for line in block.text.splitlines():
                assert any(line in text for _, text in ran), f"{block}: {line}"
    assert set(ran) <= {(block.page, block.text) for block in installing}


# ---- The runner can fail ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 + 1  # 3", "2, not 3"),
        ("x = 0.5  # 0.25, a float", "0.5, not 0.25"),
        ("'a'  # 'b'", "'a', not 'b'"),
        ("[\n    1,\n]  # [2]", r"\[1\], not \[2\]"),
        ("1.5  # 1.53", "1.5, not 1.53"),
        ("for x in range(3):\n    x  # 5\n    x += 1", "not checked"),
        ("def f(): ...  # 5", "whose value"),
    ],
)
def test_wrong_values_are_found(text, reason):
    with pytest.raises(AssertionError, match=reason):
        page_runner.run_python(block(text), {})


def test_right_values_are_counted():
    text = "x = 2  # 2, of course\nx  # 2\nx + 1  # as it is\n# 7 steps\n(\n    x == 2\n)  # True"
    assert page_runner.run_python(block(text), {}) == 3


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("false", "sh", "exit 1"),
        ("$ echo a\nb", "console", "prints"),
        ("$ false", "console", "exit 1"),
        ("echo a", "console", "begins with output"),
    ],
)
def test_wrong_shell_blocks_are_found(text, language, reason, tmp_path):
    with pytest.raises(AssertionError, match=reason):
        page_runner.run([block(text, language)], tmp_path)


def test_sources_that_no_command_builds_are_found(tmp_path):
    text = "The build, `CMakeLists.txt`:\n\n```cmake\nproject(trainer)\n```\n"
    (named,) = read("page.md", text)
    assert (named.file, named.runner) == ("CMakeLists.txt", "page")
    with pytest.raises(AssertionError, match="no command builds"):
        page_runner.run([named], tmp_path)


def test_right_outputs_are_counted(tmp_path):
    text = "$ echo a \\\n>   b\na b\n$ true\n$ echo 'took 5 ms'\ntook ... ms"
    assert page_runner.run([block(text, "console")], tmp_path) == 3


@pytest.mark.parametrize("language", ["", "text", "rust"])
def test_blocks_that_nobody_runs_are_found(language):
    with pytest.raises(LookupError, match="nobody runs"):
        block("x", language).runner  # noqa: B018


# ---- C, C++ and CMake ---------------------------------------------------------------------------
#
# A cmake block and each cpp or c block below it, up to the next cmake block, are a whole program.
# It is built against the installed package, and must exit with 0.


def test_every_cmake_block_is_part_of_a_program():
    used = [cmake for cmake, _ in PROGRAMS]
    compiled = [block for block in OTHERS if block.runner == "compiler"]
    assert [block for block in compiled if block.language == "cmake" and block not in used] == []


@pytest.mark.parametrize(("cmake", "source"), PROGRAMS, ids=str)
def test_compiled_program(cmake, source, tmp_path):
    page_runner.compile_and_run(cmake, source, tmp_path)
