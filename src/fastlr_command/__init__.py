"""The command ``fastlr``, outside the package: where that cannot be imported, this says why."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of the package, or say why the package cannot be imported."""
    try:
        from fastlr.__main__ import main as run
    except ImportError as error:
        sys.exit(f"fastlr: {error}")
    run()
