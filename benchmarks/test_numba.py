"""The Numba fallback beside the compiled core: arrays of steps, on one thread."""

from __future__ import annotations

import numpy as np
import pytest
from test_schedules import CASES, STEPS

from fastlr import _numba

ORDERS = ("sorted", "shuffled")
PREFIX = "Numba: "


def array_of_steps(order):
    """Sorted steps with repetitions, which the core does not take for a range; or shuffled ones."""
    if order == "shuffled":
        return np.random.default_rng(0).permutation(STEPS)
    return np.arange(STEPS) + (np.arange(STEPS) % 3 == 0)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("peer", ["fastlr", "Numba"])
@pytest.mark.parametrize("name", CASES)
def test_arrays(timed, name, peer, order):
    schedule = CASES[name].schedule
    core = schedule._kernel("eager")
    fallback = _numba.make_kernel(type(schedule).__name__, "float32", "eager", schedule._arguments)
    steps, rates = array_of_steps(order), {}
    for key, kernel in (("fastlr", core), ("Numba", fallback)):
        rates[key] = np.empty(STEPS, np.float32)
        kernel.array(steps, rates[key], threads=1)
    assert rates["fastlr"].tobytes() == rates["Numba"].tobytes()
    kernel = core if peer == "fastlr" else fallback
    group = f"{PREFIX}{name} | {order}"
    timed(group, peer, lambda: kernel.array(steps, rates[peer], threads=1), rounds=12)
