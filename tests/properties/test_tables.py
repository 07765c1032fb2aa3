"""``fastlr.tables``: the rates of each schedule's own ``table``, in rows."""

from __future__ import annotations

import numpy as np
import pytest
from backends import over_backends, using
from bits import assert_same_bits
from registry import ROWS, float64_config

#: One or none of a row, some of one, more than a chunk of them all.
BOUNDS = [(0,), (1,), (7,), (3, 200, 7), (50, -20, -3), (-(2**63), 2**63 - 1, 2**62), (2000,)]


def all_schedules(module, convert=lambda config: config, classes=tuple(ROWS)):
    return [
        getattr(module, class_name).from_config(convert(config))
        for class_name in classes
        for config in ROWS[class_name].configs
    ]


def own_schedule(module):
    class Own(module.LearningRateSchedule):
        def __call__(self, step):
            return 0.1 / (abs(step) + 1)

    return Own()


@over_backends
@pytest.mark.parametrize("bounds", BOUNDS)
def test_rows_are_tables(backend, bounds):
    with using(backend) as module:
        schedules = all_schedules(module)
        rates = module.tables(schedules, *bounds)
        assert rates.shape == (len(schedules), len(range(*bounds)))
        assert rates.flags.c_contiguous
        for schedule, row in zip(schedules, rates, strict=True):
            assert_same_bits(row, schedule.table(*bounds), range(*bounds), repr(schedule))
        threads = module.tables(schedules, *bounds, threads=3)
        assert_same_bits(threads.ravel(), rates.ravel(), range(rates.size), "three threads")


@over_backends
def test_float64_and_execution_modes(backend):
    # Numba compiles each mode of each class for seconds.
    classes = ("CosineDecay", "InverseTimeDecay") if backend == "numba" else tuple(ROWS)
    with using(backend) as module:
        wide = all_schedules(module, float64_config, classes)
        for schedule, row in zip(wide, module.tables(wide, 300), strict=True):
            assert_same_bits(row, schedule.table(300), range(300), repr(schedule))
        narrow = all_schedules(module, classes=classes)
        for execution in ("graph", "xla"):
            rates = module.tables(narrow, -3, stop=300, execution=execution)
            for schedule, row in zip(narrow, rates, strict=True):
                alone = schedule.table(-3, 300, execution=execution)
                assert_same_bits(row, alone, range(-3, 300), f"{execution}, {schedule!r}")
        with pytest.raises(NotImplementedError, match=r"xla.*float64"):
            module.tables(wide, 300, execution="xla")


@over_backends
def test_schedules_of_ones_own(backend):
    with using(backend) as module:
        own, cosine = own_schedule(module), module.CosineDecay(0.1, 10)
        schedules = [cosine, own, own.with_warmup(3), 0.5 * cosine]
        for bounds in [(6,), (9, 2), (9, -2, -2), (2, 2)]:
            rates = module.tables(schedules, *bounds)
            for schedule, row in zip(schedules, rates, strict=True):
                assert_same_bits(row, schedule.table(*bounds), range(*bounds), repr(schedule))


@over_backends
def test_few_schedules_many_steps_and_no_schedules(backend):
    with using(backend) as module:
        assert module.tables([], 5).shape == (0, 5)
        assert module.tables((), 5, out=np.empty((0, 5), np.float32)).dtype == np.float32
        schedule = module.CosineDecay(0.1, 100_000)
        rates = module.tables((schedule for _ in range(3)), 100_001, threads=2)
        for row in rates:
            assert_same_bits(row, schedule.table(100_001), range(100_001), "long rows")


@over_backends
def test_out_may_be_any_memory_in_rows(backend, tmp_path):
    with using(backend) as module:
        schedules = [module.CosineDecay(rate, 10) for rate in (0.1, 0.2, 0.3)]
        expected = module.tables(schedules, 6)
        wide = np.full((3, 10), 7, np.float32)
        buffers = [
            np.empty((3, 6), np.float32),
            np.memmap(tmp_path / "rates", np.float32, "w+", shape=(3, 6)),
            wide[:, 2:8],
            np.empty((6, 6), np.float32)[::-2],
        ]
        for out in buffers:
            assert module.tables(schedules, 6, out=out) is out
            assert np.array_equal(out, expected)
        assert (wide[:, [0, 1, 8, 9]] == 7).all()
        column = np.full((3, 4), 7, np.float32)
        module.tables(schedules, 1, out=column[:, 1:2])
        assert np.array_equal(column[:, 1], expected[:, 0])
        assert (column[:, [0, 2, 3]] == 7).all()
        assert np.array_equal(np.fromfile(tmp_path / "rates", np.float32), expected.ravel())


def bad_buffers():
    readonly = np.full((3, 6), 7, np.float32)
    readonly.setflags(write=False)
    overlapping = np.full(20, 7, np.float32)
    return {
        "too short": np.full((3, 5), 7, np.float32),
        "too few rows": np.full((2, 6), 7, np.float32),
        "float64": np.full((3, 6), 7, np.float64),
        "byte order": np.full((3, 6), 7, ">f4"),
        "Fortran order": np.full((3, 6), 7, np.float32, order="F"),
        "every other column": np.full((3, 12), 7, np.float32)[:, ::2],
        "overlapping": np.lib.stride_tricks.as_strided(overlapping, (3, 6), (4, 4)),
        "one dimension": np.full(18, 7, np.float32),
        "read-only": readonly,
        "misaligned": np.zeros(73, np.uint8)[1:].view(np.float32).reshape(3, 6),
        "list": [[7.0] * 6] * 3,
    }


@over_backends
@pytest.mark.parametrize("kind", bad_buffers())
def test_bad_out_is_refused_and_untouched(backend, kind):
    out = bad_buffers()[kind]
    before = np.array(out).tobytes()
    with using(backend) as module:
        schedules = [module.CosineDecay(rate, 10) for rate in (0.1, 0.2, 0.3)]
        with pytest.raises(ValueError, match=r"`out`.*float32.*\(3, 6\)"):
            module.tables(schedules, 6, out=out)
    assert np.array(out).tobytes() == before


@over_backends
def test_refusals_name_the_argument(backend):
    with using(backend) as module:
        narrow = module.CosineDecay(0.1, 10)
        wide = module.CosineDecay(np.float64(0.1), 10)
        for schedules, error, named in [
            ([narrow, narrow, wide], ValueError, r"`schedules`.*float64 of schedules\[2\]"),
            ([wide, own_schedule(module)], ValueError, r"float32 of schedules\[1\]"),
            ([narrow, 0.1], TypeError, r"`schedules\[1\]`.*float"),
            (narrow, TypeError, "`schedules`.*CosineDecay"),
            ("abc", TypeError, r"`schedules\[0\]`.*str"),
        ]:
            with pytest.raises(error, match=named):
                module.tables(schedules, 5)
        for arguments, keywords, error, named in [
            ((1.5,), {}, TypeError, "stop"),
            ((0, 5, 0), {}, ValueError, "step"),
            ((5,), {"threads": 0}, ValueError, "threads"),
            ((5,), {"execution": "fast"}, ValueError, "execution"),
            ((10**14,), {}, MemoryError, r"3 schedules.*bytes.*tables\("),
            ((-(2**63), 2**63), {}, MemoryError, "bytes"),
        ]:
            with pytest.raises(error, match=named):
                module.tables([narrow] * 3, *arguments, **keywords)
