"""``.csv``: the columns ``step`` and ``learning_rate``."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from fastlr.cli.formats.rates import RateTable

PIECE = 1 << 16  # rows whose text is in memory


def write(file: BinaryIO, rates: RateTable) -> None:
    """Write each rate with the fewest digits that read back as the same float."""
    file.write(b"step,learning_rate\n")
    for steps, values in rates.pieces(PIECE):
        rows = [f"{step},{text}\n" for step, text in zip(steps, _texts(values), strict=True)]
        file.write("".join(rows).encode("ascii"))


def _texts(values: npt.NDArray[np.floating[Any]]) -> list[str]:
    """The shortest text of each value, written once for a run of the same value.

    Schedules repeat themselves: in stairs, at their end, and where steps are finer than floats.
    """
    bits = values.view(f"u{values.itemsize}")  # which tell 0.0 from -0.0
    is_first = np.concatenate(([True], bits[1:] != bits[:-1]))
    texts = list(map(str, values[is_first]))
    repeated: list[str] = np.array(texts, object)[np.cumsum(is_first) - 1].tolist()
    return repeated
