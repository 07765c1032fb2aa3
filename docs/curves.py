"""Draws the pictures of docs/gallery.md from the code on that page, and README's from six of them.

``python docs/curves.py [FOLDER]`` writes ``FOLDER/curves.svg`` and ``FOLDER/gallery/*.svg``; the
folder is docs by default. Needs Matplotlib.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fastlr import LearningRateSchedule

DOCS = Path(__file__).parent
TOTAL = 1000
#: The pictures of the gallery that README shows.
README = {
    "cosine-decay-warmup": "cosine with warmup",
    "cosine-decay-restarts": "restarts",
    "warmup-stable-decay": "warmup, hold, cooldown",
    "inverse-sqrt-with-warmup": "inverse square root",
    "one-cycle": "one-cycle",
    "exponential-decay-staircase": "exponential, in stairs",
}
# Readable on white and on black.
BLUE, GREY = "#2f81f7", "#7a828e"


class Curve(NamedTuple):
    """A picture of the gallery, and the code beside it."""

    name: str
    code: str
    schedule: LearningRateSchedule
    #: The schedule that a composition is made from, where the page shows it.
    part: LearningRateSchedule | None


def curves(page: str) -> Iterator[Curve]:
    """Run the code of the gallery: what `schedule` is after each picture belongs to it."""
    names: dict[str, Any] = {}
    name = None
    for found in re.finditer(r"\(gallery/([\w-]+)\.svg\)|```python\n(.*?)```", page, re.DOTALL):
        if found[1]:
            name = found[1]
            continue
        exec(found[2], names)
        if name:
            part = names["decay"] if re.search(r"\bdecay\b", found[2]) else None
            yield Curve(name, found[2], names["schedule"], part)
            name = None


def plot(ax: Axes, curve: Curve, width: float) -> None:
    """Draw a curve on axes without a background."""
    if curve.part:
        ax.plot(curve.part.table(TOTAL + 1), color=GREY, linewidth=0.6 * width, linestyle="--")
    ax.plot(curve.schedule.table(TOTAL + 1), color=BLUE, linewidth=width)
    ax.set(xticks=[], yticks=[], ylim=(-0.005, 0.11))
    ax.patch.set_alpha(0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(GREY)


def save(figure: Figure, file: Path, description: str) -> None:
    """Write the same file each time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"Date": None, "Creator": None, "Description": description}
    style = {"svg.hashsalt": "fastlr", "svg.fonttype": "none", "font.family": "sans-serif"}
    with mpl.rc_context(style):
        figure.savefig(file, transparent=True, metadata=metadata)


def draw(folder: Path) -> None:
    """Write all pictures."""
    gallery = {curve.name: curve for curve in curves((DOCS / "gallery.md").read_text("utf-8"))}
    for curve in gallery.values():
        figure = Figure(figsize=(3, 1.5), layout="constrained")
        ax = figure.subplots()
        plot(ax, curve, 1.8)
        ax.set(xticks=[0, TOTAL], yticks=[0, 0.1])
        ax.tick_params(color=GREY, labelcolor=GREY, labelsize=8)
        save(figure, folder / "gallery" / f"{curve.name}.svg", curve.code)

    figure = Figure(figsize=(9, 3.6), layout="tight")
    for ax, (name, title) in zip(figure.subplots(2, 3).flat, README.items(), strict=True):
        plot(ax, gallery[name], 2)
        ax.set_title(title, color=GREY, fontsize=10)
    save(figure, folder / "curves.svg", "\n".join(gallery[name].code for name in README))


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)
