"""Config files are data: only known classes, limits of depth and size, nothing run or imported."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from strategies import LONGEST_MESSAGE, nested_list, self_referencing

import fastlr
from fastlr import _config_limits
from fastlr.cli.program import program

ROOT = Path(__file__).parents[3]


def dict_of(class_name: Any = "CosineDecay", **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


GOOD = {"initial_learning_rate": 0.1, "decay_steps": 10}


class Halving(fastlr.LearningRateSchedule):
    def __init__(self, data=None):
        self.data = data


def nested_dict(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(depth):
        inner = {"deeper": inner}
    return inner


def refusal(call: Any, error: type[Exception], *parts: str) -> None:
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert len(message) < LONGEST_MESSAGE
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("config", "error", "part"),
    [
        ({**GOOD, "name": nested_list(100_000)}, ValueError, "more than 64 levels"),
        ({**GOOD, "name": self_referencing()}, ValueError, "more than 64 levels"),
        ({**GOOD, "name": nested_dict(100_000)}, ValueError, "more than 64 levels"),
        ({f"k{number}": 1 for number in range(20_000)}, ValueError, "more than 10000 keys"),
        ({**GOOD, 3: 4}, ValueError, "keywords must be strings"),
        ([1, 2], TypeError, "`config`"),
        (None, TypeError, "`config`"),
        ("CosineDecay", TypeError, "`config`"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, dict) else None,
)
def test_limits(config, error, part):
    refusal(lambda: fastlr.deserialize(dict_of() | {"config": config}), error, part)


@pytest.mark.parametrize("config", [[1, 2], None, "CosineDecay"])
def test_a_config_is_a_dict(config):
    refusal(lambda: fastlr.CosineDecay.from_config(config), TypeError, "`config`")


def test_limits_hold_for_the_whole_dict_and_for_classes_of_your_own():
    refusal(lambda: fastlr.deserialize({**dict_of(**GOOD), "module": nested_list(65)}), ValueError,
            "more than 64 levels")  # fmt: skip
    own = {"Halving": Halving}
    made = fastlr.deserialize(dict_of("Halving", data=[[[[[1]]]]]), own)
    assert made.data == [[[[[1]]]]]
    refusal(lambda: fastlr.deserialize(dict_of("Halving", data=nested_list(63)), own), ValueError,
            "more than 64 levels")  # fmt: skip


def test_what_is_referred_to_often_counts_often():
    """YAML's aliases make a small file a huge config; a list may contain itself."""
    itself: list = []
    itself.extend([itself] * 30)
    aliases: list = [1]
    for _ in range(6):
        aliases = [aliases] * 30
    for data in (itself, aliases):
        refusal(lambda data=data: fastlr.deserialize(dict_of(**GOOD, data=data)), ValueError,
                "more than 16777216 items")  # fmt: skip


def test_what_is_within_the_limits_is_made():
    many = [*range(1_000_000)]
    schedule = fastlr.deserialize(
        dict_of("PiecewiseConstantDecay", boundaries=many, values=[*many, 5.0])
    )
    assert schedule(999_999) == 999_999.0
    assert schedule(10**6) == 5.0


@pytest.mark.parametrize(
    ("config", "custom_objects", "error", "part"),
    [
        (dict_of("os.system"), None, ValueError, "Unknown schedule class: 'os.system'"),
        (dict_of("x" * 10**8), None, ValueError, "Unknown schedule class"),
        (dict_of(10**5000), None, ValueError, "Unknown schedule class"),
        (dict_of("a" * 10**6, **GOOD), {}, ValueError, "Unknown schedule class"),
        (dict_of(**{"x" * 10**6: 1}), None, ValueError, "Invalid config of CosineDecay"),
        (dict_of("int", x=1), {"int": int}, TypeError, "`custom_objects`"),
        (dict_of("system", command="true"), {"system": subprocess.run}, TypeError, "run"),
        (dict_of("X"), {"X": Halving()}, TypeError, "`custom_objects`"),
        (dict_of("X"), 5, TypeError, "`custom_objects`"),
        (dict_of("X"), ["X"], TypeError, "`custom_objects`"),
        (dict_of("X"), {1: Halving}, ValueError, "Unknown schedule class: 'X'"),
        (dict_of(initial_learning_rate=-(10**5000), decay_steps=1), None, ValueError, "bits>"),
    ],
    ids=range(12),
)  # fmt: skip
def test_only_known_classes(config, custom_objects, error, part):
    refusal(lambda: fastlr.deserialize(config, custom_objects), error, part)


