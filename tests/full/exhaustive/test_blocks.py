"""Tables of consecutive steps, evaluated in binary32 blocks, at every step of a schedule.

The proof that blocks have the bits of single steps is in src/cpp/core/evaluation/cosine_blocks.hpp;
this is its check. The reference is the same schedule over an array whose steps are in another
order, which the core evaluates in double.
"""

from __future__ import annotations

import numpy as np
import pytest

import fastlr
from fastlr import _core


def in_pairs_swapped(count: int) -> np.ndarray:
    """Steps 1, 0, 3, 2, ...: no range."""
    return np.arange(count + count % 2).reshape(-1, 2)[:, ::-1].ravel()


@pytest.mark.parametrize("isa", _core.isas())
@pytest.mark.parametrize("decay_steps", [60_001, 200_000, 1_000_000, 4_999_999, 12_345_679, 2**24])
def test_every_step(isa, decay_steps, count_compared):
    steps = in_pairs_swapped(decay_steps)
    schedules = [
        fastlr.CosineDecay(0.1, decay_steps, alpha=0.01),
        fastlr.CosineDecayRestarts(0.3, decay_steps // 3, t_mul=1.5, m_mul=0.7),
    ]
    _core.set_isa(isa)
    try:
        for schedule in schedules:
            for execution in ("eager", "graph", "xla"):
                table = schedule.table(len(steps), execution=execution).view(np.uint32)
                one_by_one = schedule(steps, execution=execution).view(np.uint32)
                different = np.flatnonzero(table[steps] != one_by_one)
                assert different.size == 0, (schedule, execution, steps[different[0]])
                count_compared("blocks and single steps, exhaustive", table.size)
    finally:
        _core.set_isa("auto")
