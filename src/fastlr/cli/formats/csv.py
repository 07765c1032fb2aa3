"""``.csv``: the column ``step``, one for epochs if wanted, and one for each schedule."""

from __future__ import annotations

import csv
import io
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from fastlr.cli.formats.rates import RateTable

PIECE = 1 << 16  # rows whose text is in memory


def write(file: BinaryIO, rates: RateTable) -> None:
    """Write each rate with the fewest digits that read back as the same float."""
    epoch = [] if rates.steps_per_epoch is None else ["epoch"]
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(["step", *epoch, *rates.names])
    file.write(header.getvalue().encode())
    for steps, values in rates.pieces(PIECE):
        epochs = [map(repr, column) for column in rates.epochs(steps)]
        rows = zip(map(str, steps), *epochs, *map(_texts, values), strict=True)
        file.write("".join(f"{','.join(row)}\n" for row in rows).encode("ascii"))


def _texts(values: npt.NDArray[np.floating[Any]]) -> list[str]:
    """The shortest text of each value, written once for a run of the same value.

    Schedules repeat themselves: in stairs, at their end, and where steps are finer than floats.
    """
    bits = values.view(f"u{values.itemsize}")  # which tell 0.0 from -0.0
    is_first = np.concatenate(([True], bits[1:] != bits[:-1]))
    texts = list(map(str, values[is_first]))
    repeated: list[str] = np.array(texts, object)[np.cumsum(is_first) - 1].tolist()
    return repeated
