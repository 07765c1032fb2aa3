"""``fastlr bench``."""

from __future__ import annotations

import re

from program import program

import fastlr


def test_bench():
    done = program("bench")
    assert done.returncode == 0
    assert done.stderr == ""
    sections = re.split(r"^(?=\S)", done.stdout, flags=re.MULTILINE)
    titles = [section.splitlines()[0] for section in sections if section]
    assert len([title for title in titles if "1,000,000 steps" in title]) == 2
    assert sum(title.endswith("median  spread  relative") for title in titles) == 3
    row = r"^  (.+?)  +[\d.,]+ (?:s|ms|µs|ns) +\d+% +([\d.,]+)$"
    ratios = dict(re.findall(row, done.stdout, re.MULTILINE))
    assert ratios["fastlr"] == "1.00"
    assert "Keras" in ratios
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
