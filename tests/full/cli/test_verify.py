"""``fastlr verify``: what it proves, what it leaves out, and that it sees a difference."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from program import in_terminal, program
from test_terminal import ESCAPES

import fastlr
from fastlr._verify.configurations import random_schedule
from fastlr._verify.keras_oracle import MODES
from fastlr._verify.outcome import Outcome
from fastlr.schedules.base import EXECUTIONS
from fastlr.schedules.kernel_schedule import SCHEDULES

#: A package that is not installed, as far as finders can tell.
HIDE = """
import sys, importlib.util as util
found = util.find_spec
util.find_spec = lambda name, *rest: None if name == {!r} else found(name, *rest)
"""


def checks_of(report, group):
    return {check["what"]: check for check in report["checks"] if check["group"] == group}


def test_keras_and_backends():
    """With few configurations; tests/full/exhaustive runs the proofs of the other group."""
    groups = "--only", "keras", "--only", "backends"
    done = program("verify", *groups, "--configurations", 1, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert report["identical"] is True
    assert report["different"] == 0
    assert report["left_out"] == []
    with_keras = checks_of(report, "keras")
    functions = with_keras.pop("tf.function, graph")
    assert re.match(r"a tf.function that returns nothing: [1-9]\d* of 300", functions["note"])
    in_keras = [name for name, schedule in SCHEDULES.items() if schedule._in_keras]
    assert {*with_keras} == {f"{name}, {mode}" for name in in_keras for mode in EXECUTIONS}
    assert {*checks_of(report, "backends")} == {*SCHEDULES}
    assert all(check["compared"] > 100 for check in report["checks"])
    assert report["compared"] == sum(check["compared"] for check in report["checks"])
    assert report["environment"]["keras"]
    assert report["environment"]["libm"] == fastlr.build_info()["libm"]


def test_report_for_people():
    done = program("verify", "--only", "backends", "--configurations", 1, "--seed", 7)
    assert done.returncode == 0, done.stderr
    for name in SCHEDULES:
        assert re.search(rf"^  {name} +[\d,]+ +0 +\d+\.\d$", done.stdout, re.MULTILINE)
    assert "seed 7" in done.stdout
    assert re.search(r"^identical: [\d,]+ values compared, 0 differ$", done.stdout, re.MULTILINE)
    assert "Keras" not in done.stdout.splitlines()[0]
    again = program("verify", "--only", "backends", "--configurations", 1, "--seed", 7)
    seconds = re.compile(r" +\d+\.\d$", re.MULTILINE)
    assert seconds.sub("", again.stdout) == seconds.sub("", done.stdout)


INJECTED = {
    # A rate of Keras, of one backend, and of the C library.
    "keras": """
        from fastlr._verify import keras_oracle as at
        rates = at.rates
        at.rates = lambda *arguments: wrong(rates(*arguments))
    """,
    "backends": """
        from fastlr._verify import backends as at
        in_range = at.in_range
        at.in_range = lambda *arguments, **named: wrong(in_range(*arguments, **named))
    """,
    "c-library": """
        from fastlr._verify import c_library as at
        at.prove = lambda isa, function, *arguments: {
            "compared": 10, "different": 3 * ("avx" not in isa), "first_difference": 1.5}
        at.prove_numba_cosine = lambda: {"compared": 9, "different": 0, "first_difference": 0.0}
    """,
}


@pytest.mark.parametrize(
    ("group", "as_json"),
    [("keras", False), ("backends", True), ("c-library", False), ("c-library", True)],
)
def test_a_difference_is_seen(group, as_json):
    lines = INJECTED[group].splitlines()
    code = "\n".join(line[8:] for line in lines)
    code = (
        "import sys, numpy as np\n"
        "def wrong(rates):\n"
        "    rates = np.array(rates)\n"
        "    at = rates.size // 2\n"
        "    rates[at] = np.nextafter(rates[at], rates.dtype.type(9))\n"
        "    return rates\n"
        f"{code}\n"
        "from fastlr.cli import main\n"
        f"sys.argv = ['fastlr', 'verify', '--only', {group!r}, '--configurations', '1']\n"
        f"sys.argv += {['--json' if as_json else '--exit-first']}\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == ""
    if as_json:
        report = json.loads(done.stdout)
        assert report["identical"] is False
        wrong = [check for check in report["checks"] if check["different"]]
        assert wrong
        assert sum(check["different"] for check in wrong) == report["different"]
        assert all(check["first_difference"] for check in wrong)
        if group == "c-library":
            cosines = [what for what in checks_of(report, group) if "cosf" in what]
            assert len(cosines) == 2 * len(fastlr.build_info()["isas"]) + 1
    else:
        assert re.search(r"^DIFFERENT: [1-9][\d,]* of [\d,]+ values", done.stdout, re.MULTILINE)
        first = re.search(r"^    first: (.+)$", done.stdout, re.MULTILINE)[1]
        assert ("1.5" if group == "c-library" else "instead of") in first


@pytest.mark.parametrize(
    ("package", "group", "said"),
    [
        ("keras", "keras", "NOT CHECKED: parity with Keras (keras); install: pip install keras"),
        ("tensorflow", "keras", "install: pip install tensorflow"),
        ("numba", "backends", "NOT CHECKED: the fallback (backends); install: pip install numba"),
    ],
)
def test_what_is_not_installed_is_left_out_by_name(package, group, said, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(HIDE.format(package))
    done = program("verify", "--only", group, "--configurations", 1, path=tmp_path)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert done.stdout.splitlines()[-1].endswith("not everything could be checked")


def test_without_the_core():
    """On the fallback alone, as a pure-Python wheel is."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.modules['fastlr._core'] = None\n"
         "import importlib.util as util; found = util.find_spec\n"
         "util.find_spec = lambda n, *r: None if n == 'fastlr._core' else found(n, *r)\n"
         "from fastlr.cli import main; sys.argv = ['fastlr', 'verify', '--only', 'backends',"
         "'--only', 'keras', '--configurations', '1']; main()"],
        capture_output=True, text=True,
        env={**os.environ, "FASTLR_BACKEND": "numba"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "NOT CHECKED: the compiled core (backends)" in done.stdout
    assert "CosineDecay, xla" in done.stdout


@pytest.mark.parametrize("class_name", SCHEDULES)
def test_random_schedules_differ_and_repeat(class_name):
    drawn = [random_schedule(class_name, np.random.default_rng(seed)) for seed in (1, 2, 1)]
    assert drawn[0] == drawn[2] != drawn[1]


def test_outcome():
    outcome = Outcome()
    theirs = np.array([0.1, 0.2, -0.0, np.nan], np.float32)
    outcome.compare(theirs.tolist(), theirs, range(4), "same")
    outcome.compare(theirs + 0, theirs, range(4), "zero")
    assert vars(outcome) == {
        "compared": 8, "different": 0, "first_difference": None, "note": None
    }  # fmt: skip
    ours = theirs.copy()
    ours[1:3] = np.nextafter(ours[1:3], np.float32(1))
    outcome.compare(ours, theirs, range(10, 14), "other")
    assert (outcome.compared, outcome.different) == (12, 2)
    assert outcome.first_difference.startswith("other: ")
    assert outcome.first_difference.endswith("at step 11")
    with pytest.raises(ValueError, match="same dtype and shape"):
        outcome.compare(ours[:2], theirs, range(4), "shape")


def test_modes_are_those_of_fastlr():
    assert {"eager", *MODES} == {*EXECUTIONS}


def test_verify_shows_its_progress(tmp_path):
    printed = ESCAPES.sub("", in_terminal("verify", "--only", "backends", "--configurations", 1,
                                          "--json", cwd=tmp_path))  # fmt: skip
    assert re.search(r"verify.*%", printed)
    assert json.loads(printed[printed.index("{") : printed.rindex("}") + 1])["identical"]
