"""Schedules at single steps, as compiled code of others asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from bits import assert_same_bits
from registry import ROWS, float64_config, steps_around

#: Besides integers: between them, subnormal, beyond float32, not finite.
FLOATS = [0.3, 100.7, -1.5, 1e-40, -1e-40, 1e300, -1e300, float("inf"), float("nan")]


def schedules_with_steps(
    fastlr: Any, class_name: str, every: int
) -> Iterator[tuple[Any, list[int]]]:
    """Each such configuration in both precisions, with integers around its landmarks."""
    row = ROWS[class_name]
    for config in row.configs[::every]:
        steps = steps_around(config, row, np.random.default_rng(0), random=10)
        steps = [step for step in steps if -(2**63) <= step < 2**63]
        for each in (config, float64_config(config)):
            yield getattr(fastlr, class_name).from_config(each), steps


def rates_at(c_function: tuple[Any, Any], steps: Iterable[Any]) -> list[float]:
    """Rates of a C function."""
    function, data = c_function
    return [function(step, data) for step in steps]


def check_c_functions(fastlr: Any, class_name: str, every: int) -> int:
    """Compare them with calls in the configurations of a row; how many values that were."""
    compared = 0
    for schedule, steps in schedules_with_steps(fastlr, class_name, every):
        for kind in (int, float):
            given = [*map(kind, steps), *(FLOATS if kind is float else [])]
            rates = rates_at(schedule.c_function(kind), given)
            assert_same_bits(rates, [schedule(step) for step in given], given, f"{schedule!r}")
            compared += len(given)
    return compared
