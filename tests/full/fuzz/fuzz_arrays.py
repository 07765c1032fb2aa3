"""Any steps: bytes read as arrays of any dtype, stride, order and offset, ranges and `out`.

python tests/full/fuzz/fuzz_arrays.py -max_total_time=60 [a corpus folder]
"""

from __future__ import annotations

from typing import Any

import atheris
import numpy as np
from python_fuzzer import _core, assert_same_bits, fastlr, fuzz, number, refused_or

SCHEDULES = [
    fastlr.CosineDecay(0.1, 1003),
    fastlr.CosineDecay(0.0, 1003, 0.01, "warm", 0.1, 77),
    fastlr.CosineDecayRestarts(0.1, 100, 1.5, 0.9, 0.1),
    fastlr.ExponentialDecay(0.1, 100, 0.96),
    fastlr.ExponentialDecay(1e-37, 3, 0.5, True),
    fastlr.InverseTimeDecay(0.1, 100, 0.5),
    fastlr.PolynomialDecay(0.1, 1003, 1e-4, 0.9, True),
    fastlr.PiecewiseConstantDecay([-3, 0.1, 100, 2**24 + 1], [0.5, 0.4, 0.3, 0.2, 0.1]),
    fastlr.PiecewiseConstantDecay([7, 3, 5], [0.4, 0.3, 0.2, 0.1]),
    fastlr.CosineDecay(np.float64(0.1), 1003),
]
RAMP = fastlr.PolynomialDecay(0.0, 3, 0.1)
SCHEDULES += [
    fastlr.Join([RAMP, SCHEDULES[0], SCHEDULES[7], SCHEDULES[2]], [-5, 40, 2**24 + 3]),
    fastlr.Join([fastlr.Table(np.float64([0.1, 0.3])), SCHEDULES[-1]], [1]),
    (1e-3 * SCHEDULES[4].shifted(5)).with_warmup(7).clipped(minimum=1e-40, maximum=0.1),
]
DTYPES = [np.dtype(code) for code in "?bhilqBHILQefdgFDSUVOmM"]
ISAS = _core.isas()


def array(data: atheris.FuzzedDataProvider) -> np.ndarray:
    """Bytes as an array somewhere in memory."""
    dtype = data.PickValueInList(DTYPES)
    if dtype.kind in "SUV":
        dtype = np.dtype(f"{dtype.kind}{data.ConsumeIntInRange(1, 3)}")
    if dtype.kind in "mM":
        dtype = np.dtype(f"{dtype.kind}8[s]")
    if data.ConsumeBool():
        dtype = dtype.newbyteorder()
    if dtype.hasobject:
        return np.array([number(data) for _ in range(data.ConsumeIntInRange(0, 4))], object)
    shape = tuple(data.ConsumeIntInRange(0, 4) for _ in range(data.ConsumeIntInRange(0, 3)))
    shape += (data.ConsumeIntInRange(0, 40),) if data.ConsumeBool() else ()
    offset = data.ConsumeIntInRange(0, 8)
    size = int(np.prod(shape, dtype=int)) * dtype.itemsize
    buffer = bytearray(offset + size)
    drawn = data.ConsumeBytes(size)
    buffer[offset : offset + len(drawn)] = drawn
    made = np.frombuffer(buffer, np.uint8)[offset:].view(dtype).reshape(shape)
    for axis in range(made.ndim):
        index = [slice(None)] * made.ndim
        index[axis] = slice(None, None, data.PickValueInList([1, 1, 2, -1, -3]))
        made = made[tuple(index)]
    return made.T if data.ConsumeBool() else made


def check_array(schedule: Any, steps: np.ndarray) -> None:
    """An array has the rates of its items, on every instruction set."""
    before = steps.tobytes()
    results = []
    for isa in ISAS:
        _core.set_isa(isa)
        rates = refused_or(lambda: schedule(steps))
        assert (rates is not None) == (steps.dtype.kind in "biuf"), steps.dtype
        if rates is None:
            return
        assert np.shape(rates) == steps.shape
        rates = np.asarray(rates, schedule._dtype)
        alone = np.array([schedule(step) for step in steps.ravel()], schedule._dtype)
        assert_same_bits(rates.ravel(), alone, steps, f"{isa}, {steps.dtype}, {schedule}")
        results.append(rates)
    for rates in results:
        assert_same_bits(rates, results[0], steps, f"{steps.dtype}, {schedule}")
    assert steps.tobytes() == before


def check_table(schedule: Any, data: atheris.FuzzedDataProvider) -> None:
    """A range gives its rates, into memory that fits or into none."""
    start = data.ConsumeInt(data.ConsumeIntInRange(1, 9))
    step = data.ConsumeInt(data.ConsumeIntInRange(1, 9))
    count = data.ConsumeIntInRange(0, 40)
    out = array(data)
    before = out.tobytes()
    threads = data.PickValueInList([None, 1, 2, 10**30, 0, -1, 1.5])
    arguments = (start, start + count * step, step)
    if refused_or(lambda: schedule.table(*arguments, out=out, threads=threads)) is None:
        assert out.tobytes() == before
    rates = refused_or(lambda: schedule.table(*arguments))
    if rates is None:
        return
    steps = range(*arguments)
    out = np.full(count, 7, schedule._dtype)
    if refused_or(lambda: schedule.table(*arguments, out=out, threads=threads)) is None:
        assert (out == 7).all()
    else:
        assert_same_bits(out, rates, steps, f"out, {schedule}")
    alone = np.array([schedule(each) for each in steps], schedule._dtype)
    assert_same_bits(rates, alone, steps, f"{schedule}")


def test_one_input(blob: bytes) -> None:
    """Call a schedule with what a blob describes."""
    data = atheris.FuzzedDataProvider(blob)
    schedule = data.PickValueInList(SCHEDULES)
    if data.ConsumeBool():
        check_array(schedule, array(data))
    else:
        check_table(schedule, data)
        numbers = [number(data) for _ in range(data.ConsumeIntInRange(0, 6))]
        rates = refused_or(lambda: schedule(numbers))
        if rates is not None:
            alone = np.array([schedule(each) for each in numbers], schedule._dtype)
            assert_same_bits(rates, alone, numbers, f"list, {schedule}")


if __name__ == "__main__":
    fuzz(test_one_input)
