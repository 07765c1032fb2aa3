"""Schedules as dots of Braille."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastlr._parameters import Execution
from fastlr._plotting.curve import curve, epoch_length, short_name
from fastlr.schedules.kernel_schedule import KernelSchedule

COLORS = ("cyan", "yellow", "magenta", "green", "red", "blue")
#: Columns beside the canvas, for the labels of its axes, and lines around it.
_MARGIN, _LINES_AROUND = 23, 8
_MOST_COLUMNS = 500
_DOTS = 4  # of a line of Braille


def text(
    schedules: Sequence[KernelSchedule],
    *,
    start: int,
    stop: int,
    execution: Execution,
    steps_per_epoch: float | None,
    log_scale: bool,
    columns: int,
    lines: int,
    colors: bool,
) -> str:
    """A picture of schedules on one pair of axes, to print."""
    import plotille

    figure = plotille.Figure()
    columns = min(columns, _MOST_COLUMNS)
    figure.width = max(20, columns - _MARGIN)
    figure.height = min(max(6, lines - _LINES_AROUND - len(schedules)), 24)
    figure.with_colors = colors
    figure.color_mode = "names"
    figure.origin = False
    figure.x_label = "step" if steps_per_epoch is None else "epoch"
    figure.y_label = "rate"
    # Steps are counted from the first one: floats far from 0 are too coarse.
    scale = epoch_length(steps_per_epoch)
    figure.x_ticks_fkt = lambda low, high: _tick(low + start / scale, high)
    figure.y_ticks_fkt = _power_tick if log_scale else _tick

    curves = [curve(schedule, start, stop, execution) for schedule in schedules]
    heights = [_heights(drawn.rates, log_scale) for drawn in curves]
    low, high = _limits(heights, _DOTS * figure.height)
    figure.set_x_limits(0.0, (stop - start) / scale)
    figure.set_y_limits(low, high)
    for at, drawn in enumerate(curves):
        for mark in drawn.marks:
            part = (mark.step - start) / (stop - start)
            figure.axvline(part, lc=COLORS[at % len(COLORS)] if colors else None)
    for at, (schedule, drawn, height) in enumerate(zip(schedules, curves, heights, strict=True)):
        seen = np.isfinite(height)
        steps = (drawn.steps[seen] - start).view(np.uint64)  # which cannot overflow
        figure.plot(
            (steps / scale).tolist(),
            height[seen].tolist(),
            lc=COLORS[at % len(COLORS)] if colors else None,
            label=short_name(schedule, columns - 3),
        )
    return str(figure.show(legend=True))


def _heights(rates: npt.NDArray[Any], log_scale: bool) -> npt.NDArray[np.float64]:
    heights = rates.astype(np.float64)
    if not log_scale:
        return heights
    heights[~(heights > 0)] = np.nan
    return np.log10(heights)


def _limits(heights: list[npt.NDArray[np.float64]], dots: int) -> tuple[float, float]:
    together = np.concatenate(heights)
    finite = together[np.isfinite(together)]
    if finite.size == 0:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        return low - abs(low or 1) / 2, high + abs(high or 1) / 2
    # A dot higher: the upper limit itself is outside of the canvas.
    return low, high + (high - low) / dots


def _tick(low: Any, high: Any) -> str:
    return f"{low:.4g}"


def _power_tick(low: Any, high: Any) -> str:
    return f"{10.0**low:.3g}"
