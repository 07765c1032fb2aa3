"""``.parquet``: columns as in ``.csv``, for data frames and SQL."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from fastlr.cli.formats.rates import RateTable


def write(file: BinaryIO, rates: RateTable) -> None:
    """Write a row group per piece."""
    import pyarrow as pa
    from pyarrow import parquet

    rate = pa.from_numpy_dtype(rates.dtype)
    epoch = [] if rates.steps_per_epoch is None else [pa.field("epoch", pa.float64(), False)]
    columns = [pa.field(name, rate, False) for name in rates.names]
    schema = pa.schema([pa.field("step", pa.int64(), False), *epoch, *columns])
    # Differences of equidistant steps take no room at all; a dictionary of them is only in the way.
    with parquet.ParquetWriter(
        file,
        schema,
        use_dictionary=list(rates.names),
        column_encoding={"step": "DELTA_BINARY_PACKED"},
    ) as writer:
        for steps, values in rates.pieces():
            # Modulo 2**64, as the last piece may end beside the end of int64.
            offsets = np.arange(values.shape[1], dtype=np.uint64) * np.uint64(steps.step % 2**64)
            numbers = (offsets + np.uint64(steps.start % 2**64)).view(np.int64)
            epochs = rates.epochs(steps)
            writer.write_batch(pa.record_batch([numbers, *epochs, *values], schema=schema))
