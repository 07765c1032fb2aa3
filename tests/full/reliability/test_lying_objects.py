"""Objects that lie, change, raise or run other code while they are asked what they are."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from backends import BACKENDS, using
from bits import assert_same_bits
from strategies import LONGEST_MESSAGE, nested_list, self_referencing

REFUSALS = (TypeError, ValueError)

#: What is read here is read by Python, alike for all instruction sets.
over_backends = pytest.mark.parametrize("backend", BACKENDS[-2:])


class Asked:
    """Calls its next function each time its array is asked for."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.answers.pop(0)() if len(self.answers) > 1 else self.answers[0]()


class Indexed:
    """What `__index__` and `__float__` do is what a function does."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __index__(self) -> Any:
        return self.answer()

    def __float__(self) -> Any:
        return self.answer()


class Shrinking(Sequence):
    """Claims five items and has two, or the other way round."""

    def __init__(self, claimed: int, real: int) -> None:
        self.claimed, self.real = claimed, real

    def __len__(self) -> int:
        return self.claimed

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < self.real:
            raise IndexError
        return index


class Rereading(Sequence):
    """Numbers at first, and text from then on."""

    def __init__(self, items: list[Any]) -> None:
        self.items, self.reads = items, 0

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    def __iter__(self) -> Any:
        self.reads += 1
        return iter(self.items if self.reads == 1 else ["5"] * len(self.items))


class LyingInt(int):
    """An int that computes, compares and writes itself as something else."""

    def __add__(self, other: Any) -> Any:
        return 10**9

    __sub__ = __mul__ = __floordiv__ = __rsub__ = __radd__ = __add__

    def __lt__(self, other: Any) -> bool:
        return True

    __gt__ = __le__ = __ge__ = __lt__

    def __eq__(self, other: Any) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __index__(self) -> int:
        return 10**9

    def __int__(self) -> int:
        return -1

    def __abs__(self) -> int:
        return 7

    def __repr__(self) -> str:
        raise RuntimeError("no")

    def bit_length(self) -> int:
        return 10**6


class LyingFloat(float):
    def __float__(self) -> float:
        return 1e300

    def __le__(self, other: Any) -> bool:
        return True

    def __lt__(self, other: Any) -> bool:
        return True

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return np.array([1, 2, 3])


def lying_number(kind: type) -> type:
    """A subclass of a type of NumPy's that computes, compares and converts as something else."""
    return type(
        "Lying",
        (kind,),
        {
            **dict.fromkeys(
                ["__float__", "__int__", "__index__", "__array__", "item"], lambda *_: 5
            ),
            **dict.fromkeys(["__le__", "__lt__", "__gt__", "__ge__"], lambda *_: False),
            **dict.fromkeys(["__sub__", "__rsub__"], lambda *_: 1e9),
        },
    )


class LyingStr(str):
    __slots__ = ()

    def __eq__(self, other: Any) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("xla")


class LyingArray(np.ndarray):
    """Says it is as long, as wide and as writable as wanted."""

    shape = property(lambda self: (6,))
    size = property(lambda self: 6)
    dtype = property(lambda self: np.dtype(np.float32))
    flags = property(lambda self: np.zeros(1).flags)


class Unspeakable:
    def __repr__(self) -> str:
        raise ValueError("no")

    def __str__(self) -> str:
        raise ValueError("no")


def raising(error: BaseException) -> Any:
    def call() -> Any:
        raise error

    return call


def collecting() -> Any:
    gc.collect()
    return np.arange(3)


def threaded() -> Any:
    threads = [threading.Thread(target=gc.collect) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return np.arange(3)


def result(call: Any, *named: str) -> Any:
    """What a call returns, or None where it refuses in words that name one of `named`."""
    try:
        return call()
    except (*REFUSALS, MemoryError) as error:
        refusal = error
    assert any(name in str(refusal).lower() for name in named), refusal
    return None


@over_backends
def test_arrays_that_are_another_each_time(backend):
    """The first answer counts, wherever there is more than one."""
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 10)
        steps = Asked(lambda: np.arange(3), lambda: np.arange(5.0), lambda: "text")
        assert_same_bits(schedule(steps), schedule.table(3), range(3), "first answer")
        for answer in (collecting, threaded):
            assert_same_bits(schedule(Asked(answer)), schedule.table(3), range(3), "runs others")
        big = Asked(lambda: np.arange(100_000))
        assert_same_bits(schedule(big), schedule.table(100_000), range(100_000), "big")


