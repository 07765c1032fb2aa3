"""Builds of the project, made once a run."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]

#: Of a builder elsewhere: nothing of it may be found in what is built.
ELSEWHERE = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "HOME": "/nowhere"}
UMASK_ELSEWHERE = 0o077


def run(*command: object, expect: int = 0, umask: int = -1, **environment: str) -> str:
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
        umask=umask,
    )
    assert (done.returncode != 0) == (expect != 0), done.stdout
    return done.stdout


def build_wheel(
    folder: Path, expect: int = 0, sources: Path = ROOT, umask: int = -1, **environment: str
) -> tuple[Path | None, str]:
    """Build a wheel from the sources into a folder; the wheel and what the build printed."""
    text = run(
        sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-v",
        f"--config-settings=build-dir={folder}/build", "-w", folder, sources,
        expect=expect, umask=umask, **environment,
    )  # fmt: skip
    wheels = list(folder.glob("*.whl"))
    return (wheels[0] if wheels else None), text


def build_sdist(folder: Path, sources: Path = ROOT, **settings) -> Path:
    run(sys.executable, "-m", "build", "--sdist", "--no-isolation", "-o", folder, sources,
        **settings)  # fmt: skip
    (sdist,) = folder.glob("*.tar.gz")
    return sdist


def unpack(sdist: Path, folder: Path) -> Path:
    """The sources in an sdist."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (sources,) = folder.iterdir()
    return sources


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel into a folder of its own, to be put on PYTHONPATH."""
    run(sys.executable, "-m", "pip", "install", "--no-deps", "--target", folder, wheel)
    return folder


@pytest.fixture
def environment(tmp_path):
    """The Python of an environment with NumPy and nothing else, not even pip."""
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "environment")
    python = tmp_path / "environment" / "bin" / "python"
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    for part in Path(np.__file__).parents[1].glob("numpy*"):
        (Path(site) / part.name).symlink_to(part)
    return python


@pytest.fixture(scope="session")
def sdist(tmp_path_factory):
    return build_sdist(tmp_path_factory.mktemp("sdist"))


class Built(NamedTuple):
    """A wheel, the sources it was built from, and a folder whose `build` has its objects."""

    sources: Path
    folder: Path
    wheel: Path


@pytest.fixture(scope="session")
def built(sdist, tmp_path_factory):
    """The wheel with the compiled core, from the sdist alone.

    Its objects serve all that follows: compiling the kernels is nearly all the time that a build
    takes.
    """
    folder = tmp_path_factory.mktemp("built")
    sources = unpack(sdist, tmp_path_factory.mktemp("unpacked"))
    wheel, text = build_wheel(folder, sources=sources, FASTLR_REQUIRE_CPP="1", FASTLR_WERROR="1")
    assert wheel is not None, text
    return Built(sources, folder, wheel)


@pytest.fixture(scope="session")
def wheel(built):
    return built.wheel


def install_with_cmake(built: Built, prefix: Path, *options: str) -> None:
    """`cmake --install` without any Python, with the defaults of CMakeLists.txt, out of the objects
    of the wheel.
    """
    of_the_wheel = ["CMAKE_INSTALL_INCLUDEDIR", "CMAKE_INSTALL_LIBDIR", "FASTLR_CMAKE_DIR"]
    run("cmake", "-S", built.sources, "-B", built.folder / "build", "-DFASTLR_PYTHON=OFF",
        *(f"-U{variable}" for variable in of_the_wheel), *options)  # fmt: skip
    run("cmake", "--build", built.folder / "build")
    run("cmake", "--install", built.folder / "build", "--prefix", prefix)


@pytest.fixture(scope="session")
def cmake_prefix(built):
    install_with_cmake(built, built.folder / "prefix", "-DBUILD_SHARED_LIBS=OFF")
    return built.folder


@pytest.fixture(scope="session")
def shared_prefix(built):
    """The same build as a shared library."""
    prefix = built.folder / "shared"
    install_with_cmake(built, prefix, "-DBUILD_SHARED_LIBS=ON")
    return prefix
