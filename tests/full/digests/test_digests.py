"""One digest of the rates of each schedule and mode: from every backend, thread count and trainer.

`digests.json` says what the rates are; ctest compares builds of every kind with it, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import write
from backends import over_backends, using
from check import answer
from digests import CONFIGURATIONS, EXECUTIONS, HERE, MODES, THREADS, groups, known, value_count
from python_rates import digest, key
from registry import ROWS

import fastlr

#: As tests/full/packaging: FASTLR_TEST_COMPILERS="gcc clang".
COMPILERS = os.environ.get("FASTLR_TEST_COMPILERS", "cc").split()
CXX = {"cc": "c++", "gcc": "g++", "clang": "clang++"}

VALUES = sum(map(value_count, groups()))


def check(digests, what):
    """Fail with the schedules and modes whose rates are not the known ones."""
    different = [f"{g.class_name}, {g.mode}" for g, found in digests.items() if found != known()[g]]
    assert different == [], f"{what}: these rates are not those of {HERE.name}/digests.json"


@over_backends
@pytest.mark.parametrize(
    ("way", "threads"), [*(("tables", threads) for threads in THREADS), ("arrays", 1)]
)
def test_backends(backend, way, threads, count_compared):
    with using(backend) as package:
        check({key(g): digest(package, g, way, threads) for g in groups()}, backend)
    count_compared("digests, by backend, way and threads", VALUES)


def test_another_c_library(count_compared):
    """The functions that glibc has for processors without FMA give the same rates in float32."""
    for group, found in write.agreed_without_fma(["cpp-baseline"]).items():
        assert found == known()[group], group
    count_compared("digests, by backend, way and threads", len(write.WAYS) * VALUES)


@pytest.mark.parametrize("flags", ["-O0", "-O2", "-Ofast -march=native"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_trainers(compiler, flags, tmp_path, count_compared):
    """C++ programs that know the installed library and its header only."""
    package = Path(fastlr.__file__).parent
    program = tmp_path / "rates"
    build = [CXX[compiler], "-std=c++17", *flags.split(), f"-I{package / 'include'}"]
    build += [HERE / "rates.cpp", package / "lib" / "libfastlr.a", "-pthread", "-o", program]
    subprocess.run(build, check=True)
    asked = groups(EXECUTIONS)
    check({g: answer([program], g, "tables", 3) for g in asked}, f"{compiler} {flags}")
    count_compared("digests, by trainers", sum(map(value_count, asked)))


# ---- The digests are of what they should be of --------------------------------------------------


def test_configurations_are_those_of_the_registry():
    """If not, and that is meant: `PYTHONPATH=tests python tests/full/digests/write.py`."""
    assert CONFIGURATIONS.read_text().splitlines(True) == write.configuration_lines()


def test_every_schedule_and_mode_has_a_digest():
    modes = {*MODES, "float64 without FMA"}
    assert {*known()} == {(name, mode) for name in ROWS for mode in modes}


def test_the_order_of_the_configurations_does_not_matter(tmp_path, monkeypatch):
    before = digest(fastlr, groups()[0], "tables", 1)
    lines = CONFIGURATIONS.read_text().splitlines(True)
    (tmp_path / "reversed").write_text("".join(reversed(lines)))
    monkeypatch.setattr("digests.CONFIGURATIONS", tmp_path / "reversed")
    assert digest(fastlr, groups()[0], "tables", 1) == before


def test_a_changed_rate_is_not_written_over(monkeypatch):
    """Digests change with the configurations only."""
    first = groups()[0]
    monkeypatch.setattr(write, "agreed", lambda _: {first: "another"})
    monkeypatch.setattr(write, "agreed_without_fma", lambda _: {})
    monkeypatch.setattr(sys, "argv", ["write.py"])
    before = [path.read_bytes() for path in (write.CONFIGURATIONS, write.DIGESTS)]
    with pytest.raises(SystemExit, match="nothing was written"):
        write.main()
    assert before == [path.read_bytes() for path in (write.CONFIGURATIONS, write.DIGESTS)]


def test_backends_that_differ_are_not_written(monkeypatch):
    changed = iter(range(1000))
    monkeypatch.setattr(write, "digest", lambda *_: str(next(changed)))
    with pytest.raises(SystemExit, match="Backends differ"):
        write.agreed(["cpp-baseline"])
