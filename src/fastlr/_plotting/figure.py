"""Schedules on Matplotlib's axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from fastlr import _install
from fastlr._parameters import Execution
from fastlr._plotting.curve import Curve, curve, epoch_length, short_name
from fastlr.schedules.base import LearningRateSchedule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes

#: Marks of one kind that have room for their names; of more, only the first is named.
NAMED_MARKS = 6

#: More marks would hide the curve; they are all left out then.
DRAWN_MARKS = 40

#: The part of an axis that the name of a mark takes. Marks that are closer share a name.
NAME_WIDTH = 0.03

#: Characters that a legend has room for.
LONGEST_NAME = 110

HOW_TO_GET_MATPLOTLIB = f"plots need Matplotlib: {_install.extra('plot')}"


def draw(
    schedule: LearningRateSchedule,
    ax: Axes | None,
    start: int = 0,
    stop: int | None = None,
    execution: Execution = "eager",
    steps_per_epoch: float | None = None,
    log_scale: bool = False,
    label: str | None = None,
) -> Axes:
    """Draw one schedule; see ``schedule.plot``."""
    scale = epoch_length(steps_per_epoch)
    drawn = curve(schedule, start, stop, execution)
    if ax is None:
        ax = _current_axes()
    name = label or short_name(schedule, LONGEST_NAME).replace("$", r"\$")  # no formula
    steps = drawn.steps if steps_per_epoch is None else drawn.steps / scale
    (line,) = ax.plot(steps, drawn.rates, label=name)
    line.set_gid("learning-rate")
    if log_scale:
        ax.set_yscale("log", nonpositive="mask")
    _draw_marks(ax, drawn, scale, log_scale, line.get_color())
    ax.set_xlabel("step" if steps_per_epoch is None else "epoch")
    ax.set_ylabel("learning rate")
    if label:
        ax.legend()
    return ax


def _draw_marks(ax: Axes, drawn: Curve, scale: float, log_scale: bool, color: object) -> None:
    if len(drawn.marks) > DRAWN_MARKS:
        return
    kinds = [mark.what for mark in drawn.marks]
    high = _in_upper_half(drawn.rates, log_scale)
    room = NAME_WIDTH * float(drawn.steps[-1] - drawn.steps[0])
    named: set[str] = set()
    free_from = -math.inf
    for step, what in drawn.marks:
        ax.axvline(step / scale, color=color, linewidth=0.8, linestyle=":").set_gid("mark")
        is_wanted = kinds.count(what) <= NAMED_MARKS or what not in named
        if is_wanted and step >= free_from:
            named.add(what)
            free_from = step + room
            # Left of its mark, and where the curve is not.
            is_below = high[max(int(np.searchsorted(drawn.steps, step)) - 1, 0)]
            ax.text(
                step / scale,
                0.02 if is_below else 0.98,
                f"{what} ",
                transform=ax.get_xaxis_transform(),
                color=color,
                fontsize="x-small",
                rotation="vertical",
                horizontalalignment="right",
                verticalalignment="bottom" if is_below else "top",
                zorder=1.5,  # behind curves, before the grid
                bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.5},
            )


def _in_upper_half(rates: npt.NDArray[Any], log_scale: bool) -> npt.NDArray[np.bool_]:
    heights = rates.astype(np.float64)
    if log_scale:
        heights[~(heights > 0)] = np.nan
        heights = np.log(heights)
    if not np.isfinite(heights).any():
        return np.zeros(heights.shape, np.bool_)
    halves = heights / 2  # whose sums cannot overflow
    result: npt.NDArray[np.bool_] = halves > np.nanmin(halves) / 2 + np.nanmax(halves) / 2
    return result


def save(
    schedules: Iterable[LearningRateSchedule],
    file: BinaryIO,
    image_format: str,
    *,
    start: int,
    stop: int,
    execution: Execution,
    steps_per_epoch: float | None,
    log_scale: bool,
) -> None:
    """Write a picture of schedules on one figure, the same file for the same schedules."""
    import matplotlib
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    ax = figure.subplots()
    for schedule in schedules:
        draw(schedule, ax, start, stop, execution, steps_per_epoch, log_scale)
    ax.grid(alpha=0.3)
    figure.legend(loc="outside upper left", fontsize="small", frameon=False)
    no_date = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[image_format]
    with matplotlib.rc_context({"svg.hashsalt": "fastlr", "svg.fonttype": "none"}):
        figure.savefig(file, format=image_format, dpi=150, metadata=no_date)


def _current_axes() -> Axes:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(HOW_TO_GET_MATPLOTLIB) from error
    return pyplot.gca()
