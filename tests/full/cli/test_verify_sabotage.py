"""``fastlr verify`` of a copy of the package that was made wrong: it fails and names the check."""

from __future__ import annotations

import re
import shutil
import struct
from pathlib import Path

import pytest
from program import program

import fastlr
import fastlr._core

SHIFTED = """
def _shifted(method):
    def array(self, steps, out, threads):
        method(self, steps + 1 if steps.dtype.kind == "f" else steps, out, threads)
    return array
"""
LATE = """
def _late(method):
    def range(self, start, step, out, threads):
        method(self, start + step if step != 1 else start, step, out, threads)
    return range
"""
CORE = "import fastlr._core\nfastlr._core.Kernel.{0} = {1}(fastlr._core.Kernel.{0})\n"

PACKAGE = Path(fastlr.__file__).parent

#: What verify looks at: each schedule and mode more is a minute of Numba's compiler.
NARROWED = {
    "checks.py": "SCHEDULES = {'CosineDecay': SCHEDULES['CosineDecay']}\n",
    "configurations.py": "_SPECIAL = {}\n",
    "backends.py": "EXECUTIONS = ('eager',)\n",
}

BLOCK = "(convert_flushed if widens else convert)(steps, out)"
#: File, what is replaced (nothing: appended), by what, group, check, what its line says.
SABOTAGE = {
    "float steps, python": (
        "_steps.py",
        "array.astype(kind.newbyteorder(\"=\"), copy=False)",
        "array.astype(kind.newbyteorder(\"=\")) + (kind.kind == \"f\")",
        "backends", "CosineDecay", "strided float32 steps",
    ),
    "float steps, core": (
        "_backend.py", "", SHIFTED + CORE.format("array", "_shifted"),
        "backends", "CosineDecay", "strided float32 steps",
    ),
    "float steps, numba": (
        "_numba/driver.py", BLOCK,
        BLOCK.replace("(steps,", "(steps + (steps.dtype.kind == \"f\"),"),
        "backends", "CosineDecay", "float32 steps, numba",
    ),
    "strided tables, core": (
        "_backend.py", "", LATE + CORE.format("range", "_late"),
        "backends", "CosineDecay", "table of cpp baseline",
    ),
    "strided tables, numba": (
        "_numba/driver.py", "    range_steps(start, step, out)\n",
        "    range_steps(start + (step != 1) * step, step, out)\n",
        "backends", "CosineDecay", "table of numba",
    ),
    "powf, numba": (
        "_numba/power.py", "0x1.27616c9496e0bp-2", "0x1.27716c9496e0bp-2",
        "c-library", "powf at start-up, numba", "powf at start-up, numba",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory):
    """A copy of the installed package, beside a cache of Numba for what is not changed."""
    package = tmp_path_factory.mktemp("sabotage") / "fastlr"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("*.nb?", "__pycache__"))
    for file, text in NARROWED.items():
        with (package / "_verify" / file).open("a") as opened:
            opened.write(text)
    return package


@pytest.fixture
def copy(unchanged):
    """The copy, to be changed in a file at a time: `change` says which."""
    changed = []

    def change(file, edit):
        changed.append(file)
        (unchanged / file).write_bytes(edit((PACKAGE / file).read_bytes()))
        return unchanged

    yield change
    for file in changed:
        shutil.copy2(PACKAGE / file, unchanged / file)


def assert_found(package, group, check, said):
    cache = str(package.parent / "cache")
    done = program("verify", "--only", group, "--configurations", 1, "--seed", 1, "--exit-first",
                   path=package.parent, NUMBA_CACHE_DIR=cache)  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    [at] = [i for i, line in enumerate(lines) if re.match(rf"  {re.escape(check)} +\d", line)]
    assert re.match(r"    first: ", lines[at + 1]), done.stdout
    assert lines[at + 2] == "" or lines[at + 2].startswith("NOT CHECKED"), done.stdout  # the last
    assert said in lines[at + 1]
    return done.stdout


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_wrong_copy_fails(name, copy):
    file, old, new, group, check, said = SABOTAGE[name]

    def edit(before):
        text = before.decode()
        assert not old or text.count(old) == 1
        return (text.replace(old, new) if old else text + new).encode()

    assert_found(copy(file, edit), group, check, said)


def test_a_changed_coefficient_of_the_core_fails(copy):
    """Its start-up check then chooses the C library: the proofs that did not run are named."""
    old, new = (
        struct.pack("<d", float.fromhex(text))
        for text in ("0x1.27616c9496e0bp-2", "0x1.27716c9496e0bp-2")
    )

    def edit(before):
        assert old in before
        return before.replace(old, new)

    check = "powf at start-up, cpp"
    changed = copy(Path(fastlr._core.__file__).name, edit)
    printed = assert_found(changed, "c-library", check, check)
    assert "NOT CHECKED: powf, cpp (c-library); its start-up check failed" in printed
