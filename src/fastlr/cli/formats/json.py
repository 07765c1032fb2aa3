"""``.json``: an array of numbers, the rate of ``start`` first; of such arrays for schedules."""

from __future__ import annotations

import json
import math
from typing import BinaryIO

import numpy as np

from fastlr.cli.formats.rates import RateTable

PIECE = 1 << 16  # rates whose text is in memory


def write(file: BinaryIO, rates: RateTable) -> None:
    """Write each rate as the Python float that ``schedule(step)`` returns.

    Readers of JSON read doubles: the very same number, not one that merely rounds to it. JSON has
    no NaN and no infinity, for which there is null.
    """
    if len(rates.schedules) == 1:
        _write_row(file, rates)
    else:
        for index, row in enumerate(rates.rows()):
            file.write(b",\n" if index else b"[")
            _write_row(file, row)
        file.write(b"]")
    file.write(b"\n")


def _write_row(file: BinaryIO, rates: RateTable) -> None:
    file.write(b"[")
    separator = ""
    for _, values in rates.pieces(PIECE):
        numbers = values[0].tolist()
        if not np.isfinite(values).all():
            numbers = [number if math.isfinite(number) else None for number in numbers]
        file.write((separator + json.dumps(numbers, separators=(",", ":"))[1:-1]).encode("ascii"))
        separator = ","
    file.write(b"]")
