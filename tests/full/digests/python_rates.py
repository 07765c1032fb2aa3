"""The rates that the digests are of, from the Python package."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
from digests import WAYS, Configuration, Group, of_group
from registry import float64_config

from fastlr import _core


def key(group: Group) -> Group:
    """Under which a digest is kept: in float64, by which `pow`, `log` and `cos` glibc has here."""
    is_other = group.mode == "float64" and not _core.library_power_is_fused()
    return Group(group.class_name, "float64 without FMA") if is_other else group


def digest(fastlr: ModuleType, group: Group, way: str, threads: int) -> str:
    """SHA-256 of the rates of a group, asked for in one of WAYS."""
    sha = hashlib.sha256()
    for each in of_group(group):
        for rates in _rates(fastlr, each, group.mode, way, threads):
            sha.update(_canonical(rates).tobytes())
    return sha.hexdigest()


def _rates(
    fastlr: ModuleType, each: Configuration, mode: str, way: str, threads: int
) -> Iterator[np.ndarray]:
    is_wide = mode == "float64"
    config = float64_config(each.config) if is_wide else each.config
    execution = "eager" if is_wide else mode
    schedule = fastlr.deserialize({**json.loads(each.json), "config": config})

    def ask(how: str, steps: Any) -> np.ndarray:
        if how == "table":
            bounds = (steps.start, steps.stop, steps.step)
            return schedule.table(*bounds, threads=threads, execution=execution)
        if how == "array":
            return schedule(_array(steps), execution=execution)
        calls = [schedule(step, execution=execution) for step in steps]
        return np.array(calls, np.float64 if is_wide else np.float32)

    of_steps, of_ranges = WAYS[way]
    yield ask(of_steps, each.steps)
    for steps in each.ranges:
        yield ask(of_ranges, steps)


def _array(steps: list[int] | range) -> np.ndarray:
    if isinstance(steps, range):
        return np.arange(steps.start, steps.stop, steps.step, np.int64)
    return np.array(steps, np.int64)


def _canonical(rates: np.ndarray) -> np.ndarray:
    """Little-endian, every NaN as one: its sign and payload are the processor's own."""
    return np.where(np.isnan(rates), rates.dtype.type(np.nan), rates).astype(
        rates.dtype.newbyteorder("<")
    )
