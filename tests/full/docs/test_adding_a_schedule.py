"""The page that follows one schedule through every file it touches misses none."""

from __future__ import annotations

import re

from blocks import ROOT

PAGE = ROOT / "docs" / "adding_a_schedule.md"
#: Where a schedule is named because it is part of the package. Elsewhere it is an example of one.
PLACES = [ROOT / "src", ROOT / "docs/api", ROOT / "tests/registry.py", ROOT / "tests/full/digests",
          ROOT / "tests/full/cpp"]  # fmt: skip


def test_every_file_is_listed():
    files = [file for place in PLACES for file in (place.rglob("*") if place.is_dir() else [place])]
    touched = {
        str(file.relative_to(ROOT))
        for file in files
        if file.suffix in {".py", ".pyi", ".rst", ".cpp", ".hpp", ".h", ".map"}
        and file.name != "recipes.py"  # which uses schedules, as anybody may
        and re.search("InverseSquareRootDecay|inverse_square_root_decay", file.read_text())
    }
    listed = re.findall(r"^\| `([\w/.]+)` \|", PAGE.read_text(), re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == touched
