"""Guard against slow-downs where times are too noisy: instructions per step of the hot loops.

    python tests/full/cpp/instructions.py build/dev/tests/full/cpp/hot_loops

Counts with valgrind's callgrind, which has no AVX-512: the AVX2 kernels stand for both. The count
of a short run is subtracted from that of a long one, so that nothing else is in it. Fails where a
loop needs more than its limit.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile

SHORT, LONG = 100_000, 300_000

#: Measured with GCC 12.2, and a tenth more.
LIMITS: dict[str, float] = {
    "cosine, shuffled array": 19.0,
    "cosine, single steps": 64.9,
    "cosine, table": 4.3,
    "exponential, table": 4.9,
    "inverse time, table": 1.8,
    "polynomial, power 0.9, table": 9.5,
    "restarts of 10 steps, table": 22.1,
    "restarts, table": 6.3,
    "warmup, table": 1.7,
}


def instructions(program: str, loop: str, count: int) -> int:
    """Instructions that one run executes."""
    with tempfile.NamedTemporaryFile() as profile:
        result = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile.name}",
             program, loop, str(count)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    return int(re.search(r"Collected : (\d+)", result.stderr)[1])


def main(program: str) -> int:
    """Count, compare, print."""
    loops = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split("\n")
    loops = [loop for loop in loops if loop]
    assert set(loops) == set(LIMITS), set(loops) ^ set(LIMITS)
    failures = 0
    print(f"{'instructions per step (AVX2)':32}{'now':>8}{'limit':>8}")
    for loop in loops:
        counted = instructions(program, loop, LONG) - instructions(program, loop, SHORT)
        per_step = counted / (LONG - SHORT)
        failed = per_step > LIMITS[loop]
        failures += failed
        print(f"{loop:32}{per_step:8.2f}{LIMITS[loop]:8.2f}{'  TOO MANY' if failed else ''}")
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
