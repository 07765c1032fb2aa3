"""The Python of README runs, from top to bottom, as one program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("file", ["README.md"])
def test_python_blocks(file):
    blocks = re.findall(
        r"^```python\n(.*?)^```", (ROOT / file).read_text(), re.DOTALL | re.MULTILINE
    )
    assert blocks
    namespace: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, file, "exec"), namespace)
    schedule = namespace["schedule"]
    assert float(schedule(500)) == schedule.table(501)[500]


def test_the_value_that_readme_names():
    import fastlr

    named = re.search(
        r"schedule\(500\) +# ([\d.]+), a Python float", (ROOT / "README.md").read_text()
    )
    assert float(named[1]) == fastlr.CosineDecay(0.1, 1000)(500)
