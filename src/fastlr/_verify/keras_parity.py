"""fastlr, on every backend, and the Keras that is installed here."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from fastlr._parameters import Execution
from fastlr._quiet_tensorflow import quiet_tensorflow
from fastlr._verify.backends import in_array, in_range, kernels
from fastlr._verify.bits import different
from fastlr._verify.configurations import (
    awkward_steps,
    landmarks,
    random_schedule,
    special_schedules,
)
from fastlr._verify.forms import float_steps
from fastlr._verify.outcome import Outcome
from fastlr.schedules.kernel_schedule import SCHEDULES, KernelSchedule

#: The contract is about Keras on TensorFlow; both must be there.
NEEDED = ("keras", "tensorflow")

_IN_FUNCTIONS: dict[str, dict[str, Any]] = {
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 1000},
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 100, "m_mul": 0.9},
    "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 1000, "decay_rate": 7.3},
}

_ANY = {"initial_learning_rate": 0.1, "decay_steps": 10}


def missing() -> list[str]:
    """Packages without which there is nothing to compare with."""
    return [name for name in NEEDED if find_spec(name) is None]


def versions() -> dict[str, str]:
    """What is compared with."""
    start_keras()
    import keras
    import tensorflow

    return {"keras": keras.__version__, "tensorflow": tensorflow.__version__}


@cache
def start_keras() -> None:
    """Import Keras on TensorFlow, on the processor: the devices of others have other functions."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    with quiet_tensorflow():
        from fastlr._verify import keras_oracle

        # Compilers say that they start when they are first used.
        keras_oracle.Training("CosineDecay", dict(_ANY), "xla").rates(0)


def compare_with_keras(
    class_name: str,
    execution: Execution,
    configurations: int,
    rng: np.random.Generator,
    outcome: Outcome,
) -> None:
    """Ask Keras and every backend for the same rates, in one execution mode.

    Training takes seconds for each schedule: with as many special ones as random ones, of which
    each run draws others. The tests train with all.
    """
    special = special_schedules(class_name)
    if execution != "eager":
        special = [special[at] for at in rng.permutation(len(special))[:configurations]]
    for schedule in special + [random_schedule(class_name, rng) for _ in range(configurations)]:
        if execution == "eager":
            _compare_eager(schedule, rng, outcome)
        else:
            _compare_trained(schedule, execution, outcome)


def compare_with_functions(outcome: Outcome) -> None:
    """Ask training steps in a ``tf.function``; say how many rates differ where it returns None."""
    from fastlr._verify import keras_oracle

    steps = list(range(300, 400))
    other = 0
    for class_name, config in _IN_FUNCTIONS.items():
        schedule = SCHEDULES[class_name](**config)
        returning, silent = (
            keras_oracle.Function(class_name, config, returns=returns).rates(steps)
            for returns in (True, False)
        )
        _compare_steps(schedule, "graph", steps, returning, outcome)
        other += different(silent, returning).size
    outcome.note = (
        f"a tf.function that returns nothing: {other} of {len(steps) * len(_IN_FUNCTIONS)} rates "
        "are others; let the training step return its loss"
    )


def _compare_eager(schedule: KernelSchedule, rng: np.random.Generator, outcome: Outcome) -> None:
    from fastlr._verify import keras_oracle

    steps = awkward_steps(landmarks(schedule), rng, 40)
    theirs = keras_oracle.make(type(schedule).__name__, schedule.get_config())
    _compare_steps(schedule, "eager", steps, keras_oracle.rates(theirs, steps), outcome)
    _compare_floats(schedule, theirs, rng, outcome)


def _compare_floats(
    schedule: KernelSchedule, theirs: Any, rng: np.random.Generator, outcome: Outcome
) -> None:
    """Scalar steps that are floats; Keras takes them eagerly."""
    from fastlr._verify import keras_oracle

    drawn = float_steps(landmarks(schedule)[:2], rng, 10)
    for kind in (float, np.float32, np.float64):
        steps = [kind(step) for step in drawn]
        expected = keras_oracle.rates(theirs, steps)
        what = f"{kind.__name__} steps, {schedule!r}"
        outcome.compare([schedule(step) for step in steps], expected, steps, f"scalar {what}")
        array = np.array(drawn, np.float64 if kind is np.float64 else np.float32)
        for name, kernel in kernels(schedule, "eager"):
            rates = in_array(kernel, array, "float32")
            outcome.compare(rates, expected, steps, f"array of {what}, {name}")


def _compare_trained(schedule: KernelSchedule, execution: Execution, outcome: Outcome) -> None:
    from fastlr._verify import keras_oracle

    training = keras_oracle.Training(type(schedule).__name__, schedule.get_config(), execution)
    marks = {max(0, int(mark) - keras_oracle.WINDOW // 2) for mark in landmarks(schedule)[:2]}
    starts = sorted({-60, 0, 2**24 - keras_oracle.WINDOW // 2, *marks})
    for start, expected in zip(starts, training.rates(*starts), strict=True):
        steps = list(range(start, start + keras_oracle.WINDOW))
        _compare_steps(schedule, execution, steps, expected, outcome)
        for name, kernel in kernels(schedule, execution):
            table = in_range(kernel, range(start, start + len(steps)), "float32")
            outcome.compare(table, expected, steps, f"table, {name}, {execution}, {schedule!r}")


def _compare_steps(
    schedule: KernelSchedule,
    execution: Execution,
    steps: list[int],
    expected: npt.NDArray[Any],
    outcome: Outcome,
) -> None:
    scalars = [schedule(step, execution=execution) for step in steps]
    outcome.compare(scalars, expected, steps, f"scalar calls, {execution}, {schedule!r}")
    for name, kernel in kernels(schedule, execution):
        array = in_array(kernel, np.array(steps, np.int64), "float32")
        outcome.compare(array, expected, steps, f"array, {name}, {execution}, {schedule!r}")
