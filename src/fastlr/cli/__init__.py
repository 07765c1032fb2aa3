"""The command line: one module per subcommand, one per file format in ``formats``."""

from fastlr.cli.program import main, program

__all__ = ["main", "program"]
