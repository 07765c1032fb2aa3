"""The program: its subcommands, and how it ends."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

import fastlr
from fastlr import _install
from fastlr.cli.bench import bench
from fastlr.cli.completion import completion
from fastlr.cli.info import info
from fastlr.cli.plot import plot
from fastlr.cli.signals import Terminated, signals_as_exceptions
from fastlr.cli.table import table
from fastlr.cli.usage import HELP, examples
from fastlr.cli.verify import verify

#: A message may show what was given, which may be a million boundaries.
LONGEST_ERROR = 1000


@click.group(
    context_settings=HELP,
    invoke_without_command=True,
    epilog=examples(
        "fastlr table cosine-decay --initial-learning-rate 0.1 --decay-steps 1000 "
        "--stop 2000 --output lr.npy",
        "fastlr plot cosine-decay --initial-learning-rate 0.1 --decay-steps 1000",
        "fastlr verify",
        'cmake -S . -B build -Dfastlr_DIR="$(fastlr --cmakedir)"  # also --includes, --libdir',
    ),
)
@click.version_option(fastlr.__version__, prog_name="fastlr")
@click.pass_context
def program(context: click.Context) -> None:
    """Learning-rate schedules in bulk, with the bits of Keras."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (table, plot, verify, bench, info, completion):
    program.add_command(_command)


def main() -> NoReturn:
    """Run the program; whatever stops it is one line on stderr."""
    _open_missing_streams()
    try:
        with signals_as_exceptions():
            program.main(prog_name="fastlr", standalone_mode=False)
            sys.stdout.flush()
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "fastlr"
        message = error.format_message()
        stop = "" if message.endswith((".", "?")) else "."
        _end(f"{message}{stop} See: {command} --help", error.exit_code)
    except click.ClickException as error:
        _end(error.format_message(), error.exit_code)
    except Terminated as error:
        error.end_process()
    except BrokenPipeError:
        # Whoever read the output has enough; the interpreter must not flush into the pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except ImportError as error:
        how = f": {_install.extra('cli')}" if error.name in ("rich", "plotille") else ""
        _end(f"{error}{how}", 1)
    except (OSError, MemoryError, ArithmeticError, RuntimeError) as error:
        _end(str(error) or type(error).__name__, 1)
    sys.exit(0)


def _open_missing_streams() -> None:
    """Let nothing else take the numbers of streams that were closed, as by ``2>&-``."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - while the program runs


def _end(message: str, code: int) -> NoReturn:
    line = " ".join(message.split())
    if len(line) > LONGEST_ERROR:
        line = f"{line[: LONGEST_ERROR - 3]}..."
    click.echo(f"fastlr: {line}", err=True)
    sys.exit(code)
