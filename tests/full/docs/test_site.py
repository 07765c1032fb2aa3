"""The site builds without a warning, names all that is public, and needs no network to be read."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from blocks import ROOT

import fastlr
import fastlr.dask
import fastlr.jax
import fastlr.keras
import fastlr.torch

PUBLIC = [
    f"{module.__name__}.{name}"
    for module in (fastlr, fastlr.dask, fastlr.jax, fastlr.keras, fastlr.torch)
    for name in module.__all__
]
SCHEDULES = [name for name in PUBLIC if name.endswith(("Decay", "Restarts"))]
#: Attributes by which a browser loads or opens something.
ADDRESSES = ("src", "href", "srcset", "data", "poster", "action", "formaction", "xlink:href")


class Page(HTMLParser):
    """The anchors of a page, its text by anchor, and what it refers to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.references: list[tuple[str, str]] = []
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                assert value not in self.ids, f"two anchors {value}"
                self.ids.add(value)
            elif name in ADDRESSES and value is not None:
                self.references.append((tag, value))
            elif name == "style" and value:
                assert "url(" not in value

    def description(self, name: str) -> str:
        """The HTML of a class's or function's description, as far as its first member."""
        _, _, rest = self.source.partition(f'id="{name}"')
        return rest.partition("sig sig-object")[0]


def build(source: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-W", "-n", "-q", "-d", folder / "doctrees"]
    return subprocess.run(
        [*command, source, folder / "html"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT / "docs", folder)
    assert done.returncode == 0, done.stdout
    assert done.stdout == ""
    return folder / "html"


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path) for path in site.rglob("*.html")}


def test_every_page_is_built(site):
    sources = [path for ending in ("md", "rst") for path in (ROOT / "docs").rglob(f"*.{ending}")]
    assert len(sources) > 8
    for source in sources:
        assert (site / source.relative_to(ROOT / "docs")).with_suffix(".html").exists(), source


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_are_in_the_reference(name, pages, site):
    anchors = {name, f"module-{name}"}
    where = [path for path, page in pages.items() if anchors & page.ids]
    assert len(where) == 1
    assert where[0].parent == site / "api"


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_described(name, pages, site):
    """Formula, arguments, shapes, dtypes and errors: of Keras's subclasses, where to find them."""
    ids = {anchor for page in pages.values() for anchor in page.ids}
    assert f"{name}.table" in ids
    page = next(page for page in pages.values() if name in page.ids)
    text = page.description(name)
    if name.startswith("fastlr.keras."):
        assert f"{name}.__call__" in ids
        assert f'href="schedules.html#fastlr.{name.rsplit(".")[-1]}"' in text
    else:
        for part in ("Parameters", "Raises", "Calls", "float32", "shape", "ValueError", "Example"):
            assert part in text, part
        assert "highlight-text" in text  # the formula


def test_the_version_is_the_packages(pages, site):
    assert fastlr.__version__ in pages[site / "index.html"].source


def test_internal_links_resolve(pages):
    checked = 0
    for path, page in pages.items():
        for _, address in page.references:
            parts = urlsplit(address)
            if parts.scheme or not address.strip("#"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path.name}: {address}"
            if parts.fragment and target.suffix == ".html":
                assert unquote(parts.fragment) in pages[target].ids, f"{path.name}: {address}"
            checked += 1
    assert checked > 200


def test_nothing_comes_from_the_network(pages, site):
    for path, page in pages.items():
        for tag, address in page.references:
            parts = urlsplit(address)
            if parts.scheme == "data":
                continue
            assert tag == "a" or not (parts.scheme or parts.netloc), f"{path.name}: {address}"
    styles = [*site.rglob("*.css")]
    assert styles
    for style in styles:
        text = re.sub(r"/\*.*?\*/", "", style.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"""(url\(|@import)\s*["']?(\w+:)?//""", text), style
    for script in site.rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        loads = r"""(src\s*=|href\s*=|fetch\(|import\(|from|open\("GET",)\s*["'`](\w+:)?//"""
        assert not re.search(loads, text), script
