"""A progress bar on stderr, where that is a terminal; nothing elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]


@contextmanager
def progress_bar(description: str, total: int, unit: str) -> Iterator[Advance]:
    """A function that is told how much more has been done.

    The bar shows the part that is done, the rate and the time left.
    """
    if not sys.stderr.isatty():
        yield lambda amount: None
        return
    # Not above: it takes longer to import than most tables to write.
    from rich import progress
    from rich.console import Console
    from rich.text import Text

    class Rate(progress.ProgressColumn):
        def render(self, task: progress.Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{_short(speed)} {unit}/s", "progress.data.speed")

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        Rate(),
        progress.TimeRemainingColumn(elapsed_when_finished=True),
    )
    # A descriptor of its own: stderr may be silenced while TensorFlow chatters.
    with (
        open(
            os.dup(sys.stderr.fileno()),
            "w",
            encoding=sys.stderr.encoding,
            errors="backslashreplace",  # file names may be no text
        ) as stream,
        progress.Progress(*columns, console=Console(file=stream), transient=True) as bar,
    ):
        task = bar.add_task(description, total=total)
        yield lambda amount: bar.advance(task, amount)


def _short(amount: float) -> str:
    """A number with a metric prefix: three digits.

    >>> _short(1_234_567_890.0), _short(999.4), _short(25_300.0)
    ('1.23 G', '999', '25.3 k')
    """
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if amount >= factor:
            return f"{amount / factor:.3g} {prefix}"
    return f"{amount:.3g}"
