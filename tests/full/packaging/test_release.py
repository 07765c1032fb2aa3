"""What a release consists of."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import itertools
import re
import sys

import pytest
from conftest import ROOT, run

PYTHONS = ["cp310", "cp311", "cp312", "cp313", "cp314", "cp314t"]
WHEELS = {
    ("linux", "x86_64"): ["manylinux_x86_64", "musllinux_x86_64"],
    ("linux", "aarch64"): ["manylinux_aarch64", "musllinux_aarch64"],
    ("macos", "x86_64"): ["macosx_x86_64"],
    ("macos", "arm64"): ["macosx_arm64"],
    ("windows", "AMD64"): ["win_amd64"],
}

if importlib.util.find_spec("cibuildwheel"):  # needs Python 3.11

    @pytest.mark.parametrize(("system", "processor"), WHEELS)
    def test_wheels_of(system, processor):
        printed = run(sys.executable, "-m", "cibuildwheel", "--print-build-identifiers",
                      "--platform", system, "--archs", processor, ROOT)  # fmt: skip
        tags = WHEELS[system, processor]
        assert set(printed.split()) == {"-".join(pair) for pair in itertools.product(PYTHONS, tags)}


def test_the_metadata_names_what_is_released():
    metadata = importlib.metadata.metadata("fastlr-schedules")
    named = re.findall(r"Python :: 3\.(\d+)$", "\n".join(metadata.get_all("Classifier")), re.M)
    assert [f"cp3{minor}" for minor in named] == [p for p in PYTHONS if not p.endswith("t")]
    assert metadata["Requires-Python"] == f">=3.{named[0]}"


@pytest.mark.parametrize("workflow", ["test.yml", "release.yml"])
def test_workflows_hold_no_secret(workflow):
    text = (ROOT / ".github" / "workflows" / workflow).read_text()
    assert "secrets" not in text
    assert re.search(r"^permissions:\n  contents: read\n", text, re.M)


def test_every_supported_python_is_tested():
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text()
    (matrix,) = re.findall(r"^        python: \[(.*)\]$", text, re.M)
    versions = re.findall(r'"(.*?)"', matrix)
    assert [f"cp{version.replace('.', '')}" for version in versions] == PYTHONS
