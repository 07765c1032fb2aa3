"""A schedule in a notebook: its ``repr``, a small curve, its peak and end; without any library."""

from __future__ import annotations

from html import escape

import numpy as np

from fastlr._plotting.curve import curve, default_stop, short_name
from fastlr.schedules.kernel_schedule import KernelSchedule

WIDTH, HEIGHT, MARGIN = 320, 80, 4
POINTS = 320
LONGEST_NAME = 2000


def html(schedule: KernelSchedule) -> str:
    """The schedule as HTML."""
    stop = default_stop(schedule)
    drawn = curve(schedule, 0, stop, points=POINTS)
    rates = drawn.rates.astype(np.float64)
    seen = np.isfinite(rates)
    steps, rates = drawn.steps[seen], rates[seen]
    low, high = float(rates.min()), float(rates.max())
    across = MARGIN + (WIDTH - 2 * MARGIN) * (steps / (stop - 1))
    # A constant runs through the middle. Halves, since a difference may be too large for a float.
    span = high / 2 - low / 2
    part = (rates / 2 - low / 2) / span if span > 0 else np.full(rates.shape, 0.5)
    up = MARGIN + (HEIGHT - 2 * MARGIN) * (1 - part)
    peak = int(rates.argmax())
    said = f"steps 0 to {stop - 1} · peak {high:.6g} at step {steps[peak]} · end {rates[-1]:.6g}"
    path = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True))
    return (
        f"<div><code>{escape(short_name(schedule, LONGEST_NAME))}</code><br>"
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{said}</title>"
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg><br>'
        f"<small>{said}</small></div>"
    )
