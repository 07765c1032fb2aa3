"""Draws docs/curves.svg, the picture of README: python docs/curves.py [FILE]. Needs Matplotlib."""

import sys
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

import fastlr

TOTAL = 10_000
CURVES = {
    "cosine with warmup": fastlr.recipes.cosine_with_warmup(1.0, TOTAL, 1_000),
    "restarts": fastlr.CosineDecayRestarts(1.0, 1_450, t_mul=2.0, m_mul=0.8),
    "warmup, hold, cooldown": fastlr.recipes.warmup_stable_decay(1.0, 1_000, 7_000, 2_000),
    "inverse square root": fastlr.InverseSquareRootDecay(1.0, 1_000).with_warmup(1_000),
    "one-cycle": fastlr.recipes.one_cycle(1.0, TOTAL),
    "exponential, in stairs": fastlr.ExponentialDecay(1.0, 1_000, 0.7, staircase=True),
}
GREY = "#7a828e"  # readable on white and on black


def draw(file: Path) -> None:
    """Write the picture."""
    mpl.rcParams["svg.hashsalt"] = "fastlr"  # the same file each time
    figure = Figure(figsize=(9, 3.6))
    axes = figure.subplots(2, 3, sharex=True, sharey=True)
    for axis, (title, schedule) in zip(axes.flat, CURVES.items(), strict=True):
        axis.plot(schedule.table(TOTAL + 1), color="#2f81f7", linewidth=2)
        axis.set_title(title, color=GREY, fontsize=10)
        axis.set(xticks=[], yticks=[], ylim=(-0.05, 1.1))
        axis.patch.set_alpha(0)
        for spine in ("top", "right"):
            axis.spines[spine].set_visible(False)
        for spine in ("left", "bottom"):
            axis.spines[spine].set_color(GREY)
    figure.tight_layout()
    figure.savefig(file, transparent=True, metadata={"Date": None})


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("curves.svg"))