@over_backends
@pytest.mark.parametrize(
    "answer",
    [lambda: "text", lambda: None, lambda: [1, 2], lambda: 5, lambda: np.array(["a"]),
     lambda: np.zeros(2, "M8[s]"), raising(ValueError("v")), raising(TypeError("t")),
     raising(RuntimeError("r")), raising(OverflowError("o")), raising(BufferError("b"))],
)  # fmt: skip
def test_arrays_that_are_none(backend, answer):
    with using(backend) as module, pytest.raises(REFUSALS, match=r"[Ss]teps"):
        module.CosineDecay(0.1, 10)(Asked(answer))


@over_backends
def test_what_an_object_raises_itself_comes_out(backend):
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 10)
        for error in (KeyboardInterrupt(), ZeroDivisionError(), SystemExit(3), MemoryError()):
            for steps in (Asked(raising(error)), Indexed(raising(error))):
                with pytest.raises(type(error)):
                    schedule(steps)
            with pytest.raises(type(error)):
                schedule.table(Indexed(raising(error)))


@over_backends
def test_an_array_that_is_itself(backend):
    class Itself:
        def __array__(self, dtype=None, copy=None):
            return self

    with using(backend) as module, pytest.raises(REFUSALS, match="`steps`"):
        module.CosineDecay(0.1, 10)(Itself())


@over_backends
def test_arrays_that_change_while_they_are_read(backend):
    """The step array is resized by the object that gives it; what was read is what counts."""
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 10)
        steps = np.arange(10)
        asked = Asked(lambda: (steps.resize(4, refcheck=False), steps)[1])
        assert schedule(asked).shape == (4,)

        changing: list[Any] = [1, 2, 3]
        changing[1] = Indexed(lambda: (changing.clear(), gc.collect(), 2)[2])
        rates = result(lambda: schedule(changing), "steps")
        assert rates is None or rates.shape == (3,)


@over_backends
@pytest.mark.parametrize(("claimed", "real"), [(5, 2), (2, 5), (0, 3), (3, 0), (10**15, 2)])
def test_sequences_with_another_length_than_they_say(backend, claimed, real):
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 10)
        rates = result(lambda: schedule(Shrinking(claimed, real)), "steps", "allocate")
        if rates is not None:
            assert_same_bits(rates, schedule.table(real), range(real), "its items")


@over_backends
@pytest.mark.parametrize(
    "answer", [lambda: "5", lambda: 5.0, lambda: None, raising(TypeError("t"))]
)
def test_integers_that_are_none(backend, answer):
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 10)
        with pytest.raises(TypeError):
            schedule(Indexed(answer))
        for keywords in ({"stop": 5, "step": Indexed(answer)}, {"threads": Indexed(answer)}):
            with pytest.raises(TypeError, match=f"`{list(keywords)[-1]}`"):
                schedule.table(0, **keywords)


@over_backends
def test_subclasses_count_as_the_number_they_hold(backend):
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 10)
        seven = schedule(7)
        assert schedule(LyingInt(7)) == seven
        assert schedule([LyingInt(7), 0.5])[0] == np.float32(seven)
        assert_same_bits(schedule.table(LyingInt(7)), schedule.table(7), range(7), "stop")
        assert_same_bits(schedule.table(2, LyingInt(9), LyingInt(3)), schedule.table(2, 9, 3),
                         range(2, 9, 3), "range")  # fmt: skip
        assert_same_bits(schedule.table(7, threads=LyingInt(1)), schedule.table(7), range(7), "")
        assert schedule(LyingFloat(7.0)) == seven
        assert schedule([LyingFloat(7.0)])[0] == np.float32(seven)
        same = module.CosineDecay(LyingFloat(0.1), LyingInt(10), LyingFloat(0.0))
        assert same(7) == seven
        stairs = module.PiecewiseConstantDecay([LyingInt(3), LyingFloat(5.0)], [1, 2.0, 3])
        assert [stairs(step) for step in (3, 4, 5, 6)] == [1, 2, 2, 3]
        for bad in (LyingInt(0), LyingInt(-(10**5000)), LyingFloat("nan"), LyingFloat(-1)):
            with pytest.raises(ValueError, match="`decay_steps`"):
                module.CosineDecay(0.1, bad)


@over_backends
def test_execution_is_the_text_that_it_is(backend):
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 1003)
        expected = schedule.table(1003, execution="xla")
        with pytest.raises(ValueError, match="`execution`"):
            schedule.table(1003, execution=LyingStr("fast"))
        eager = schedule.table(1003, execution=LyingStr("eager"))
        assert_same_bits(eager, schedule.table(1003), range(1003), "eager")
        assert_same_bits(schedule.table(1003, execution="xla"), expected, range(1003), "xla")


