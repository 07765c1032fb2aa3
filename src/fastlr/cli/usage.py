"""What the help texts of all subcommands share."""

from __future__ import annotations

from itertools import takewhile
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


class ScheduleCommand(click.Command):
    """A subcommand for a schedule, all of whose arguments are options."""

    def parse_args(self, context: click.Context, words: list[str]) -> list[str]:
        """As ever, but say how arguments are given to whoever leaves out their names."""
        _, rest, _ = self.make_parser(context).parse_args(list(words))
        numbers = list(takewhile(_is_number, rest))
        if numbers:
            named = zip((each.opts[0] for each in self.params), numbers, strict=False)
            example = " ".join(f"{name} {number}" for name, number in named)
            context.fail(f"Arguments have names: {example}. Received: {' '.join(numbers)}")
        return super().parse_args(context, words)


class ScheduleGroup(click.Group):
    """A command with a subcommand for each schedule."""

    def resolve_command(
        self, context: click.Context, words: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As ever, but say how a file is given to whoever leaves out the name of the option."""
        word = words[0]
        if not self.get_command(context, word) and Path(word).suffix and not _is_number(word):
            context.fail(f"A file is given with --config: --config {word}. Received: {word}")
        return super().resolve_command(context, words)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def check_output(output: Path) -> None:
    """Refuse to replace what is not a plain file."""
    if not can_replace(output):
        raise click.UsageError(f"--output must be a plain file. Received: {output}")
