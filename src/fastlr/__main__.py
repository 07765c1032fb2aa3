"""``python -m fastlr``, and what the command ``fastlr`` runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fastlr import _install

#: Where builds in C and C++ find the library in this package: option, folder, what is printed.
_FOLDERS = {
    "--cmakedir": ("share/cmake/fastlr", "{}"),
    "--includes": ("include", "-I{}"),
    "--libdir": ("lib", "{}"),
}


def main() -> None:
    """Run the command line, or say what it needs."""
    if len(sys.argv) == 2 and sys.argv[1] in _FOLDERS:
        _print_folder(*_FOLDERS[sys.argv[1]])
        return
    try:
        from fastlr.cli import main as run
    except ImportError as error:
        if error.name != "click":
            raise
        sys.exit(f"fastlr: the command line needs click: {_install.extra('cli')}")
    run()


def _print_folder(name: str, form: str) -> None:
    folder = Path(__file__).parent / name
    if not folder.is_dir():
        sys.exit(
            "fastlr: this is the pure-Python package, without the C++ library: install it again "
            "with a C++17 compiler; FASTLR_REQUIRE_CPP=1 shows why the build fails"
        )
    try:
        os.write(1, os.fsencode(f"{form.format(folder)}\n"))  # at once, unlike print
    except OSError as error:
        sys.exit(f"fastlr: {error.strerror}")


if __name__ == "__main__":
    main()
