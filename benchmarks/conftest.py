"""What the benchmarks share. Each asserts its result before it is timed."""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import warnings

import pytest


@pytest.fixture(scope="session")
def keras():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's own
        import keras
    return keras


@pytest.fixture
def timed(benchmark):
    """timed(group, peer, function): time a function as one peer of a group.

    The report divides by `calls`, where the function makes that many of what is measured.
    """

    def run(group, peer, function, calls=1, **options):
        benchmark.group = group
        benchmark.name = benchmark.fullname = peer
        benchmark.extra_info["calls"] = calls
        settings = {"rounds": 30, "warmup_rounds": 2, "iterations": 1, **options}
        return benchmark.pedantic(function, **settings)

    return run


@pytest.fixture
def peer():
    """peer(name): a module of the group `benchmarks`; its benchmark is left out without it."""

    def load(name):
        return pytest.importorskip(name, reason=f"{name} is not installed: nox -s benchmarks")

    return load
