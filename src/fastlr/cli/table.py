"""``fastlr table``: the rates of schedules in a file or on stdout."""

from __future__ import annotations

import itertools
import math
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from fastlr import _install
from fastlr._many import tables
from fastlr._parameters import Execution
from fastlr._plotting.curve import window
from fastlr._table import step_range
from fastlr._whole_file import check_space, whole_file
from fastlr.cli import schedules
from fastlr.cli.formats import FORMATS, STREAMED, Format, RateTable, missing_package
from fastlr.cli.plot import print_picture
from fastlr.cli.progress import progress_bar
from fastlr.cli.usage import (
    HELP,
    ScheduleCommand,
    ScheduleGroup,
    check_output,
    examples,
    require_subcommand,
)
from fastlr.schedules.kernel_schedule import KernelSchedule

EXAMPLES = (
    "fastlr table cosine-decay --initial-learning-rate 0.1 --decay-steps 1000 "
    "--stop 2000 --output lr.npy",
    "fastlr table --config schedule.json --stop 1000000000 --output lr.npy",
    "fastlr table --config a.json --config b.json --output both.csv",
    "fastlr table --config - --start 500 --stop 2000 --step 10 --output lr.csv < schedule.json",
)


STDOUT = Path("-")

#: Steps; more are written where --stop asks for them.
LONGEST_BY_DEFAULT = 10**9

#: Of the terminal, for the curve below what was written.
CURVE_LINES = 16


def _options(required: bool) -> list[click.Parameter]:
    """What is written, and where. The group cannot require what its subcommands take."""
    return [
        *schedules.window_options(),
        click.Option(
            ["--step"],
            type=schedules.integer,
            metavar="INTEGER",
            default=1,
            show_default=True,
            help="Distance of steps.",
        ),
        *schedules.evaluation_options(),
        schedules.epochs_option("Add a column of epochs of this many steps (csv, parquet)."),
        click.Option(
            ["--threads"],
            type=click.IntRange(min=1),
            show_default="by size",
            help="Threads that compute.",
        ),
        click.Option(
            ["--output", "-o"],
            type=click.Path(dir_okay=False, path_type=Path),
            required=required,
            help=f"File to write; its ending is the format: {', '.join(FORMATS)}. - is stdout.",
        ),
        click.Option(
            ["--format", "stream_format"],
            type=click.Choice(list(STREAMED)),
            show_default="csv",
            help="Format of what is written to stdout.",
        ),
    ]


