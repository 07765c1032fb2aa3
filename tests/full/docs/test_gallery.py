"""The gallery has all schedules and recipes, and its pictures are those of its code."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape

import pytest
from blocks import ROOT

import fastlr

DOCS = ROOT / "docs"
PAGE = (DOCS / "gallery.md").read_text(encoding="utf-8")
#: Each picture of the page, and the code below it.
PICTURES = dict(re.findall(r"\((gallery/[\w-]+\.svg)\).*?```python\n(.*?)```", PAGE, re.DOTALL))
SCHEDULES = [
    name
    for name in fastlr.__all__
    if isinstance(getattr(fastlr, name), type) and name != "LearningRateSchedule"
]


def description(file):
    """The code that a picture was drawn from."""
    found = re.search(r"<dc:description>(.*?)</dc:description>", file.read_text(), re.DOTALL)
    return unescape(found[1])


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    subprocess.run([sys.executable, DOCS / "curves.py", folder], check=True)
    return folder


@pytest.mark.parametrize("name", [*SCHEDULES, *fastlr.recipes.__all__])
def test_every_schedule_and_recipe_is_there(name):
    assert re.search(rf"(fastlr|recipes)\.{name}\(", PAGE)


def test_pictures_are_of_the_code_beside_them(drawn):
    files = {str(file.relative_to(DOCS)) for file in (DOCS / "gallery").iterdir()}
    assert files == set(PICTURES) == set(re.findall(r"gallery/[\w-]+\.svg", PAGE))
    for picture, code in PICTURES.items():
        assert description(drawn / picture) == code, picture
        assert description(DOCS / picture) == code, f"python docs/curves.py draws {picture} anew"


def test_picture_of_the_readme(drawn):
    assert (drawn / "curves.svg").read_text().count('id="axes_') == 6
    assert description(drawn / "curves.svg") == description(DOCS / "curves.svg")
