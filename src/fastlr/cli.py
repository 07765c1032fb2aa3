"""The command line. Its subcommands and options are read off the schedules' signatures."""

from __future__ import annotations

import inspect
import os
import tempfile
from pathlib import Path
from typing import Any

import click
import numpy as np

import fastlr
from fastlr.schedules.base import EXECUTIONS, SCHEDULES, KernelSchedule


def number(text: str | int | float) -> int | float:
    """Read an int where it is written as one, else a float: 10**15 + 1 decay steps stay exact."""
    if not isinstance(text, str):  # a default
        return text
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a number") from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(fastlr.__version__, prog_name="fastlr")
def program() -> None:
    """Learning-rate schedules in bulk, with the bits of Keras."""


@program.command()
def info() -> None:
    """Describe this installation: what a bug report needs."""
    for key, value in fastlr.build_info().items():
        click.echo(f"{key:12}{', '.join(value) if isinstance(value, list) else value}")


@program.command()
def bench() -> None:
    """Compare with Keras and NumPy on this machine: times relative to fastlr's."""
    from fastlr import _bench

    for title, seconds in _bench.comparisons():
        reference = next(iter(seconds.values()))
        click.echo(title)
        for name, taken in seconds.items():
            click.echo(
                f"  {name:34}{taken / reference:>10,.{0 if taken > 100 * reference else 2}f}"
            )
    for name in _bench.missing_peers():
        click.echo(f"left out: {name} (not installed)")
    described = fastlr.build_info()
    click.echo(f"{described['backend']}, {described['isa']}, {described['platform']}")


@program.group()
def table() -> None:
    """Write the rates of a schedule to a file.

    \b
    Example:
      fastlr table cosine-decay --initial-learning-rate 0.1 --decay-steps 1000 \\
        --stop 2000 --output lr.npy
    """


def numbers(text: str) -> list[int | float]:
    """Read numbers between commas."""
    return [number(part) for part in text.split(",")]


def _option(parameter: inspect.Parameter) -> click.Option:
    """One constructor argument: a switch, a name, a number, or numbers between commas."""
    kebab = parameter.name.replace("_", "-")
    given: dict[str, Any] = {"required": parameter.default is parameter.empty}
    if not given["required"]:
        given |= {"default": parameter.default, "show_default": True}
    if isinstance(parameter.default, bool):
        return click.Option([f"--{kebab}/--no-{kebab}"], **given)
    if "Sequence" in str(parameter.annotation):
        given |= {"type": numbers, "metavar": "NUMBER,NUMBER,..."}
    else:
        given |= (
            {"type": str, "metavar": "TEXT"}
            if parameter.name == "name"
            else {"type": number, "metavar": "NUMBER"}
        )
    return click.Option([f"--{kebab}"], **given)


def _table_command(schedule_class: type[KernelSchedule]) -> click.Command:
    parameters = inspect.signature(schedule_class).parameters.values()
    options: list[click.Parameter] = [_option(parameter) for parameter in parameters]
    options += [
        click.Option(["--start"], type=int, default=0, show_default=True, help="First step."),
        click.Option(["--stop"], type=int, required=True, help="Step to stop before."),
        click.Option(["--step"], type=int, default=1, show_default=True, help="Distance of steps."),
        click.Option(
            ["--execution"],
            type=click.Choice(EXECUTIONS),
            default="eager",
            show_default=True,
            help="Execution mode of Keras whose bits are wanted.",
        ),
        click.Option(
            ["--output", "-o"],
            type=click.Path(dir_okay=False, path_type=Path),
            required=True,
            help="File to write, ending in .npy.",
        ),
    ]

    def write(
        start: int, stop: int, step: int, execution: str, output: Path, **arguments: Any
    ) -> None:
        if output.suffix != ".npy":
            raise click.UsageError(f"--output must end in .npy. Received: {output}")
        try:
            rates = schedule_class(**arguments).table(start, stop, step, execution=execution)
        except (TypeError, ValueError) as error:
            raise click.UsageError(str(error)) from error
        except MemoryError as error:
            raise click.ClickException(str(error)) from error
        try:
            _write_whole(output, rates)
        except OSError as error:
            reason = error.strerror or error
            raise click.ClickException(f"cannot write {output}: {reason}") from error
        click.echo(f"{output}: {rates.size} steps, {rates.dtype}", err=True)

    summary = inspect.getdoc(schedule_class)
    return click.Command(
        _kebab_case(schedule_class.__name__),
        params=options,
        callback=write,
        help=summary.splitlines()[0] if summary else None,
    )


def _write_whole(output: Path, rates: Any) -> None:
    """Write beside the name asked for, then rename: never a half file under that name."""
    output = output.resolve()  # through a link, to the file it names
    handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, rates, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode_of(output))  # mkstemp makes private files
        os.replace(name, output)
    except BaseException:
        os.unlink(name)
        raise


def _mode_of(output: Path) -> int:
    """Permissions of the file that is replaced, or those of a new one."""
    if output.exists():
        return output.stat().st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _kebab_case(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


for _schedule_class in SCHEDULES.values():
    table.add_command(_table_command(_schedule_class))
