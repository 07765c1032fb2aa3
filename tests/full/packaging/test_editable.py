"""An editable install as CONTRIBUTING.md has it: sources that change take effect by themselves."""

from __future__ import annotations

import re
import shlex
import sys

from conftest import ROOT, run


def edit(file, before: str, after: str) -> None:
    text = file.read_text()
    assert text.count(before) == 1
    file.write_text(text.replace(before, after))


def test_changes_take_effect_at_the_next_import(built, tmp_path):
    options = re.search(r"`pip install (.*) -e \.`", (ROOT / "CONTRIBUTING.md").read_text())[1]
    run(sys.executable, "-m", "pip", "install", *shlex.split(options), "--no-deps",
        "--ignore-installed", "--prefix", tmp_path,
        f"--config-settings=build-dir={built.folder}/build",
        "--config-settings=cmake.define.BUILD_SHARED_LIBS=OFF", "-e", built.sources,
        FASTLR_REQUIRE_CPP="1", FASTLR_WERROR="1")  # fmt: skip
    (site,) = tmp_path.rglob("site-packages")
    code = (
        f"import site; site.addsitedir({str(site)!r}); import fastlr, fastlr._core as core;"
        "print(fastlr.__file__); print(fastlr.__doc__.split()[0], core.__doc__.split()[0])"
    )

    def printed() -> list[str]:
        file, words = run(sys.executable, "-c", code).splitlines()  # and nothing of the build
        assert file == str(built.sources / "src/fastlr/__init__.py")
        return words.split()

    python, core = printed()
    edit(built.sources / "src/fastlr/__init__.py", f'"""{python} ', '"""Python ')
    assert printed() == ["Python", core]
    edit(built.sources / "src/cpp/bindings/module.cpp", f'"{core} ', '"C++ ')
    assert printed() == ["Python", "C++"]
