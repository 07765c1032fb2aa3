"""The fenced blocks of README and docs, and who runs each: no block is run by nobody.

A block below a line that ends with the name of a file in backquotes and a colon is that file: the
commands of its page find it in their folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
)


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    page: str
    line: int
    """Lines above the first one of its text."""
    file: str | None
    """The name that the page gives it, if any."""
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def runner(self) -> str:
        """Who runs it: `page`, `ci`, `compiler` or `site`."""
        if self.language == "python":
            return "page"
        if self.language in ("sh", "console"):
            return "ci" if re.search(r"\bpip install\b", self.text) else "page"
        if self.language in ("cmake", "cpp", "c", "cython"):
            return "page" if self.file else "compiler"
        if re.fullmatch(r"\{[\w-]+\}", self.language):
            return "site"  # a directive of Sphinx
        raise LookupError(f"{self}: nobody runs blocks in {self.language or 'no language'}")


def read(page: str, text: str) -> list[Block]:
    """The fenced blocks of a page's text, in its order."""
    blocks, paragraph = [], ""
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "inline":
            paragraph = token.content
        elif token.type == "fence" and token.map is not None:
            language = (token.info.split() or [""])[0]
            named = re.search(r"`([\w-]+\.\w+)`:$", paragraph)
            file = named[1] if named else None
            blocks.append(Block(page, token.map[0] + 1, file, language, token.content))
            paragraph = ""
    return blocks


BLOCKS = [block for page in PAGES for block in read(page, (ROOT / page).read_text())]
