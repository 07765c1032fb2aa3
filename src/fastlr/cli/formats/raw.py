"""``.bin``: the little-endian floats and nothing else, one schedule after the other."""

from __future__ import annotations

from typing import BinaryIO

from fastlr.cli.formats.rates import RateTable


def size(rates: RateTable) -> int:
    """Bytes of the file."""
    return rates.size


def write(file: BinaryIO, rates: RateTable) -> None:
    """Write the rates, on little-endian machines from the memory they were computed into."""
    little_endian = rates.dtype.newbyteorder("<")
    for row in rates.rows():
        for _, values in row.pieces():
            file.write(values.astype(little_endian, copy=False).data)
