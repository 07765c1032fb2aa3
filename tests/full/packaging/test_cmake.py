"""The ways into a C or C++ project, each built from a clean folder and compared with Python."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from conftest import ROOT, run
from consumers import CONSUMERS, check_consumer

import fastlr

#: Compilers of the trainer, by the name of their C compiler: FASTLR_TEST_COMPILERS="gcc clang".
COMPILERS = os.environ.get("FASTLR_TEST_COMPILERS", "cc").split()
CXX = {"cc": "c++", "gcc": "g++", "clang": "clang++"}


@pytest.fixture
def options_of_the_way(request):
    if request.param == "add_subdirectory":
        return [f"-DFASTLR_SOURCE={ROOT}"]
    shared = request.param.endswith("shared")
    prefix = request.getfixturevalue("shared_prefix" if shared else "cmake_prefix")
    return [f"-DCMAKE_PREFIX_PATH={prefix if shared else prefix / 'prefix'}"]


@pytest.mark.parametrize(
    ("options_of_the_way", "compiler"),
    [
        *(("cmake --install, static", compiler) for compiler in COMPILERS),
        *(("cmake --install, shared", compiler) for compiler in COMPILERS),
        # Compiles the kernels again: the installed ones are of the first compiler.
        ("add_subdirectory", COMPILERS[-1]),
    ],
    indirect=["options_of_the_way"],
)
def test_consumers_get_the_bits_of_python(compiler, options_of_the_way, tmp_path):
    run("cmake", "-S", CONSUMERS, "-B", tmp_path, "-G", "Ninja", *options_of_the_way,
        f"-DCMAKE_C_COMPILER={compiler}", f"-DCMAKE_CXX_COMPILER={CXX[compiler]}")  # fmt: skip
    run("cmake", "--build", tmp_path)
    for language in ("c", "cpp"):
        check_consumer(tmp_path / f"consumer_{language}", tmp_path)


@pytest.mark.parametrize("way", ["installed", "static", "shared"])
def test_pkg_config(way, request, tmp_path):
    """A C program without CMake, linked by the C compiler."""
    if way == "installed":
        lib = Path(run(sys.executable, "-m", "fastlr", "--libdir").strip())
    elif way == "static":
        lib = request.getfixturevalue("cmake_prefix") / "prefix" / "lib"
    else:
        lib = request.getfixturevalue("shared_prefix") / "lib"
    flags = run("pkg-config", "--cflags", "--libs", "fastlr", PKG_CONFIG_PATH=f"{lib}/pkgconfig")
    version = run("pkg-config", "--modversion", "fastlr", PKG_CONFIG_PATH=f"{lib}/pkgconfig")
    assert version.strip() == fastlr.__version__
    program = tmp_path / "consumer"
    run("cc", "-std=c99", CONSUMERS / "consumer.c", *shlex.split(flags), f"-Wl,-rpath,{lib}",
        "-o", program)  # fmt: skip
    check_consumer(program, tmp_path)


def test_headers_need_no_cmake(tmp_path):
    asked = run(sys.executable, "-m", "fastlr", "--includes")
    (tmp_path / "a.cpp").write_text("#include <fastlr/fastlr.hpp>\n")
    run("c++", "-std=c++17", *shlex.split(asked), "-c", tmp_path / "a.cpp", "-o", tmp_path / "a.o")


def test_a_project_in_c_alone_is_told_what_it_needs(cmake_prefix, shared_prefix, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.18...4.1)\nproject(trainer LANGUAGES C)\n"
        "find_package(fastlr CONFIG REQUIRED)\nadd_executable(a a.c)\n"
        "target_link_libraries(a PRIVATE fastlr::fastlr)\n"
    )
    (tmp_path / "a.c").write_text(
        "#include <fastlr/fastlr.h>\nint main(void) { return fastlr_version() == 0; }\n"
    )
    prefix = cmake_prefix / "prefix"
    printed = run("cmake", "-S", tmp_path, "-B", tmp_path / "static", "-G", "Ninja",
                  f"-DCMAKE_PREFIX_PATH={prefix}", expect=1)  # fmt: skip
    assert "LANGUAGES C CXX) is needed" in " ".join(printed.split())
    run("cmake", "-S", tmp_path, "-B", tmp_path / "shared", "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={shared_prefix}")  # fmt: skip
    run("cmake", "--build", tmp_path / "shared")
    run(tmp_path / "shared" / "a")


def test_exported_symbols(shared_prefix):
    """What the header declares, and nothing else."""
    header = (ROOT / "src/cpp/include/fastlr/fastlr.h").read_text()
    declared = set(re.findall(r"^FASTLR_API [\w* ]+?(fastlr_\w+)\(", header, re.MULTILINE))
    symbols = run("nm", "-D", "--defined-only", shared_prefix / "lib" / "libfastlr.so")
    exported = {line.split()[-1] for line in symbols.splitlines()}
    assert declared == exported
    dynamic = run("readelf", "-d", shared_prefix / "lib" / "libfastlr.so")
    major, minor, _ = fastlr.__version__.split(".")
    assert f"[libfastlr.so.{major}.{minor}]" in dynamic


def test_no_symbol_of_one_instruction_set_can_serve_another(cmake_prefix):
    """Weak symbols are merged by the linker: in the kernels of an ISA each must name that ISA."""
    objects = sorted((cmake_prefix / "build").rglob("fastlr_kernels_*/**/kernels.cpp.o"))
    assert len(objects) == len(fastlr.build_info()["isas"])
    for file in objects:
        isa = re.search(r"fastlr_kernels_(\w+)\.dir", str(file))[1].capitalize()
        # Code only: tables of constants are the same everywhere. Mangled, since nm gives up on the
        # longest names; the length stands before a name there.
        symbols = run("nm", "--defined-only", file).splitlines()
        weak = [line for line in symbols if re.match(r"[0-9a-f]+ W ", line)]
        assert weak
        assert [line for line in weak if f"{len(isa)}{isa}" not in line] == []


def test_no_symbol_of_the_json_library_can_be_that_of_a_trainer(cmake_prefix):
    (file,) = (cmake_prefix / "build").rglob("json.cpp.o")
    symbols = run("nm", "--defined-only", file)
    assert "9in_fastlr" in symbols
    assert not re.search(r"8nlohmann(?!9in_fastlr)", symbols)
