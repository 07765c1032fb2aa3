"""Every gate of the project as one command: ``nox -s lint``; ``nox -l`` lists them.

Each session makes an environment of its own and keeps it for the next time.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "types", "tests", "cpp"]
nox.options.reuse_venv = "yes"

#: A core that cannot be built is an error in every session, and so is a warning of a compiler.
BUILD = {"FASTLR_REQUIRE_CPP": "1", "FASTLR_WERROR": "1"}


PROJECT = nox.project.load_toml("pyproject.toml")


def install(session: nox.Session, *extras: str) -> None:
    """Install this checkout with some of its extras."""
    # Not isolated: pip's environment for a build is a new one each time, and all is built again.
    session.install(*PROJECT["build-system"]["requires"], "cmake", "ninja")
    package = f".[{','.join(extras)}]" if extras else "."
    session.install("--no-build-isolation", package, env=BUILD)


def install_with_tests(session: nox.Session) -> None:
    """Install this checkout and what the tests need."""
    install(session, "cli")
    session.install("-r", "tests/requirements.txt")


def in_groups(*names: str) -> list[str]:
    """The requirements of dependency groups in pyproject.toml."""
    return list(nox.project.dependency_groups(PROJECT, *names))


def require(session: nox.Session, program: str, command: str) -> str:
    """A program that another session builds."""
    if not Path(program).exists():
        session.error(f"{program} is not there. First: {command}")
    return program


@nox.session
def lint(session: nox.Session) -> None:
    """Style of Python and C++, and the workflows of GitHub."""
    session.install(*in_groups("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    listed = subprocess.run(
        ["git", "ls-files", "*.c", "*.h", "*.cpp", "*.hpp", ":!third_party"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    session.run("clang-format", "--dry-run", "--Werror", *listed.stdout.split())
    workflows = sorted(map(str, Path(".github/workflows").glob("*.yml")))
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    citation = ("--builtin-schema", "vendor.citation-file-format")
    session.run("check-jsonschema", *citation, "CITATION.cff")
    session.run("zizmor", "--quiet", "--offline", ".github")


@nox.session
def types(session: nox.Session) -> None:
    """Types, and the stubs of the extension."""
    install(session, "cli", "numba", "plot")
    session.install(*in_groups("types"))
    session.run("mypy")
    session.run("python", "-m", "mypy.stubtest", "fastlr._core", "--ignore-disjoint-bases",
                "--allowlist", "tests/full/stubtest-allowlist.txt")  # fmt: skip


@nox.session
def quick(session: nox.Session) -> None:
    """Tests that need neither Keras nor TensorFlow, or those of them that are named."""
    install(session, "cli", "numba")
    session.install(*in_groups("quick"))
    suites = ["tests/properties/test_entry_points.py", "tests/properties/test_refusals.py"]
    names_some = any(Path(word.split("::")[0]).exists() for word in session.posargs)
    session.run("python", "-m", "pytest", *session.posargs, *([] if names_some else suites))


@nox.session
def tests(session: nox.Session) -> None:
    """The default tests, or those that are named: nox -s tests -- tests/properties."""
    install_with_tests(session)
    session.run("python", "-m", "pytest", *(session.posargs or ["-n", "2"]))


@nox.session
def full(session: nox.Session) -> None:
    """Everything in tests/full, or what is named of it; without names, C++ and the fuzzers too."""
    install_with_tests(session)
    session.install(*in_groups("full"))
    if session.posargs:
        session.run("python", "-m", "pytest", *session.posargs)
    else:
        # Packages and the site are built once, for all tests of a process.
        packaging = "tests/full/packaging"
        session.run("python", "-m", "pytest", packaging)
        session.run("python", "-m", "pytest", "-n", "2", "--dist", "loadfile", "tests/full",
                    f"--ignore={packaging}")  # fmt: skip
        session.notify("cpp", ["dev", "sanitize", "sanitize-threads"])
        session.notify("fuzz", [])
        session.notify("instructions", [])


@nox.session
def cpp(session: nox.Session) -> None:
    """C++ tests in the presets named, of those in CMakePresets.json; dev by default."""
    session.install(*in_groups("cpp"))
    for preset in session.posargs or ["dev"]:
        # GCC's thread sanitizer cannot place its shadow where some kernels randomise addresses.
        fixed = ["setarch", "-R"] if preset == "sanitize-threads" else []
        session.run(*fixed, "cmake", "--workflow", "--preset", preset, "--fresh", external=True)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Every fuzzer for 15 seconds, or as many as are named; those in C++ need cpp -- sanitize."""
    fuzzers = [
        [require(session, f"build/sanitize/tests/full/fuzz/{name}", "nox -s cpp -- sanitize")]
        for name in ("fuzz_json", "fuzz_c_api")
    ]
    fuzzers += [["python", f"tests/full/fuzz/{name}.py"] for name in ("fuzz_config", "fuzz_arrays")]
    install(session)
    session.install(*in_groups("fuzz"))
    seconds = session.posargs[0] if session.posargs else "15"
    for fuzzer in fuzzers:
        corpus = Path("build/corpus", Path(fuzzer[-1]).stem)
        corpus.mkdir(parents=True, exist_ok=True)
        session.run(*fuzzer, f"-max_total_time={seconds}", "-timeout=30", "-max_len=4096",
                    "-verbosity=0", "-print_final_stats=1", str(corpus), "tests/full/fuzz/seeds",
                    external=True)  # fmt: skip


@nox.session
def digests(session: nox.Session) -> None:
    """Write tests/full/digests anew, after a new schedule or configuration."""
    install(session, "numba")
    session.install(*in_groups("quick"))
    program = "tests/full/digests/write.py"
    session.run("python", program, *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session
def instructions(session: nox.Session) -> None:
    """Instructions of the hot loops, with limits; needs valgrind, and cpp before it."""
    loops = require(session, "build/dev/tests/full/cpp/hot_loops", "nox -s cpp")
    session.run("python", "tests/full/cpp/instructions.py", loops)


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, in build/site."""
    install(session, "keras")
    session.install(*in_groups("docs"))
    session.run("python", "-m", "sphinx", "-W", "-n", "docs", "build/site")


@nox.session
def coverage(session: nox.Session) -> None:
    """Lines and branches that the tests reach, in Python and in C++: reports in build/coverage."""
    install_with_tests(session)
    session.install(*in_groups("coverage", "full"))
    for report in ("python", "cpp/html"):
        Path("build/coverage", report).mkdir(parents=True, exist_ok=True)
    # Interrupts must hit calls of some microseconds, which tracing makes longer; where a process
    # finds no room for its file, coverage finds none, and complains.
    without = [
        "tests/full/reliability/test_interrupts.py",
        "tests/cli/test_whole_files.py::test_no_room",
    ]
    for folders in (
        [],
        ["tests/full/cli", "tests/full/keras", "tests/full/reliability", "tests/full/torch"],
    ):
        session.run("coverage", "run", "-m", "pytest", *folders,
                    *(f"--deselect={test}" for test in without), *session.posargs)  # fmt: skip
    session.run("coverage", "combine")
    session.run("coverage", "report")
    session.run("coverage", "html")
    session.run("cmake", "--workflow", "--preset", "coverage", "--fresh")
    session.run("gcovr")


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure everything again: rewrites the figures in README.md and docs/."""
    install_with_tests(session)
    session.install(*in_groups("benchmarks"))
    session.run("python", "benchmarks/report.py", *session.posargs)