AUDITED = """
import json, sys
import fastlr
from pathlib import Path

names = ["os.system", "__import__('os').system('true')", "builtins.eval", "fastlr.cli.program",
         "subprocess.run", "../CosineDecay", "CosineDecay; import os", "antigravity", "__class__",
         "LearningRateSchedule", "KernelSchedule"]
good = {"initial_learning_rate": 0.1, "decay_steps": 10}
configs = [
    *({"class_name": name, "config": good, "module": name} for name in names),
    *({"class_name": "CosineDecay", "config": good, "module": name, "registered_name": name,
       "build_config": {"input_shape": name}} for name in names),
    *({"class_name": "CosineDecay", "config": {**good, key: name}}
      for name in names for key in ("alpha", "name", name, "__class__", "__init__", "self", "cls")),
]
texts = [json.dumps(config) for config in configs]
fastlr.deserialize(configs[len(names)])  # what a first call imports
seen = []
watching = False

def hook(event, arguments):
    if watching and event.split(".")[0] in {
        "import", "exec", "compile", "open", "os", "subprocess", "socket", "ctypes", "pickle",
        "marshal", "code", "function"}:
        seen.append((event, repr(arguments)[:200]))

sys.addaudithook(hook)
made = refused = 0
watching = True
for text in texts:
    config = json.loads(text)
    for call in (fastlr.deserialize, fastlr.CosineDecay.from_config):
        try:
            call(config)
            made += 1
        except (TypeError, ValueError):
            refused += 1
watching = False
print(json.dumps([made, refused, seen]))
"""


def test_nothing_is_imported_opened_or_run():
    """Python itself tells of every import, eval, file and process."""
    run = subprocess.run(
        [sys.executable, "-c", AUDITED], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    made, refused, seen = json.loads(run.stdout)
    assert seen == []
    assert made >= 20
    assert refused > 100


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (b"[" * 10**6, "nested too deeply"),
        (b'{"a":' * 10**6, "nested too deeply"),
        (b'{"class_name": "CosineDecay", "config": {"a": ' + b"[" * 70 + b"]" * 70 + b"}}",
         "more than 64 levels"),
        (b" " * ((16 << 20) + 1), "at most 16,777,216 bytes"),
        (b"\xff\xfe{", "not JSON"),
        (b"\x00", "not JSON"),
        (b'{"class_name": "CosineDecay", "config": {"initial_learning_rate": 1, "decay_steps": '
         + b"1" * 5000 + b"}}", "not JSON"),
        (b'{"class_name": "CosineDecay", "config": {"initial_learning_rate": NaN, '
         b'"decay_steps": 1}}', "finite"),
        (json.dumps(dict_of(**{f"k{n}": n for n in range(20_000)})).encode(), "10000 keys"),
        (json.dumps(dict_of("os.system")).encode(), "the class must be one of"),
        (json.dumps(dict_of(**GOOD, name="x" * 10**6 + "/")).encode(), "`name`"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_config_files_are_refused_in_one_line(tmp_path, text, part):
    file = tmp_path / "schedule.json"
    file.write_bytes(text)
    run = subprocess.run(
        [sys.executable, "-m", "fastlr", "table", "--config", file, "--stop", "5", "--output",
         tmp_path / "lr.npy"], capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 2
    assert part in run.stderr
    assert run.stderr.count("\n") == 1
    assert len(run.stderr) < LONGEST_MESSAGE
    assert not (tmp_path / "lr.npy").exists()


def test_a_file_without_end_is_not_read_to_it(tmp_path):
    result = CliRunner().invoke(
        program, ["table", "--config", "/dev/zero", "--stop", "5", "--output", str(tmp_path / "x")]
    )
    assert result.exit_code == 2
    assert "at most 16,777,216 bytes" in result.output


def test_limits_are_the_same_in_c():
    header = (ROOT / "src/cpp/include/fastlr/fastlr.h").read_text()
    constants = dict(re.findall(r"#define (FASTLR_JSON_\w+) (\d+)", header))
    assert constants == {
        "FASTLR_JSON_MAX": str(_config_limits.LARGEST_CONFIG),
        "FASTLR_JSON_KEYS_MAX": str(_config_limits.MOST_KEYS),
        "FASTLR_JSON_DEPTH_MAX": str(_config_limits.DEEPEST),
    }