@over_backends
def test_sequences_of_parameters_are_read_once(backend):
    with using(backend) as module:
        stairs = module.PiecewiseConstantDecay(Rereading([1, 2]), Rereading([3.0, 2.0, 1.0]))
        assert stairs == module.PiecewiseConstantDecay([1, 2], [3.0, 2.0, 1.0])
        assert stairs.boundaries == [1, 2]


@over_backends
@pytest.mark.parametrize("bad", ["short", "long", "float64", "read-only", "strided", "misaligned"])
def test_out_that_lies_about_itself_is_seen_through(backend, bad):
    read_only = np.full(6, 7, np.float32)
    read_only.flags.writeable = False
    out = {
        "short": np.full(5, 7, np.float32),
        "long": np.full(7, 7, np.float32),
        "float64": np.full(6, 7, np.float64),
        "read-only": read_only,
        "strided": np.full(12, 7, np.float32)[::2],
        "misaligned": np.zeros(25, np.uint8)[1:].view(np.float32),
    }[bad]
    before = out.tobytes()
    with using(backend) as module, pytest.raises(ValueError, match="`out`"):
        module.CosineDecay(0.1, 10).table(6, out=out.view(LyingArray))
    assert out.tobytes() == before


@over_backends
def test_out_that_is_changed_while_the_other_arguments_are_read(backend):
    """Arguments are read before `out` is looked at."""
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 10)
        out = np.full(6, 7, np.float32)
        with pytest.raises(ValueError, match="`out`"):
            schedule.table(Indexed(lambda: (out.resize(3, refcheck=False), 6)[1]), out=out)
        assert (out == 7).all()
        out = np.full(6, 7, np.float32)
        with pytest.raises(ValueError, match="read-only"):
            schedule.table(6, out=out, threads=Indexed(lambda: (out.setflags(write=False), 1)[1]))
        assert (out == 7).all()


@over_backends
def test_tables_into_overlapping_memory(backend):
    """A table may lie anywhere in memory, in another table's or over its own steps."""
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 100)
        expected = schedule.table(90)
        memory = np.zeros(100, np.float32)
        first = schedule.table(90, out=memory[:90])
        second = schedule.table(90, out=memory[10:])
        assert_same_bits(second, expected, range(90), "the later one")
        assert_same_bits(first[:10], expected[:10], range(10), "what is left of the earlier one")
        assert not np.shares_memory(schedule(memory), memory)


@over_backends
def test_memory_that_lies_about_where_it_is(backend):
    class Elsewhere:
        def __init__(self, device: Any, capsule: Any) -> None:
            self.device, self.capsule = device, capsule

        def __dlpack_device__(self) -> Any:
            return self.device

        def __dlpack__(self, **arguments: Any) -> Any:
            return self.capsule()

    steps = np.arange(5)
    with using(backend) as module:
        schedule = module.CosineDecay(0.1, 10)
        for device, capsule in [
            ((2, 0), lambda: raising(BufferError("cuda"))()),
            ((1, 0), lambda: None),
            ((1, 0), lambda: "text"),
            (None, lambda: steps.__dlpack__()),
            ((1, 0), raising(RuntimeError("gone"))),
        ]:
            rates = result(lambda: schedule(Elsewhere(device, capsule)), "steps")  # noqa: B023
            if rates is not None:  # NumPy did not ask for the device
                assert_same_bits(rates, schedule.table(5), range(5), "its memory")


HUGE = [10**5000, -(10**5000), "x" * 10**7, b"x" * 10**7, [0.5] * 10**6, Unspeakable(),
        nested_list(100_000), self_referencing(), {"a": nested_list(10_000)}, {1: {2: {3: {}}}},
        np.zeros(10**6), np.zeros((50, 50), "U1000"), LyingInt(7), 1j, "\ud800" * 3]  # fmt: skip


