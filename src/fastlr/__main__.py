"""The command ``fastlr``, and ``python -m fastlr``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, or say what it needs."""
    try:
        from fastlr.cli import main as run
    except ImportError as error:
        if error.name != "click":
            raise
        sys.exit("fastlr: the command line needs click: pip install 'fastlr-schedules[cli]'")
    run()


if __name__ == "__main__":
    main()
