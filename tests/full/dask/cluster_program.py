"""Tables on a cluster of two processes with less memory than the table takes.

    python cluster_program.py FOLDER

Writes one of 640 MiB to FOLDER, as Zarr, while each of its two workers is killed at 300 MiB.
"""

from __future__ import annotations

import sys
from pathlib import Path

import dask.array as da
import numpy as np
import zarr
from distributed import Client, LocalCluster

import fastlr.dask

STEPS = 160 * 2**20
MEMORY_LIMIT = 300 * 2**20
SCHEDULE = fastlr.CosineDecay(0.1, STEPS).with_warmup(1000)


def main(folder: Path) -> None:
    """Write, compare with `table`, and compute what is small."""
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            memory_limit=MEMORY_LIMIT,
            dashboard_address=None,
            local_directory=folder,
        ) as cluster,
        Client(cluster) as client,
    ):
        rates = fastlr.dask.table(SCHEDULE, STEPS, chunks=2**21)
        assert rates.nbytes > 2 * MEMORY_LIMIT
        da.to_zarr(rates, str(folder / "rates.zarr"))
        stored = zarr.open_array(folder / "rates.zarr", mode="r")
        for start in (0, 2**21 - 5, STEPS - 1000):
            expected = SCHEDULE.table(start, min(start + 1000, STEPS))
            assert stored[start : start + 1000].tobytes() == expected.tobytes()
        sweep = [fastlr.CosineDecay(peak, 1000) for peak in np.linspace(0.1, 1, 20).tolist()]
        lazy = fastlr.dask.tables(sweep, 5000, chunks=(3, 700), execution="xla")
        expected = fastlr.tables(sweep, 5000, execution="xla")
        assert lazy.compute().tobytes() == expected.tobytes()
        assert lazy[4, 1234].compute() == expected[4, 1234]
        workers = client.scheduler_info()["workers"]
        print(f"{len(workers)} workers wrote {stored.size} rates")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
