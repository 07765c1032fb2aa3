"""Builds of the project, made once a run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: object, expect: int = 0, **environment: str) -> str:
    """Run a command and return what it printed; fail with that text if it exits otherwise."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FASTLR_")}
    # The tools that come with the requirements of the tests, above all.
    clean["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(word) for word in command],
        env={**clean, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert (done.returncode != 0) == (expect != 0), done.stdout
    return done.stdout


def build_wheel(folder: Path, expect: int = 0, **environment: str) -> tuple[Path | None, str]:
    """Build a wheel from the sources into a folder; the wheel and what the build printed."""
    text = run(
        sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-v",
        "-C", f"build-dir={folder}/build", "-w", folder, ROOT, expect=expect, **environment,
    )  # fmt: skip
    wheels = list(folder.glob("*.whl"))
    return (wheels[0] if wheels else None), text


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel into a folder of its own, to be put on PYTHONPATH."""
    run(sys.executable, "-m", "pip", "install", "--no-deps", "--target", folder, wheel)
    return folder


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel with the compiled core."""
    built, text = build_wheel(tmp_path_factory.mktemp("wheel"), FASTLR_REQUIRE_CPP="1")
    assert built is not None, text
    return built


@pytest.fixture(scope="session")
def installed_wheel(wheel, tmp_path_factory):
    return install(wheel, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def cmake_prefix(tmp_path_factory):
    """The library as `cmake --install` lays it out, without any Python."""
    folder = tmp_path_factory.mktemp("cmake")
    run("cmake", "-S", ROOT, "-B", folder / "build", "-G", "Ninja", "-DFASTLR_WERROR=ON",
        "-DFASTLR_PYTHON=OFF")  # fmt: skip
    run("cmake", "--build", folder / "build")
    run("cmake", "--install", folder / "build", "--prefix", folder / "prefix")
    return folder
