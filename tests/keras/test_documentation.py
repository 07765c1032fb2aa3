"""The Python of docs/keras.md runs, from top to bottom, as one program."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "keras.md"


def test_python_blocks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pattern = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
    blocks = pattern.findall(DOCUMENT.read_text())
    assert len(blocks) > 5
    namespace: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(DOCUMENT), "exec"), namespace)
    assert len(namespace["history"].history["lr"]) == 3
    assert type(namespace["theirs"]).__module__.startswith("keras.")
