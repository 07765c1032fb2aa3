"""Machines without a compiler: real builds, real installs, in processes of their own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from conftest import ELSEWHERE, UMASK_ELSEWHERE, build_wheel, install, run, unpack

import fastlr

NO_COMPILER = {"CC": "/bin/false", "CXX": "/bin/false"}

USE = """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import fastlr
print(fastlr.backend())
print([f"{warning.category.__name__}: {warning.message}" for warning in caught])
schedule = fastlr.CosineDecay(0.1, 1000, warmup_target=0.5, warmup_steps=77)
print(schedule.table(-5, 1200).tobytes().hex())
"""


@pytest.fixture(scope="module")
def without_compiler(tmp_path_factory):
    folder = tmp_path_factory.mktemp("no-compiler")
    wheel, text = build_wheel(folder, **NO_COMPILER)
    assert wheel is not None
    assert wheel.name.endswith("-py3-none-any.whl")
    assert "WITHOUT its compiled core" in text
    assert "FASTLR_REQUIRE_CPP=1" in text
    return install(wheel, folder / "site")


def test_install_without_a_compiler_runs_on_numba(without_compiler):
    printed = run(sys.executable, "-c", USE, PYTHONPATH=str(without_compiler))
    backend, warned, table = printed.splitlines()
    assert backend == "numba"
    assert warned.count("RuntimeWarning") == 1
    assert "compiler" in warned
    schedule = fastlr.CosineDecay(0.1, 1000, warmup_target=0.5, warmup_steps=77)
    assert table == schedule.table(-5, 1200).tobytes().hex()


def test_forcing_the_missing_core_fails(without_compiler):
    printed = run(
        sys.executable, "-c", "import fastlr",
        expect=1, PYTHONPATH=str(without_compiler), FASTLR_BACKEND="cpp",
    )  # fmt: skip
    assert "ImportError: FASTLR_BACKEND=cpp is set" in printed


def test_no_backend_at_all(without_compiler, tmp_path):
    (tmp_path / "numba.py").write_text("raise ModuleNotFoundError('No module named numba')")
    printed = run(
        sys.executable, "-c", "import fastlr",
        expect=1, PYTHONPATH=f"{tmp_path}:{without_compiler}",
    )  # fmt: skip
    assert "ImportError: fastlr has no backend" in printed
    assert "pip install numba" in printed


def test_the_core_can_be_required(tmp_path):
    wheel, text = build_wheel(tmp_path, expect=1, FASTLR_REQUIRE_CPP="1", **NO_COMPILER)
    assert wheel is None
    assert "/bin/false" in text


def test_a_pure_wheel_can_be_asked_for(without_compiler, sdist, tmp_path):
    """It has the bytes of the one above, which somebody else made from the checkout."""
    sources = unpack(sdist, tmp_path / "unpacked")
    wheel, _ = build_wheel(
        tmp_path, sources=sources, umask=UMASK_ELSEWHERE,
        FASTLR_PURE_PYTHON="1", FASTLR_REQUIRE_CPP="1", **ELSEWHERE,
    )  # fmt: skip
    assert wheel is not None
    assert wheel.name.endswith("-py3-none-any.whl")
    (other,) = without_compiler.parent.glob("*.whl")
    assert wheel.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("writable", [True, False])
def test_numba_cache(tmp_path, writable):
    """Compiled functions are cached on disk, and a machine without such a place still works."""
    cache = tmp_path / "cache"
    cache.mkdir()
    environment = {"FASTLR_BACKEND": "numba", "NUMBA_CACHE_DIR": str(cache)}
    code = "import fastlr; print(fastlr.CosineDecay(0.1, 10).table(10).tobytes().hex())"
    if not writable:
        code = (
            "import numba.core.caching as caching\n"
            "caching.CacheImpl._locator_classes = []\n"
            "caching.CompileResultCacheImpl._locator_classes = []\n" + code
        )
    expected = fastlr.CosineDecay(0.1, 10).table(10).tobytes().hex()
    for _ in range(2):
        assert run(sys.executable, "-c", code, **environment).strip() == expected
    assert any(cache.rglob("*.nbc")) == writable


def test_numba_cache_is_not_used_for_other_sources(tmp_path):
    """A change in one file reaches functions in others that were cached before it."""
    package = tmp_path / "site" / "fastlr"
    shutil.copytree(Path(fastlr.__file__).parent, package, ignore=shutil.ignore_patterns("*.nb?"))
    environment = {
        "FASTLR_BACKEND": "numba",
        "PYTHONPATH": str(package.parent),
        "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
    }
    code = "import fastlr; print(fastlr.CosineDecay(0.1, 10).table(10).tobytes().hex())"
    before = run(sys.executable, "-c", code, **environment)
    cosine = package / "_numba" / "cosine.py"
    cosine.write_text(cosine.read_text().replace("0x1.1107605230bc4p-7", "0x1.1207605230bc4p-7"))
    after = run(sys.executable, "-c", code, **environment)
    assert before.strip() == fastlr.CosineDecay(0.1, 10).table(10).tobytes().hex()
    assert after != before


def test_an_interrupt_while_the_core_loads_is_no_broken_core():
    """Ctrl-C during `import fastlr`, which pybind11 makes an ImportError of."""
    code = """
import importlib
real = importlib.import_module
def interrupted(name, package=None):
    if name == "fastlr._core":
        raise ImportError("initialization failed") from KeyboardInterrupt()
    return real(name, package)
importlib.import_module = interrupted
try:
    import fastlr
except KeyboardInterrupt:
    print("interrupted")
"""
    assert run(sys.executable, "-c", code).strip() == "interrupted"
