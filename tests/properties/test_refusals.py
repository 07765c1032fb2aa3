"""Bad input: errors that name the argument, nothing written, nothing crashed."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
from backends import over_backends, using
from registry import ROWS, config_id

import fastlr

LONG = "x" * 100_000
LongName = type(LONG, (), {})
SilentLongName = type(LONG, (), {"__repr__": lambda self: None})

REFUSED = [(name, *refusal) for name, row in ROWS.items() for refusal in row.refused]


@over_backends
@pytest.mark.parametrize(("class_name", "config", "argument", "error"), REFUSED, ids=config_id)
def test_bad_parameters(backend, class_name, config, argument, error):
    with using(backend) as module, pytest.raises(error, match=f"`{argument}`"):
        getattr(module, class_name).from_config(config)


BAD_STEPS = [
    "5", b"5", None, 1j, [1j], object(), [object()], [None], {}, {1}, np.array(["5"]),
    np.array([5], "M8[s]"), np.array([5], "m8[s]"), np.array([5], object), np.array(5, object),
    np.zeros(2, "i4,i4"), np.zeros(2, "V4"), ..., int, lambda: 5, [1, "2"], [2**70, None],
]  # fmt: skip


@over_backends
@pytest.mark.parametrize("steps", BAD_STEPS, ids=lambda steps: type(steps).__name__)
def test_bad_steps(backend, steps):
    with using(backend) as module, pytest.raises(TypeError, match=r"[Ss]teps"):
        module.CosineDecay(0.1, 10)(steps)


LONG_MESSAGES = [
    lambda module: module.CosineDecay(LongName(), 10),
    lambda module: module.CosineDecay(SilentLongName(), 10),
    lambda module: module.CosineDecay([[[LONG] * 9] * 9] * 9, 10),
    lambda module: module.CosineDecay(0.1, 10)(LongName()),
    lambda module: module.CosineDecay(0.1, 10)(np.zeros(2, [(LONG, "f4")])),
    lambda module: module.CosineDecay(0.1, 10).table(3, out=LongName()),
    lambda module: module.serialize(LongName()),
    lambda module: module.deserialize({"class_name": LONG, "config": {}}, {LONG: int}),
    lambda module: module.deserialize(
        {"class_name": "X", "config": {"x": 1}},
        {"X": type(LONG, (module.LearningRateSchedule,), {"__init__": lambda self: None})},
    ),
    lambda module: module._backend.implementation.set_isa(LONG),
]


@over_backends
@pytest.mark.parametrize("call", LONG_MESSAGES, ids=range(len(LONG_MESSAGES)))
def test_long_names_are_cut(backend, call):
    with using(backend) as module, pytest.raises((TypeError, ValueError)) as caught:
        call(module)
    assert len(str(caught.value)) < 1500


def test_calls_with_the_wrong_arguments(fastlr):
    schedule = fastlr.CosineDecay(0.1, 10)
    for arguments, keywords in [((), {}), ((1, 2), {}), ((1,), {"foo": 1}), ((1, "eager"), {})]:
        with pytest.raises(TypeError):
            schedule(*arguments, **keywords)
    assert schedule(steps=3) == schedule(3)
    assert schedule(3, execution="eager") == schedule(3)
    with pytest.raises(ValueError, match="execution"):
        schedule(3, execution="fast")
    with pytest.raises(ValueError, match="execution"):
        schedule.table(3, execution=None)
    for bad in (np.array(["eager", "xla"]), ["eager"], 1):
        with pytest.raises(ValueError, match="execution"):
            schedule(3, execution=bad)
    wide = fastlr.CosineDecay(np.float64(0.1), 10)
    for execution in ("graph", "xla"):
        with pytest.raises(NotImplementedError, match=f"{execution}.*float64"):
            wide(3, execution=execution)
        with pytest.raises(NotImplementedError, match=f"{execution}.*float64"):
            wide.table(3, execution=execution)
    with pytest.raises(ValueError, match="`steps`"):
        schedule([[1], [2, 3]])
    with pytest.raises(ValueError, match=r"`steps`.*int64"):
        schedule(range(2**64))


@over_backends
@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "named"),
    [
        ((1.5,), {}, TypeError, "stop"),
        (("5",), {}, TypeError, "stop"),
        ((None,), {}, TypeError, "stop"),
        ((0.0, 5), {}, TypeError, "start"),
        ((0, 5, 1.0), {}, TypeError, "step"),
        ((0, 5, 0), {}, ValueError, "step"),
        ((2**63, 2**63 + 5), {}, ValueError, "int64"),
        ((-(2**63) - 1, 0, 2**62), {}, ValueError, "int64"),
        ((5,), {"threads": 0}, ValueError, "threads"),
        ((5,), {"threads": -1}, ValueError, "threads"),
        ((5,), {"threads": 1.5}, TypeError, "threads"),
        ((10**15,), {}, MemoryError, "bytes"),
        ((2**62,), {}, MemoryError, "bytes"),
        ((-(2**63), 2**63), {}, MemoryError, "bytes"),
        ((-(10**30), 10**30), {}, ValueError, "int64"),
    ],
)
def test_bad_table_arguments(backend, arguments, keywords, error, named):
    with using(backend) as module, pytest.raises(error, match=named):
        module.CosineDecay(0.1, 10).table(*arguments, **keywords)


def bad_buffers():
    readonly = np.full(6, 7, np.float32)
    readonly.setflags(write=False)
    misaligned = np.zeros(25, np.uint8)[1:].view(np.float32)
    return {
        "too short": np.full(5, 7, np.float32),
        "too long": np.full(7, 7, np.float32),
        "float64": np.full(6, 7, np.float64),
        "int32": np.full(6, 7, np.int32),
        "byte order": np.full(6, 7, ">f4"),
        "strided": np.full(12, 7, np.float32)[::2],
        "reversed": np.full(6, 7, np.float32)[::-1],
        "two dimensions": np.full((6, 1), 7, np.float32),
        "zero dimensions": np.array(7, np.float32),
        "read-only": readonly,
        "misaligned": misaligned,
        "list": [7.0] * 6,
        "bytearray": bytearray(24),
    }


@over_backends
@pytest.mark.parametrize("kind", bad_buffers())
def test_bad_out_is_refused_and_untouched(backend, kind):
    out = bad_buffers()[kind]
    before = bytes(out) if isinstance(out, bytearray) else np.array(out).tobytes()
    with using(backend) as module, pytest.raises(ValueError, match=r"`out`.*float32.*\(6,\)"):
        module.CosineDecay(0.1, 10).table(6, out=out)
    assert (bytes(out) if isinstance(out, bytearray) else np.array(out).tobytes()) == before


@over_backends
def test_nothing_is_written_when_another_argument_is_refused(backend):
    out = np.full(6, 7, np.float32)
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 10)
        for keywords in ({"threads": 0}, {"execution": "?"}):
            with pytest.raises(ValueError, match="Argument"):
                schedule.table(6, out=out, **keywords)
    assert (out == 7).all()


def test_out_is_filled_and_returned(fastlr, tmp_path):
    schedule = fastlr.CosineDecay(0.1, 10)
    out = np.full(6, 7, np.float32)
    assert schedule.table(6, out=out) is out
    assert np.array_equal(out, schedule.table(6))
    mapped = np.memmap(tmp_path / "table", np.float32, "w+", shape=(6,))
    assert schedule.table(6, out=mapped) is mapped
    assert np.array_equal(mapped, out)
    inner = np.full((3, 6), 7, np.float32)
    schedule.table(6, out=inner[1])
    assert (inner[[0, 2]] == 7).all()
    wide = np.empty(6)
    assert fastlr.CosineDecay(np.float64(0.1), 10).table(6, out=wide) is wide


def test_ranges_as_python_has_them(fastlr):
    schedule = fastlr.CosineDecay(0.1, 10)
    for bounds in [(5,), (0,), (-5,), (2, 9), (9, 2), (9, 2, -1), (0, 10, 3), (10, 0, -3),
                   (0, 10, 2**70), (5, 2**62, 2**62), (-(2**63), -(2**63) + 3),
                   (2**63 - 3, 2**63), (True,), (np.int64(3), np.uint8(9)),
                   (-(2**63), 2**63, 2**64 - 1), (2**63 - 1, -(2**63) - 1, -(2**63) - 1),
                   (-(2**63), 2**63, 2**63)]:  # fmt: skip
        expected = [schedule(int(step)) for step in range(*map(int, bounds))]
        assert schedule.table(*bounds).tolist() == expected, bounds


@pytest.mark.parametrize("backend", ["cpp", "numba"])
def test_daemon_threads_do_not_abort_the_end_of_the_process(backend):
    run = python(
        """
        import threading, time
        import fastlr

        schedule = fastlr.CosineDecay(0.1, 10**9)
        schedule.table(10)

        def forever():
            while True:
                schedule.table(30_000)
                schedule.table(1_000_000, threads=2)

        for _ in range(3):
            threading.Thread(target=forever, daemon=True).start()
        time.sleep(0.3)
        """,
        FASTLR_BACKEND=backend,
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_long_calls_release_the_gil():
    schedule = fastlr.CosineDecay(0.1, 10**8)
    out = np.zeros(10**8, np.float32)
    longest_gap = 0.0
    done = threading.Event()
    worker = threading.Thread(target=lambda: (schedule.table(out.size, out=out), done.set()))
    started = last = time.monotonic()
    worker.start()
    ticks = 0
    while not done.is_set():
        time.sleep(0.0005)
        now = time.monotonic()
        longest_gap = max(longest_gap, now - last)
        last = now
        ticks += 1
    worker.join()
    assert ticks >= 3, f"{ticks} ticks in {last - started} s"


ENVIRONMENTS = [
    ("FASTLR_BACKEND", "fortran", "FASTLR_BACKEND"),
    ("FASTLR_NUM_THREADS", "0", "FASTLR_NUM_THREADS"),
    ("FASTLR_NUM_THREADS", "two", "FASTLR_NUM_THREADS"),
    ("FASTLR_NUM_THREADS", "99999999999", "FASTLR_NUM_THREADS"),
    ("FASTLR_NUM_THREADS", "9" * 5000, "FASTLR_NUM_THREADS"),
    ("FASTLR_ISA", "mmx", "FASTLR_ISA"),
    ("FASTLR_ISA", "\udcff" * 3, "FASTLR_ISA"),  # bytes that are no text
    ("FASTLR_ISA", "x" * 100_000, "FASTLR_ISA"),
    ("FASTLR_BACKEND", "x" * 100_000, "FASTLR_BACKEND"),
]


@pytest.mark.parametrize(("variable", "value", "named"), ENVIRONMENTS, ids=range(len(ENVIRONMENTS)))
def test_bad_environment_variables(variable, value, named):
    run = python("import fastlr", **{variable: value})
    assert run.returncode == 1
    assert f"ImportError: {named}" in run.stderr
    assert len(run.stderr.splitlines()[-1]) < 500


@pytest.mark.parametrize("isa", fastlr.build_info()["isas"])
def test_environment_variables(isa):
    run = python(
        """
        import fastlr
        print(fastlr.build_info()['isa'], fastlr.CosineDecay(0.1, 9).table(3000000)[1])
        """,
        FASTLR_ISA=isa,
        FASTLR_NUM_THREADS="0000000000000001",
        FASTLR_BACKEND="cpp",
    )
    assert run.stdout.split() == [isa, str(fastlr.CosineDecay(0.1, 9).table(2)[1])], run.stderr


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_boundaries_beyond_float32_do_not_warn(fastlr):
    stairs = fastlr.PiecewiseConstantDecay([0, np.float64(1e300)], [1.0, 2.0, 3.0])
    steps = np.array([-1, 1e299, 1e301])
    assert stairs(steps).tolist() == [1, 2, 3]
    assert stairs(steps[:1].astype(np.float32)).tolist() == [1]
