"""Ask a build of rates.cpp for all rates in float32 and compare their digests: ctest runs this.

    python3 check.py [--threads 3] [--way arrays] build/dev/tests/full/digests/rates

The program is asked once for each instruction set it can use. A command of several words runs it
in an emulator. Where the C library is not glibc, only the schedules that call none of its functions
are compared.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections.abc import Sequence

from digests import (
    EXECUTIONS,
    INDEPENDENT,
    THREADS,
    WAYS,
    Group,
    groups,
    known,
    requests,
    value_count,
)


def answer(command: Sequence[object], group: Group, way: str, threads: int) -> str:
    """SHA-256 of what a program answers."""
    asked = "".join(requests(group, way, threads)).encode()
    done = subprocess.run([*map(str, command)], input=asked, stdout=subprocess.PIPE, check=True)
    if len(done.stdout) != 4 * value_count(group):
        raise RuntimeError(f"{command} wrote {len(done.stdout)} bytes, not all rates of {group}")
    return hashlib.sha256(done.stdout).hexdigest()


def main() -> int:
    """Compare on every instruction set; the exit status is 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--way", choices=WAYS, default="tables")
    parser.add_argument("--threads", type=int, default=max(THREADS))
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    command = arguments.command
    about = subprocess.run([*command, "--about"], stdout=subprocess.PIPE, text=True, check=True)
    library, *isas = about.stdout.split()
    asked = [g for g in groups(EXECUTIONS) if library == "glibc" or g.class_name in INDEPENDENT]
    if library != "glibc":
        print(f"The C library is not glibc: compared are {' and '.join(INDEPENDENT)} only")
    digests, different = known(), 0
    for isa in isas:
        for group in asked:
            if answer([*command, isa], group, arguments.way, arguments.threads) != digests[group]:
                print(f"{isa}, {group.class_name}, {group.mode}: not the rates of digests.json")
                different += 1
    rates = len(isas) * sum(map(value_count, asked))
    count = len(isas) * len(asked)
    print(f"{', '.join(isas)}: {rates:,} rates, {different} of {count} digests differ")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
