"""Schedules as dots of Braille."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from fastlr._parameters import Execution
from fastlr._plotting.curve import curve, epoch_length, short_name
from fastlr._plotting.ticks import power_ticks, round_ticks
from fastlr.schedules.kernel_schedule import KernelSchedule

COLORS = ("cyan", "yellow", "magenta", "green", "red", "blue")
#: Where there are no colors: which dots of a row are drawn, and the sample in the legend.
STROKES = (("1", "⠤⠤⠤⠤"), ("1111110000", "⠤⠤⠀⠤"), ("1000", "⠄⠄⠄⠄"), ("11111110001000", "⠤⠤⠀⠄"))
#: Lines around the canvas.
_LINES_AROUND = 6
_MOST_COLUMNS = 500
_DOTS = 4  # of a line of Braille
#: Columns that a mark needs for itself. Closer ones would hide the curve, and are left out.
_COLUMNS_OF_MARK = 8


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

    columns = min(columns, _MOST_COLUMNS)
    height = min(max(6, lines - _LINES_AROUND - len(schedules)), 24)
    curves = [curve(schedule, start, stop, execution) for schedule in schedules]
    heights = [_heights(drawn.rates, log_scale) for drawn in curves]
    low, high = _limits(heights, _DOTS * height)
    ticks = power_ticks if log_scale else round_ticks
    upwards = ticks(Fraction(low), Fraction(high), height // 2)
    labels = [*(label for _, label in upwards), "(rate)"]
    below = "(step)" if steps_per_epoch is None else "(epoch)"
    width = max(20, columns - max(map(len, labels)) - len(f" | {below} "))
    scale = Fraction(epoch_length(steps_per_epoch))
    across = round_ticks(Fraction(start) / scale, Fraction(stop) / scale, width // 7)

    figure = plotille.Figure()
    figure.width, figure.height = width, height
    figure.with_colors = colors
    figure.color_mode = "names"
    figure.origin = figure.with_x_axis = figure.with_y_axis = False
    figure.linesep = "\n"
    # Steps are counted from the first one: floats far from 0 are too coarse.
    figure.set_x_limits(0.0, float(stop - start))
    figure.set_y_limits(low, high)
    for at, drawn in enumerate(curves):
        if len(drawn.marks) * _COLUMNS_OF_MARK <= width:
            for mark in drawn.marks:
                part = (mark.step - start) / (stop - start)
                figure.axvline(part, lc=_color(at, colors))
    legend = []
    for at, (schedule, drawn, rates) in enumerate(zip(schedules, curves, heights, strict=True)):
        dots, sample = STROKES[0 if colors else at % len(STROKES)]
        seen = np.isfinite(rates)
        steps = (drawn.steps[seen] - start).view(np.uint64)  # which cannot overflow
        parts = np.linspace(0.0, float(stop - start), 2 * width, endpoint=False)
        for x, y in _strokes(steps.astype(np.float64), rates[seen], parts, dots):
            figure.plot(x.tolist(), y.tolist(), lc=_color(at, colors))
        name = short_name(schedule, columns - len(sample) - 1)
        fg = _color(at, colors)
        legend.append(plotille.color(f"{sample} {name}", fg=fg, mode="names", no_color=not colors))
    framed = _framed(str(figure.show()).split("\n"), across, upwards, width, below)
    return "\n".join([*framed, "", *legend])


def _color(at: int, colors: bool) -> str | None:
    return COLORS[at % len(COLORS)] if colors else None


def _strokes(
    steps: npt.NDArray[np.float64],
    heights: npt.NDArray[np.float64],
    columns: npt.NDArray[np.float64],
    dots: str,
) -> Iterator[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
    """The pieces of a curve that a pattern of dots shows; `columns` are where dots begin."""
    if dots == "1" or not len(steps):
        yield steps, heights
        return
    x = np.union1d(steps, columns[(columns >= steps[0]) & (columns <= steps[-1])])
    y = np.interp(x, steps, heights)
    column = np.searchsorted(columns, x, side="right") - 1
    shown = np.array([dot == "1" for dot in dots])[column % len(dots)]
    ends = np.flatnonzero(np.diff(shown)) + 1
    for piece in np.split(np.arange(len(x)), ends):
        if shown[piece[0]]:
            yield x[piece], y[piece]


def _framed(
    canvas: list[str],
    across: list[tuple[Fraction, str]],
    upwards: list[tuple[Fraction, str]],
    width: int,
    below: str,
) -> Iterator[str]:
    """The canvas with labels at its ticks, which are parts of its width and height."""
    rows = {int(part * len(canvas)): label for part, label in upwards}
    wide = max(map(len, [*rows.values(), "(rate)"]))
    yield f"{'(rate)':>{wide}} ^"
    for above, line in enumerate(canvas, 1):
        yield f"{rows.get(len(canvas) - above, ''):>{wide}} | {line}"
    axis, labels = ["-"] * width, ""
    for part, label in across:
        column = int(part * width)
        axis[column] = "|"
        fits = column + len(label) <= width + len(below)
        if fits and (len(labels) < column or not column):
            labels = f"{labels:<{column}}{label}"
    yield f"{'-' * wide}-|-{''.join(axis)} {below}"
    yield f"{'':>{wide}} | {labels}".rstrip()


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
    if 0 < low < (high - low) / dots:
        low = 0.0  # drawn as such
    # A dot higher: the upper limit itself is outside of the canvas.
    return low, high + (high - low) / dots
