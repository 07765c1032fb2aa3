"""docs/coming_from.md says what benchmarks/coming_from.py measures with the installed packages."""

from __future__ import annotations

import importlib.util
import re
import sys

import optax
import pytest
from blocks import ROOT
from torch.optim import lr_scheduler

specification = importlib.util.spec_from_file_location(
    "coming_from", ROOT / "benchmarks" / "coming_from.py"
)
coming_from = importlib.util.module_from_spec(specification)
sys.modules["coming_from"] = coming_from  # where dataclasses look their annotations up
specification.loader.exec_module(coming_from)

PAGE = coming_from.PAGE.read_text()
INSTALLED = [
    name for name, (package, _) in coming_from.FRAMEWORKS.items() if coming_from.installed(package)
]


def written(name):
    """The rows of a framework in the page: their code, ours, and the differences."""
    lines = coming_from.block(name).search(PAGE)[0].splitlines()
    return [[cell.strip(" `") for cell in line.split(" | ")] for line in lines[4:]]


def test_optax_and_torch_are_installed():
    assert {"optax", "PyTorch"} <= set(INSTALLED)


@pytest.mark.parametrize("name", coming_from.FRAMEWORKS)
def test_every_framework_has_a_table(name):
    assert written(name)


@pytest.mark.parametrize("name", INSTALLED)
def test_differences_are_those_of_the_page(name):
    rows = coming_from.FRAMEWORKS[name][1]()
    cells = written(name)
    assert [f"| {row.theirs}" for row in rows] == [theirs.replace("`", "") for theirs, *_ in cells]
    assert [row.ours for row in rows] == [ours for _, ours, *_ in cells]
    for row, (_, _, largest, part) in zip(rows, cells, strict=True):
        measured = row.difference()
        assert measured[0] <= float(largest), row.theirs
        assert measured[1] <= float(part.rstrip(" |")), row.theirs


def test_the_page_has_all_schedules_of_optax_and_torch():
    schedules = {
        name for name in dir(optax.schedules) if re.fullmatch(r"[a-z]\w*(schedule|_decay)", name)
    }
    assert schedules | {"join_schedules"} == {
        theirs.replace("`", "").removeprefix("| ").split("(")[0] for theirs, *_ in written("optax")
    }
    described = coming_from.block("PyTorch").search(PAGE)[0] + "ReduceLROnPlateau LRScheduler"
    assert [name for name in lr_scheduler.__all__ if name not in described] == []
