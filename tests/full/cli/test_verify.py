"""``fastlr verify``: what it proves, what it leaves out, and that it sees a difference."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from program import in_terminal, program, program_here
from test_terminal import ESCAPES

import fastlr
from fastlr._verify import backends, c_library, checks, keras_oracle, keras_parity
from fastlr._verify.configurations import random_schedule
from fastlr._verify.keras_oracle import MODES
from fastlr._verify.outcome import Outcome
from fastlr.schedules.base import EXECUTIONS
from fastlr.schedules.kernel_schedule import SCHEDULES

ONE = ("--configurations", 1)

#: The first test below checks all schedules, the others as few as show what they are about.
ONE_SCHEDULE = """
from fastlr._verify import checks
checks.SCHEDULES = {'CosineDecay': checks.SCHEDULES['CosineDecay']}
"""


@pytest.fixture
def one_schedule(monkeypatch):
    """Let the checks of this process be those of CosineDecay."""
    monkeypatch.setattr(checks, "SCHEDULES", {"CosineDecay": SCHEDULES["CosineDecay"]})


def checks_of(report, group):
    return {check["what"]: check for check in report["checks"] if check["group"] == group}


def test_keras_and_backends():
    """With few configurations; tests/full/exhaustive runs the proofs of the other group."""
    groups = "--only", "keras", "--only", "backends"
    done = program("verify", *groups, *ONE, "--json")
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


def test_report_for_people(one_schedule):
    words = "verify", "--only", "backends", *ONE, "--seed", 7
    done, again = program_here(*words), program_here(*words)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^  CosineDecay +[\d,]+ +0 +\d+\.\d$", done.stdout, re.MULTILINE)
    assert "seed 7" in done.stdout
    assert re.search(r"^identical: [\d,]+ values compared, 0 differ$", done.stdout, re.MULTILINE)
    assert "Keras" not in done.stdout.splitlines()[0]
    seconds = re.compile(r" +\d+\.\d$", re.MULTILINE)
    assert seconds.sub("", again.stdout) == seconds.sub("", done.stdout)


def in_one_value(function):
    """The same function, with another rate in the middle of its rates."""

    def wrong(*arguments, **named):
        rates = np.array(function(*arguments, **named))
        at = rates.size // 2
        rates[at] = np.nextafter(rates[at], rates.dtype.type(9))
        return rates

    return wrong


def wrong_proof(isa, function, *arguments):
    return {"compared": 10, "different": 3 * ("avx" not in isa), "first_difference": 1.5}


def right_proof():
    return {"compared": 9, "different": 0, "first_difference": 0.0}


#: What is made wrong: a rate of Keras, of one backend, and of the C library.
INJECTED = {
    "keras": [(keras_oracle, "rates", in_one_value(keras_oracle.rates))],
    "backends": [(backends, "in_range", in_one_value(backends.in_range))],
    "c-library": [
        (c_library, "prove", wrong_proof),
        (c_library, "prove_numba_cosine", right_proof),
    ],
}


@pytest.mark.parametrize(
    ("group", "as_json"),
    [("keras", False), ("backends", True), ("c-library", False), ("c-library", True)],
)
def test_a_difference_is_seen(group, as_json, one_schedule, monkeypatch):
    for where, name, wrong in INJECTED[group]:
        monkeypatch.setattr(where, name, wrong)
    form = "--json" if as_json else "--exit-first"
    done = program_here("verify", "--only", group, *ONE, form)
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
def test_what_is_not_installed_is_left_out_by_name(package, group, said, one_schedule, monkeypatch):
    for module in (backends, c_library, checks, keras_parity):
        monkeypatch.setattr(
            module, "find_spec", lambda name: None if name == package else find_spec(name)
        )
    done = program_here("verify", "--only", group, *ONE)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert done.stdout.splitlines()[-1].endswith("not everything could be checked")


def test_without_the_core():
    """On the fallback alone, as a pure-Python wheel is."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.modules['fastlr._core'] = None\n"
         "import importlib.util as util; found = util.find_spec\n"
         "util.find_spec = lambda n, *r: None if n == 'fastlr._core' else found(n, *r)\n"
         f"{ONE_SCHEDULE}"
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


def test_verify_shows_its_progress(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(ONE_SCHEDULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    printed = ESCAPES.sub("", in_terminal("verify", "--only", "backends", *ONE, "--json",
                                          cwd=tmp_path))  # fmt: skip
    assert re.search(r"verify.*%", printed)
    report = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    assert report["identical"]
    assert len(report["checks"]) == 1
