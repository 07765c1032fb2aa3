"""What the digests are of: configurations, their steps, and the order of the rates.

Standard library only: ctest runs it beside a compiler, without fastlr or NumPy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
#: One configuration a line, with the steps at which it changes its behaviour. From the registry.
CONFIGURATIONS = HERE / "configurations.jsonl"
#: SHA-256 by class and mode, of the little-endian rates in order, every NaN as one.
DIGESTS = HERE / "digests.json"

#: Modes of float32, which C and C++ have too.
EXECUTIONS = ("eager", "graph", "xla")
MODES = (*EXECUTIONS, "float64")

#: The schedules that call no function of the C library: the same rates whatever library that is.
INDEPENDENT = (
    "Constant",
    "InverseSquareRootDecay",
    "InverseTimeDecay",
    "PiecewiseConstantDecay",
    "Table",
)

#: How the same values are asked for: the steps, and the ranges of a configuration.
WAYS = {"tables": ("array", "table"), "arrays": ("calls", "array")}
#: Fewer and more than processors, odd, and as many as the long tables have whole chunks.
THREADS = (1, 2, 3, 8)

_CHUNK = 65536  # of src/cpp/core/evaluation/threads.hpp: what one thread evaluates at a time


class Group(NamedTuple):
    """What one digest is of."""

    class_name: str
    mode: str


@dataclass(frozen=True)
class Configuration:
    """A schedule and what is asked of it."""

    class_name: str
    config: dict[str, Any]
    marks: list[int]
    #: Whether there is work for many threads.
    long: bool = False

    @property
    def json(self) -> str:
        """The schedule, for `fastlr.deserialize` and `Schedule::from_json`."""
        return json.dumps({"class_name": self.class_name, "config": self.config}, sort_keys=True)

    @property
    def steps(self) -> list[int]:
        """At and around the marks, beyond 2**24 and 2**53, below 0, and scattered."""
        steps = {mark + offset for mark in [0, *self.marks] for offset in range(-2, 3)}
        steps |= {2**24 + offset for offset in range(-2, 4)}
        steps |= {2**25 + 3, 2**31 + 7, 10**9 + 1, 10**12 + 7, 2**53 + 1, 2**62 + 1, -(2**33)}
        # By the golden ratio: the numbers of a generator may change with its library's version.
        steps |= {i * 2654435769 % (self._end + self._end // 4 + 2) for i in range(200)}
        return sorted(steps)

    @property
    def ranges(self) -> list[range]:
        """Dense and sparse, rising and falling; one is longer than a block (4096) of the driver."""
        ranges = [range(-300, 4500), range(2000, -300, -7), range(2**24 - 300, 2**24 + 300)]
        ranges += [range(mark - 77, mark + 77) for mark in self.marks]
        ranges += [range(-(self._end // 7) - 1, 2 * self._end + 50, max(1, self._end // 1500))]
        ranges += [range(-(2**62), 2**62, 2**55 + 12345), range(2**53 - 40, 2**53 + 40)]
        return ranges + ([range(-1000, 8 * _CHUNK + 1000)] if self.long else [])

    @property
    def _end(self) -> int:
        return max([*self.marks, 10])


def configurations() -> list[Configuration]:
    """All of the file, in an order that is not the file's."""
    lines = map(json.loads, CONFIGURATIONS.read_text().splitlines())
    return sorted((Configuration(**line) for line in lines), key=lambda each: each.json)


def of_group(group: Group) -> list[Configuration]:
    """The configurations whose rates are hashed together."""
    return [each for each in configurations() if each.class_name == group.class_name]


def groups(modes: tuple[str, ...] = MODES) -> list[Group]:
    """Everything that has a digest."""
    names = sorted({each.class_name for each in configurations()})
    return [Group(name, mode) for name in names for mode in modes]


def value_count(group: Group) -> int:
    """How many rates a digest is of."""
    return sum(len(each.steps) + sum(map(len, each.ranges)) for each in of_group(group))


def requests(group: Group, way: str, threads: int) -> Iterator[str]:
    """The lines that rates.cpp answers with the values of a group in float32."""
    of_steps, of_ranges = WAYS[way]
    for each in of_group(group):
        steps = " ".join(map(str, each.steps))
        yield f"{each.json}\n{group.mode} {threads} {of_steps} steps {steps}\n"
        for r in each.ranges:
            bounds = f"{r.start} {r.stop} {r.step}"
            yield f"{group.mode} {threads} {of_ranges} range {bounds}\n"


def known() -> dict[Group, str]:
    """The digests that are checked in."""
    by_class = json.loads(DIGESTS.read_text())
    return {Group(name, mode): by_class[name][mode] for name in by_class for mode in by_class[name]}
