"""What is in the wheel and the sdist, and what the package says of itself."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile

from conftest import ELSEWHERE, ROOT, UMASK_ELSEWHERE, build_sdist, run, unpack

import fastlr


def sources(folder: str, *endings: str) -> set[str]:
    return {
        str(path.relative_to(ROOT / folder))
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.name.endswith(endings) and "__pycache__" not in path.parts
    }


def test_exact_files_of_the_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    info = {name for name in names if ".dist-info/" in name}
    assert {name.split("/", 1)[1] for name in info} == {
        "METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE",
        "licenses/third_party/nlohmann_json/LICENSE.MIT",
    }  # fmt: skip
    compiled = {name for name in names if re.fullmatch(r"fastlr/_core\.[\w-]+\.so", name)}
    assert len(compiled) == 1
    cmake = {"fastlr-config.cmake", "fastlr-config-version.cmake", "fastlr-targets.cmake",
             "fastlr-targets-release.cmake"}  # fmt: skip
    assert names - info - compiled == (
        {f"fastlr/{name}" for name in sources("src/fastlr", ".py", ".pyi", "py.typed")}
        | {"fastlr_command/__init__.py", "fastlr_numba/__init__.py"}
        | {f"fastlr/include/{name}" for name in sources("src/cpp/include", ".h", ".hpp")}
        | {f"fastlr/share/cmake/fastlr/{name}" for name in cmake}
        | {"fastlr/lib/libfastlr.a", "fastlr/lib/pkgconfig/fastlr.pc", "fastlr/_version.py"}
    )


def test_the_sdist_is_the_repository(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    needed = {"CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "CHANGELOG.md",
              "CITATION.cff", "CONTRIBUTING.md", "SECURITY.md", "pyproject.toml", "PKG-INFO",
              "noxfile.py", "gcovr.cfg", ".clang-format", ".gitignore", ".ci/run"}  # fmt: skip
    for folder in (".github", "benchmarks", "cmake", "docs", "examples", "src", "tests",
                   "third_party"):  # fmt: skip
        needed |= {f"{folder}/{name}" for name in sources(folder, "")}
    assert names == needed


def test_a_used_checkout_has_the_same_sdist(sdist, tmp_path):
    """What builds, tests and editors leave behind stays there; so does who makes the sdist."""
    used = unpack(sdist, tmp_path / "unpacked")
    junk = ["build/cp311/CMakeCache.txt", "dist/a.whl", ".venv/lib/a.py", ".hypothesis/examples/a",
            ".mypy_cache/a.json", ".nox/tests/lib/a.py", ".benchmarks/a.json",
            "src/fastlr/__pycache__/a.pyc", "lr.npy",
            "fastlr_schedules.egg-info/PKG-INFO"]  # fmt: skip
    for name in junk:
        (used / name).parent.mkdir(parents=True, exist_ok=True)
        (used / name).write_text("junk")
    again = build_sdist(tmp_path / "sdist", used, umask=UMASK_ELSEWHERE, **ELSEWHERE)
    assert again.read_bytes() == sdist.read_bytes()


def test_one_version(wheel):
    header = (ROOT / "src/cpp/include/fastlr/version.hpp").read_text()
    numbers = [
        re.search(rf"FASTLR_VERSION_{part} (\d+)", header)[1]
        for part in ("MAJOR", "MINOR", "PATCH")
    ]
    version = ".".join(numbers)
    assert fastlr.__version__ == version
    assert fastlr.build_info()["version"] == version
    assert wheel.name.startswith(f"fastlr_schedules-{version}-")
    from fastlr import _core

    assert _core.version == version
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_import_loads_numpy_and_one_shared_object_only():
    code = """
    import sys, numpy
    before = set(sys.modules)
    import fastlr
    fastlr.CosineDecay(0.1, 10).table(5)
    loaded = {name.split(".")[0] for name in set(sys.modules) - before}
    print(sorted(loaded - set(sys.stdlib_module_names)))
    print([name for name in set(sys.modules) - before
           if (getattr(sys.modules[name], "__file__", None) or "").endswith(".so")
           and "site-packages" in sys.modules[name].__file__])
    """
    printed = run(sys.executable, "-c", "\n".join(line[4:] for line in code.splitlines()))
    assert printed.splitlines() == ["['fastlr']", "['fastlr._core']"]


def test_command_line_without_its_extra(tmp_path):
    (tmp_path / "click.py").write_text("raise ModuleNotFoundError('no click', name='click')")
    done = subprocess.run(
        [sys.executable, "-m", "fastlr", "info"],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "fastlr: the command line needs click: run pip install '.[cli]' in a checkout of fastlr\n"
    )


def test_auditwheel_makes_a_manylinux_wheel(wheel, environment, tmp_path):
    run(sys.executable, "-m", "auditwheel", "repair", "-w", tmp_path, wheel)
    (repaired,) = tmp_path.glob("*manylinux*.whl")
    with zipfile.ZipFile(wheel) as before, zipfile.ZipFile(repaired) as after:
        files = {name for name in after.namelist() if not name.endswith("/")}
        assert files == set(before.namelist())  # no library had to be copied
    run(sys.executable, "-m", "pip", "--python", environment, "install", "--no-deps", repaired)
    assert " works: " in run(environment, "-W", "error", ROOT / "tests" / "smoke.py")
