"""fastlr.keras asks for Keras; fastlr does not."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from importlib import metadata

import pytest

from fastlr.keras import _requirement


def run(program, *options):
    return subprocess.run(
        [sys.executable, *options, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_fastlr_imports_no_keras():
    program = """
        import sys, fastlr
        fastlr.CosineDecay(0.1, 10).table(10)
        loaded = {"keras", "tf_keras", "tensorflow", "jax", "torch"} & set(sys.modules)
        assert not loaded, loaded
    """
    result = run(program)
    assert result.returncode == 0, result.stderr


def fails_with(monkeypatch, found, *words):
    monkeypatch.setattr(metadata, "version", found)
    with pytest.raises(ImportError) as caught:
        _requirement.require_keras()
    for word in ("fastlr.keras needs Keras 3.6 or later", "pip install", *words):
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_keras(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    fails_with(monkeypatch, missing)


@pytest.mark.parametrize("version", ["2.15.0", "3.0.5", "3.5.1"])
def test_with_an_old_keras(monkeypatch, version):
    fails_with(monkeypatch, lambda name: version, f"installed is {version}")


@pytest.mark.parametrize("version", ["3.6.0", "3.10.0", "3.15.1.dev20260101", "4.0.0rc1"])
def test_with_a_new_keras(monkeypatch, version):
    monkeypatch.setattr(metadata, "version", lambda name: version)
    _requirement.require_keras()


def test_keras_without_its_backend():
    """One error, at the import of fastlr.keras."""
    program = """
        import sys
        sys.modules["tensorflow"] = None  # as if it were not installed
        import fastlr
        import fastlr.keras
    """
    result = run(program)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: fastlr.keras needs Keras"), result.stderr
    assert "cannot be imported" in last
