"""``.parquet``: the columns ``step`` (int64) and ``learning_rate``, for data frames and SQL."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from fastlr.cli.formats.rates import RateTable


def write(file: BinaryIO, rates: RateTable) -> None:
    """Write a row group per piece."""
    import pyarrow as pa
    from pyarrow import parquet

    rate = pa.from_numpy_dtype(rates.dtype)
    schema = pa.schema(
        [pa.field("step", pa.int64(), False), pa.field("learning_rate", rate, False)]
    )
    # Differences of equidistant steps take no room at all; a dictionary of them is only in the way.
    with parquet.ParquetWriter(
        file,
        schema,
        use_dictionary=["learning_rate"],
        column_encoding={"step": "DELTA_BINARY_PACKED"},
    ) as writer:
        for steps, values in rates.pieces():
            # Modulo 2**64, as the last piece may end beside the end of int64.
            offsets = np.arange(len(values), dtype=np.uint64) * np.uint64(steps.step % 2**64)
            numbers = (offsets + np.uint64(steps.start % 2**64)).view(np.int64)
            writer.write_batch(pa.record_batch([numbers, values], schema=schema))
