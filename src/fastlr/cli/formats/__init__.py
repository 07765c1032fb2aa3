"""Formats of a table by the ending of its file. Each module writes one, in pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import BinaryIO

from fastlr.cli.formats import csv, json, npy, parquet, raw
from fastlr.cli.formats.rates import RateTable

__all__ = ["FORMATS", "STREAMED", "Format", "RateTable", "missing_package"]


@dataclass(frozen=True)
class Format:
    """How a table is written, and what for."""

    write: Callable[[BinaryIO, RateTable], None]
    #: Bytes of the file, where they are known beforehand.
    size: Callable[[RateTable], int | None] = lambda rates: None
    #: Whether it has columns, and room for one of epochs.
    has_columns: bool = False
    #: Whether it is text, for people and pipes.
    is_text: bool = False
    #: The package that writes it, and the extra of fastlr that brings it.
    package: str | None = None
    extra: str = ""


FORMATS = {
    ".npy": Format(npy.write, npy.size),
    ".csv": Format(csv.write, has_columns=True, is_text=True),
    ".json": Format(json.write, is_text=True),
    ".parquet": Format(parquet.write, has_columns=True, package="pyarrow", extra="parquet"),
    ".bin": Format(raw.write, raw.size),
}


#: The formats of what is written to a pipe.
STREAMED = {"csv": FORMATS[".csv"], "json": FORMATS[".json"], "raw": FORMATS[".bin"]}


def missing_package(file_format: Format) -> str | None:
    """The package that must be installed first, if any."""
    package = file_format.package
    return package if package is not None and find_spec(package) is None else None
