"""``.json``: one array of numbers, the rate of ``start`` first."""

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
    separator = "["
    for _, values in rates.pieces(PIECE):
        numbers = values.tolist()
        if not np.isfinite(values).all():
            numbers = [number if math.isfinite(number) else None for number in numbers]
        file.write((separator + json.dumps(numbers, separators=(",", ":"))[1:-1]).encode("ascii"))
        separator = ","
    file.write(b"]\n" if separator == "," else b"[]\n")
