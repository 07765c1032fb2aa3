"""Keras on other backends than TensorFlow, each in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TESTS = HERE.parents[1]
BACKENDS = ["jax", "numpy", "torch"]

#: Cases of fresh_program.py. On JAX each has a process of its own, as one trace may cure the next.
FIT = ["fit_twice", "short_last_batch", "two_shapes", "two_models", "logged"]
FRESH = [("jax", [case]) for case in ["traces", "tables", "distributed", *FIT]]
FRESH += [(backend, ["tables", *FIT]) for backend in ("tensorflow", "torch")]


def run(backend, program, *arguments):
    """What a program prints on a backend."""
    result = subprocess.run(
        [sys.executable, HERE / program, *arguments],
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS / "keras")]),
            "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def compared(output):
    return [
        int(count) for count in re.findall(r"^\w+: (\d+) values compared$", output, re.MULTILINE)
    ]


@pytest.mark.parametrize("backend", BACKENDS)
def test_backend(backend, count_compared):
    (count,) = compared(run(backend, "backend_program.py"))
    count_compared(f"fastlr.keras and Keras on {backend}", count)


@pytest.mark.parametrize(
    ("backend", "cases"),
    FRESH,
    ids=lambda value: "-".join(value[:1]) if isinstance(value, list) else value,
)
def test_fresh_training(backend, cases, count_compared):
    counts = compared(run(backend, "fresh_program.py", *cases))
    assert len(counts) == len(cases)
    count_compared(f"weights trained first thing on {backend}", sum(counts))


def test_jax_can_still_be_configured():
    program = """if True:
        import fastlr.keras, jax
        jax.config.update("jax_num_cpu_devices", 2)
        assert len(jax.devices()) == 2
        assert float(fastlr.keras.CosineDecay(0.1, 10)(0)) == float(jax.numpy.float32(0.1))
    """
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
