"""What the help texts of all subcommands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fastlr._whole_file import can_replace

HELP: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def examples(*commands: str) -> str:
    """An epilog that click does not wrap."""
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


def require_subcommand(context: click.Context, kind: str = "COMMAND") -> None:
    """Refuse a group without a subcommand, in one line that names them."""
    if context.invoked_subcommand is None:
        assert isinstance(context.command, click.Group)
        names = ", ".join(context.command.list_commands(context))
        raise click.UsageError(
            f"Usage: {context.command_path} {kind} [OPTIONS]. {kind} is one of {names}.", context
        )


def check_output(output: Path) -> None:
    """Refuse to replace what is not a plain file."""
    if not can_replace(output):
        raise click.UsageError(f"--output must be a plain file. Received: {output}")
