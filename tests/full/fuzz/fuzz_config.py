"""Any config: it is refused, or makes a schedule that is a value and has rates.

python tests/full/fuzz/fuzz_config.py -max_total_time=60 [a corpus folder] tests/full/fuzz/seeds
"""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from typing import Any

import atheris
from python_fuzzer import check_rates, fastlr, fuzz, number, refused_or

CLASSES = sorted(fastlr.schedules.kernel_schedule.SCHEDULES)
ARGUMENTS = {
    name: list(inspect.signature(getattr(fastlr, name)).parameters) for name in CLASSES
}  # fmt: skip
EVERY_ARGUMENT = sorted({name for names in ARGUMENTS.values() for name in names})


def value(data: atheris.FuzzedDataProvider, depth: int = 0) -> Any:
    """What may be in a config, or anything else that JSON or Python has."""
    kind = data.ConsumeIntInRange(0, 9)
    if kind <= 4:
        return number(data)
    if kind == 5:
        return data.ConsumeUnicode(data.ConsumeIntInRange(0, 8))  # lone surrogates, too
    if kind == 6:
        return None
    if kind == 7:
        return data.ConsumeBool()
    if depth > 9:
        return b""
    items = [value(data, depth + 1) for _ in range(data.ConsumeIntInRange(0, 4))]
    if kind == 8:
        return items if data.ConsumeBool() else tuple(items)
    return {data.ConsumeUnicode(3): item for item in items}


def numbers(data: atheris.FuzzedDataProvider, count: int) -> list[Any]:
    """A list as piecewise schedules have it."""
    rising = data.ConsumeBool()
    drawn = [number(data) for _ in range(count)]
    return (
        sorted(drawn, key=float) if rising and all(abs(each) < 1e300 for each in drawn) else drawn
    )


def config(data: atheris.FuzzedDataProvider, depth: int = 0) -> Any:
    """A dict that may be one of Keras's, or of a composition."""
    if depth > 20:
        return value(data)
    class_name = data.PickValueInList(CLASSES)
    arguments: dict[str, Any] = {}
    for name in ARGUMENTS[class_name]:
        if name == "name":
            continue
        if name in ("boundaries", "values"):
            length = data.ConsumeIntInRange(0, 5)
            arguments[name] = numbers(data, length + (name == "values"))
        elif name == "schedules":
            parts = data.ConsumeIntInRange(0, 4)
            arguments[name] = [config(data, depth + 1) for _ in range(parts)]
        elif name == "schedule":
            arguments[name] = config(data, depth + 1)
        elif name in ("staircase", "cycle"):
            arguments[name] = data.ConsumeBool()
        else:
            arguments[name] = number(data)
    for _ in range(data.ConsumeIntInRange(0, 2)):
        arguments[data.PickValueInList(EVERY_ARGUMENT)] = value(data)
    return {"class_name": class_name, "config": arguments}


def test_one_input(blob: bytes) -> None:
    """Read a blob as JSON, or make a dict of it."""
    try:
        written = json.loads(blob)
    except (ValueError, RecursionError):
        data = atheris.FuzzedDataProvider(blob)
        written = config(data) if data.ConsumeIntInRange(0, 9) else value(data)
    schedule = refused_or(lambda: fastlr.deserialize(written))
    if schedule is None:
        refused_or(lambda: fastlr.CosineDecay.from_config(written))
        return
    twins = [
        pickle.loads(pickle.dumps(schedule)),
        copy.deepcopy(schedule),
        type(schedule).from_config(schedule.get_config()),
        eval(repr(schedule), {**vars(fastlr), "np": fastlr.schedules.base.np}),
    ]
    for twin in twins:
        assert twin == schedule, (twin, schedule)
        assert hash(twin) == hash(schedule)
    json.dumps(fastlr.serialize(schedule))
    for start in (0, 999, 2**24 - 3):
        check_rates(schedule, start, 1 if start else 37, 20)


if __name__ == "__main__":
    fuzz(test_one_input)
