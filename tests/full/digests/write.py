"""Write configurations.jsonl from the registry, and digests.json from what all backends agree on.

    PYTHONPATH=tests python tests/full/digests/write.py

A digest may change because a configuration or a schedule was added, or (`--rates-changed`) where
Keras proves the old rates wrong, and for no other reason: before
it writes, this computes the digests of the configurations that were there before, which must be the
ones that were there before.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from backends import BACKENDS, using
from compositions import part
from digests import CONFIGURATIONS, DIGESTS, WAYS, Group, groups, known
from python_rates import digest, key
from registry import ROWS

#: A warmup, a decay and restarts, that end within the chunks of threads and at them.
_LONG_JOIN = part(
    "Join",
    schedules=[
        part("PolynomialDecay", initial_learning_rate=0.0, decay_steps=64_536,
             end_learning_rate=0.1),
        part("CosineDecay", initial_learning_rate=0.1, decay_steps=200_000),
        part("CosineDecayRestarts", initial_learning_rate=0.05, first_decay_steps=30_000),
    ],
    boundaries=[64_536, 270_001],
)  # fmt: skip

#: Tables in which every thread finds other pieces of the schedule.
LONG: list[tuple[str, dict[str, Any]]] = [
    ("CosineDecay", {"initial_learning_rate": 0.0, "decay_steps": 350_000, "alpha": 0.01,
                     "warmup_target": 0.1, "warmup_steps": 100_000}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 30_000,
                             "t_mul": 1.5, "m_mul": 0.9, "alpha": 0.01}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 700,
                             "t_mul": 1.0, "m_mul": 0.99}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 50_000, "decay_rate": 0.3}),
    ("InverseSquareRootDecay", {"initial_learning_rate": 0.1, "decay_steps": 50_000}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 50_000, "decay_rate": 0.3}),
    ("PiecewiseConstantDecay", {"boundaries": [100_000, 250_000, 400_001],
                                "values": [0.1, 0.03, 0.01, 0.003]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 500_000,
                         "end_learning_rate": 0.001, "power": 0.9}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 90_000, "power": 1.3,
                         "cycle": True}),
    ("Clip", {"schedule": _LONG_JOIN, "minimum": 0.01, "maximum": 0.08}),
    ("Constant", {"learning_rate": 0.1}),
    ("Join", _LONG_JOIN["config"]),
    ("Scale", {"schedule": _LONG_JOIN, "factor": 0.3}),
    ("Shift", {"schedule": _LONG_JOIN, "steps": -70_001}),
    ("Table", {"values": [0.1, 0.03, 0.01]}),
]  # fmt: skip

#: glibc as on a processor without FMA.
WITHOUT_FMA = "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX2_Usable,-FMA_Usable"


def configuration_lines() -> list[str]:
    """What configurations.jsonl is to hold."""
    given = [(row.class_name, config, False) for row in ROWS.values() for config in row.configs]
    given += [(class_name, config, True) for class_name, config in LONG]
    lines = []
    for class_name, config, long in given:
        marks = sorted({int(mark) for mark in ROWS[class_name].landmarks(config)})
        line = {"class_name": class_name, "config": config, "marks": marks}
        lines.append(json.dumps({**line, "long": True} if long else line) + "\n")
    return sorted(lines)


def agreed(backends: Sequence[str] = BACKENDS) -> dict[Group, str]:
    """The digests of this machine's C library, or an error where two backends differ."""
    found: dict[Group, dict[str, list[str]]] = {}
    for backend in backends:
        with using(backend) as fastlr:
            for way in WAYS:
                for group in groups():
                    of_group = found.setdefault(key(group), {})
                    of_group.setdefault(digest(fastlr, group, way, 1), []).append(backend)
    differing = {group: by_digest for group, by_digest in found.items() if len(by_digest) > 1}
    if differing:
        raise SystemExit(f"Backends differ, digests.json was not written: {differing}")
    return {group: one for group, (one,) in found.items()}


def agreed_without_fma(backends: Sequence[str] = BACKENDS) -> dict[Group, str]:
    """The same where the C library's functions are not fused, in a process of its own."""
    program = f"import json, write; print(json.dumps([*write.agreed({backends!r}).items()]))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "GLIBC_TUNABLES": WITHOUT_FMA, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return {Group(*group): found for group, found in json.loads(done.stdout)}


def main() -> None:
    """Check the old digests, then write the new ones."""
    one = BACKENDS[:1]
    both = [agreed(one), agreed_without_fma(one)] if DIGESTS.exists() else []
    changed = {group for found in both for group in found if found[group] != known()[group]}
    if changed and "--rates-changed" not in sys.argv:
        raise SystemExit(
            f"Rates of configurations that have digests changed, nothing was written: {changed}. "
            "Is that a bug? If not, say --rates-changed."
        )
    CONFIGURATIONS.write_text("".join(configuration_lines()))
    digests: dict[str, dict[str, str]] = {}
    for (class_name, mode), found in sorted({**agreed(), **agreed_without_fma()}.items()):
        digests.setdefault(class_name, {})[mode] = found
    DIGESTS.write_text(json.dumps(digests, indent=2) + "\n")


if __name__ == "__main__":
    main()
