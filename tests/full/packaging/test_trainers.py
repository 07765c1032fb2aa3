"""The trainers in examples/: built against the installed package, their rates those of Python."""

from __future__ import annotations

import subprocess
import sys

from conftest import ROOT, run


def build(example: str, folder, *options: str):
    cmakedir = run(sys.executable, "-m", "fastlr", "--cmakedir").strip()
    run("cmake", "-S", ROOT / "examples" / example, "-B", folder, "-G", "Ninja",
        f"-Dfastlr_DIR={cmakedir}", *options)  # fmt: skip
    run("cmake", "--build", folder)
    return folder / "trainer"


def rates_in(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if " rate " in line]


def test_c_trainer(tmp_path):
    trainer = build("c_trainer", tmp_path / "build")
    file = tmp_path / "schedule.json"
    of_python = run(sys.executable, ROOT / "examples/c_trainer/write_schedule.py", file)
    of_c = run(trainer, file)
    assert rates_in(of_c) == rates_in(of_python) != []
    assert of_c.endswith("y = 2.000 x -1.000\n")
    file.write_text('{"class_name": "CosineDecay", "config": {"decay_steps": 10}}')
    assert "`initial_learning_rate` is missing" in run(trainer, file, expect=1)
    assert "No such file" in run(trainer, tmp_path / "none.json", expect=1)


def test_libtorch_trainer(tmp_path):
    prefix = run(sys.executable, "-c", "import torch; print(torch.utils.cmake_prefix_path)")
    options = f"-DCMAKE_PREFIX_PATH={prefix.strip()}"
    trainer = build("libtorch_trainer", tmp_path / "build", options)
    done = subprocess.run([trainer], capture_output=True, text=True, check=True)
    of_python = run(sys.executable, ROOT / "examples/libtorch_trainer/rates.py")
    assert done.stdout.splitlines() == of_python.splitlines() != []
    losses = [float(line.split()[-1]) for line in done.stderr.splitlines() if " loss " in line]
    assert losses[-1] < losses[0] / 50
