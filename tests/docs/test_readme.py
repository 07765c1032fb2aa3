"""README's code: every block that needs no installation, from top to bottom; its C++ compiled."""

from __future__ import annotations

import matplotlib.pyplot
import page_runner
from blocks import BLOCKS

README = [block for block in BLOCKS if block.page == "README.md"]


def test_python_and_shell(tmp_path, monkeypatch):
    matplotlib.use("agg")
    monkeypatch.chdir(tmp_path)
    named = page_runner.run([block for block in README if block.runner == "page"], tmp_path)
    matplotlib.pyplot.close("all")
    assert named >= 2


def test_cpp(tmp_path):
    ((cmake, source),) = page_runner.compiled_programs(README)
    page_runner.compile_and_run(cmake, source, tmp_path)