@pytest.mark.parametrize("value", HUGE, ids=lambda value: type(value).__name__)
def test_messages_are_short_whatever_they_show(value):
    """Also of numbers that Python refuses to write, and of objects that cannot be written."""
    import fastlr

    schedule = fastlr.CosineDecay(0.1, 10)
    calls = [
        lambda: fastlr.CosineDecay(value, -(10**5000)),
        lambda: fastlr.CosineDecay(0.1, value, alpha=None),
        lambda: fastlr.CosineDecay(0.1, 10, name=[value]),
        lambda: fastlr.CosineDecay(0.1, 10, name=f"{'/' * 10**6}"),
        lambda: fastlr.ExponentialDecay(0.1, 10, 0.5, staircase=value),
        lambda: fastlr.PiecewiseConstantDecay(value, value),
        lambda: fastlr.PiecewiseConstantDecay([1, 2, 3], [value, value]),
        lambda: schedule(3, execution=value),
        lambda: schedule.table([value]),
        lambda: schedule.table(-(10**5000), 10**5000),
        lambda: schedule.table(5, threads=[value]),
        lambda: schedule.table(5, threads=-(10**5000)),
        lambda: schedule.table(5, out=value),
        lambda: schedule([value, None]),
        lambda: schedule(range(10**5000)),
        lambda: fastlr.deserialize(value),
        lambda: fastlr.deserialize({"class_name": value, "config": {}}),
        lambda: fastlr.deserialize({"class_name": "CosineDecay", "config": {"alpha": value}}),
        lambda: fastlr.deserialize({"class_name": "x", "config": {}}, value),
        lambda: fastlr.deserialize({"class_name": "x", "config": {}}, {"x": value}),
        lambda: fastlr.serialize(value),
        lambda: schedule.plot(start=[value]),
        lambda: schedule.plot(start=10**5000, stop=-1),
        lambda: schedule.plot(steps_per_epoch=[value]),
        lambda: schedule.plot(steps_per_epoch=10**5000),
    ]
    for call in calls:
        with pytest.raises(REFUSALS) as caught:
            call()
        message = str(caught.value)
        assert len(message) < LONGEST_MESSAGE
        assert "int string conversion" not in message


def test_kernels_that_are_none():
    """pybind11 would make kernels without a value, and read them."""
    from fastlr import _core

    for make in (_core.Kernel.__new__, object.__new__, lambda kernel: kernel()):
        with pytest.raises(TypeError):
            make(_core.Kernel)
    for kernel in (None, 5, _core.Kernel):
        with pytest.raises(TypeError, match="Kernel"):
            _core.Schedule()._bind(kernel)


def test_falling_boundaries_are_bounded():
    """Their rates are sums over all intervals: the work would be quadratic."""
    import fastlr

    rising = [*range(10**6)]
    schedule = fastlr.PiecewiseConstantDecay(rising, [*map(float, rising), -1.0])
    assert schedule(123_456) == 123_456.0
    equal = [2**24 + i for i in range(100_000)]  # the same float32, by twos
    assert fastlr.PiecewiseConstantDecay(equal, [1.0] * 100_001)(2.0**24) == 1.0
    rising[7], rising[8] = rising[8], rising[7]
    with pytest.raises(ValueError, match="`boundaries` must not fall"):
        fastlr.PiecewiseConstantDecay(rising, [1.0] * (10**6 + 1))
    falling = [*range(1000, 0, -1)]
    assert fastlr.PiecewiseConstantDecay(falling, [1.0] * 1001)(5) >= 1.0


def test_deep_recursion_is_an_error():
    """Called at the end of the stack, a schedule evaluates or says so."""
    import fastlr

    schedule = fastlr.CosineDecay(0.1, 10)

    def deeper(depth: int) -> Any:
        try:
            return deeper(depth + 1)
        except RecursionError:
            return [schedule([1, 2.5]).shape, schedule(3)]

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(300)
    try:
        assert deeper(0) == [(2,), schedule(3)]
    finally:
        sys.setrecursionlimit(limit)


@over_backends
@pytest.mark.parametrize(
    "kind", [np.float64, np.float32, np.float16, np.longdouble, np.int64, np.uint8]
)
def test_numbers_of_numpy_that_lie(backend, kind):
    """They count as the number that they hold."""
    lying = lying_number(kind)
    with using(backend) as module:
        schedule, plain = (
            module.CosineDecay(0.5, of(20), of(3), warmup_target=of(2), warmup_steps=of(4))
            for of in (lying, kind)
        )
        assert_same_bits(schedule.table(30), plain.table(30), range(30), "as they are")
        if kind is not np.uint8:
            with pytest.raises(ValueError, match="`decay_steps` must be > 0"):
                module.CosineDecay(0.5, lying(-3))
        if kind in (np.float64, np.float32):
            assert module.CosineDecay(lying(0.25), 10)(0) == 0.25
            stairs = module.PiecewiseConstantDecay([lying(2)], [lying(0.25), lying(0.125)])
            assert stairs.table(4).tolist() == [0.25] * 3 + [0.125]