def _table(context: click.Context, config: tuple[str, ...], **options: Any) -> None:
    """Write the rates of a schedule to a file, or of several that have files themselves.

    The file appears under its name when it is whole; until then, and if writing fails, what was
    there stays as it is.
    """
    given = [
        name
        for name in options
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if context.invoked_subcommand is not None:
        if config:
            raise click.UsageError("Give the name of a schedule or --config, not both.")
        if given:
            raise click.UsageError(f"--{given[0]} must come after the name of the schedule.")
        return
    if not config:
        require_subcommand(context, "SCHEDULE")
    if options["output"] is None:
        raise click.UsageError("Missing option '--output'.")
    dtype = options.pop("dtype")
    read = [schedules.from_config_file(name, dtype) for name in config]
    _write(read, _column_names(config), **options)


def _column_names(files: Sequence[str]) -> list[str]:
    """Names of files without folders and endings where that tells them apart, each once."""
    if len(files) == 1:
        return ["learning_rate"]
    files = [os.fsencode(file).decode("utf-8", "replace") for file in files]
    stems = ["stdin" if file == "-" else Path(file).stem for file in files]
    names = stems if len(set(stems)) == len(stems) else files
    taken = {"step", "epoch"}
    unique = []
    for name in names:
        numbered = (f"{name}_{number}" for number in itertools.count(2))
        unique.append(name if name not in taken else next(n for n in numbered if n not in taken))
        taken.add(unique[-1])
    return unique


def _table_command(name: str, maker: schedules.Maker) -> click.Command:
    parameters = schedules.schedule_options(maker)
    names = [parameter.name for parameter in parameters]

    def write(dtype: str, **options: Any) -> None:
        config = {name: options.pop(name) for name in names if name is not None}
        _write([schedules.make(maker, config, dtype)], ["learning_rate"], **options)

    summary = schedules.summary(maker)
    return ScheduleCommand(
        name,
        params=parameters + _options(required=True),
        callback=write,
        help=f"Write a table of rates. {summary}",
        short_help=summary,
        context_settings=HELP,
    )


def _write(
    read: Sequence[KernelSchedule],
    names: Sequence[str],
    start: int,
    stop: int | None,
    step: int,
    execution: Execution,
    steps_per_epoch: float | None,
    threads: int | None,
    output: Path,
    stream_format: str | None,
) -> None:
    file_format = _format(output, stream_format)
    if steps_per_epoch is not None and not file_format.has_columns:
        raise click.UsageError("--steps-per-epoch needs a format with columns: csv or parquet.")
    steps = range(start, _stop(read, start, step) if stop is None else stop, step or 1)
    count = schedules.refused_as_usage(lambda: step_range(start, steps.stop, step).length)
    # Refuses an execution mode, and computes what the first calls need, before a file is made.
    schedules.refused_as_usage(lambda: tables(read, 0, execution=execution))
    rates = RateTable(
        read, start, step, count, execution, threads, names=names, steps_per_epoch=steps_per_epoch
    )
    try:
        if output == STDOUT:
            file_format.write(sys.stdout.buffer, rates)
            return
        check_output(output)
        check_space(output, file_format.size(rates))
        with (
            progress_bar(output.name, math.prod(rates.shape), "steps") as advance,
            whole_file(output) as file,
        ):
            file_format.write(file, rates.telling(advance))
    except BrokenPipeError:  # whoever reads has enough
        raise
    except OSError as error:
        reason = error.strerror or error
        raise click.ClickException(f"cannot write {output}: {reason}") from error
    _describe(rates, steps, output)


def _format(output: Path, stream_format: str | None) -> Format:
    """The format of the output: by the ending of a file, by name on stdout."""
    if output == STDOUT:
        file_format = STREAMED[stream_format or "csv"]
        if not file_format.is_text and sys.stdout.isatty():
            raise click.UsageError(f"--format {stream_format} is not for terminals: use a pipe.")
        return file_format
    if stream_format is not None:
        raise click.UsageError(
            f"--format is for --output -; the ending of a file is its format. Received: {output}"
        )
    named = FORMATS.get(output.suffix.lower())
    if named is None:
        endings = ", ".join(FORMATS)
        raise click.UsageError(f"--output must end in one of {endings}. Received: {output}")
    package = missing_package(named)
    if package is not None:
        raise click.ClickException(
            f"{output.suffix} needs {package}: {_install.extra(named.extra)}"
        )
    return named


def _stop(read: Sequence[KernelSchedule], start: int, step: int) -> int:
    """Where a plot of the schedules ends."""
    if step < 0:
        raise click.UsageError("Missing option '--stop': --step is below 0.")
    _, stop = schedules.refused_as_usage(lambda: window(read, start))
    if stop - start > LONGEST_BY_DEFAULT:
        raise click.UsageError(
            f"Missing option '--stop': the schedule goes on for {stop - start:,} steps."
        )
    return stop


def _describe(rates: RateTable, steps: range, output: Path) -> None:
    """Say what was written; in a terminal, draw it too."""
    written = f"{click.format_filename(output)}: shape {rates.shape}, {rates.dtype}"
    if not steps:
        click.echo(written)
        return
    if len(rates.schedules) == 1:
        first, last = (
            f"{rates.dtype.type(rates.schedules[0](step, execution=rates.execution))!s} "
            f"at step {step:,}"
            for step in (steps[0], steps[-1])
        )
        written = f"{written}, from {first} to {last}"
    click.echo(written)
    if sys.stdout.isatty() and len(steps) > 1:
        low, high = sorted((steps[0], steps[-1]))
        # `fastlr plot` says what cannot be drawn, and why.
        with suppress(click.ClickException):
            print_picture(
                list(rates.schedules),
                start=low,
                stop=high + 1,
                execution=rates.execution,
                log_scale=False,
                steps_per_epoch=rates.steps_per_epoch,
                most_lines=CURVE_LINES,
            )


table = ScheduleGroup(
    "table",
    params=[
        click.Option(
            ["--config"],
            multiple=True,
            metavar="FILE",
            help="JSON of a schedule, or a .keras model, instead of a SCHEDULE; may be given "
            "several times; - is stdin.",
        ),
        *_options(required=False),
    ],
    callback=click.pass_context(_table),
    invoke_without_command=True,
    subcommand_metavar="SCHEDULE [ARGS]...",
    help=_table.__doc__,
    short_help="Write the rates of a schedule to a file.",
    epilog=examples(*EXAMPLES),
    context_settings=HELP,
)
for _name, _maker in schedules.COMMANDS.items():
    table.add_command(_table_command(_name, _maker))
