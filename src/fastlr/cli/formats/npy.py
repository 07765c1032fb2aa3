"""NumPy's ``.npy``: a header, then the rates; of several schedules in two dimensions."""

from __future__ import annotations

import io
from typing import BinaryIO

from numpy.lib import format as npy_format

from fastlr.cli.formats import raw
from fastlr.cli.formats.rates import RateTable


def _header(rates: RateTable) -> bytes:
    file = io.BytesIO()
    description = {
        "descr": rates.dtype.newbyteorder("<").str,
        "fortran_order": False,
        "shape": rates.shape,
    }
    npy_format.write_array_header_1_0(file, description)
    return file.getvalue()


def size(rates: RateTable) -> int:
    """Bytes of the file."""
    return len(_header(rates)) + rates.size


def write(file: BinaryIO, rates: RateTable) -> None:
    """Write what ``numpy.load`` reads, also with ``mmap_mode``."""
    file.write(_header(rates))
    raw.write(file, rates)
