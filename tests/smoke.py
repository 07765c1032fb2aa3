"""What a wheel is released by: python tests/smoke.py [cpp | numba], with NumPy and nothing else.

The rates are those of every platform: the cosines are fastlr's own, the powers are exact.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np

import fastlr

RATES_AT_500 = {
    fastlr.CosineDecay(0.1, 1000): 0.04999999701976776,
    fastlr.CosineDecay(0.0, 900, warmup_target=0.1, warmup_steps=100): 0.058682408183813095,
    fastlr.CosineDecayRestarts(0.1, 300, t_mul=1.0): 0.025000005960464478,
    fastlr.ExponentialDecay(0.1, 100, 0.5, staircase=True): 0.0031250000465661287,
    fastlr.InverseTimeDecay(0.1, 1000, 0.5): 0.07999999821186066,
    fastlr.PolynomialDecay(0.1, 1000): 0.050050001591444016,
    fastlr.PiecewiseConstantDecay([100, 500], [0.3, 0.2, 0.1]): 0.20000000298023224,
}
DIGESTS = {"eager": "027479bf928ab8c9", "graph": "93bf463785036b2b", "xla": "93bf463785036b2b"}


def digest(table: np.ndarray) -> str:
    return hashlib.sha256(table.astype("<f4").tobytes()).hexdigest()[:16]


def printed_by_fastlr(option: str) -> Path:
    command = [sys.executable, "-m", "fastlr", option]
    return Path(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout[:-1])


def main(backend: str = "cpp") -> None:
    assert fastlr.backend() == backend, fastlr.backend()
    for schedule, rate in RATES_AT_500.items():
        assert schedule(500) == rate, (schedule, schedule(500), rate)
    for execution, expected in DIGESTS.items():
        table = fastlr.CosineDecay(0.1, 1000).table(100_000, execution=execution)
        assert digest(table) == expected, (execution, digest(table))
    if backend == "cpp":
        libraries = {"libfastlr.a", "fastlr.lib"}
        assert libraries & {file.name for file in printed_by_fastlr("--libdir").iterdir()}
        assert (printed_by_fastlr("--cmakedir") / "fastlr-config.cmake").is_file()
    print(f"fastlr {fastlr.__version__} works: {fastlr.build_info()}")


main(*sys.argv[1:])
