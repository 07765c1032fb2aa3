"""``fastlr table``: the rates of a schedule in a file."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import numpy as np
from click.core import ParameterSource

from fastlr._parameters import Execution
from fastlr._table import step_range
from fastlr._whole_file import check_space, whole_file
from fastlr.cli import schedules
from fastlr.cli.formats import FORMATS, RateTable, missing_package
from fastlr.cli.plot import print_picture
from fastlr.cli.progress import progress_bar
from fastlr.cli.usage import HELP, check_output, examples, require_subcommand
from fastlr.schedules.kernel_schedule import KernelSchedule

EXAMPLES = (
    "fastlr table cosine-decay --initial-learning-rate 0.1 --decay-steps 1000 "
    "--stop 2000 --output lr.npy",
    "fastlr table --config schedule.json --stop 1000000000 --output lr.npy",
    "fastlr table --config - --start 500 --stop 2000 --step 10 --output lr.csv < schedule.json",
)


#: Of the terminal, for the curve below what was written.
CURVE_LINES = 16


def _options(required: bool) -> list[click.Parameter]:
    """What is written, and where. The group cannot require what its subcommands take."""
    return [
        click.Option(["--start"], type=int, default=0, show_default=True, help="First step."),
        click.Option(["--stop"], type=int, required=required, help="Step to stop before."),
        click.Option(["--step"], type=int, default=1, show_default=True, help="Distance of steps."),
        *schedules.evaluation_options(),
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
            help=f"File to write; its ending is the format: {', '.join(FORMATS)}.",
        ),
    ]


def _table(context: click.Context, config: tuple[str, ...], **options: Any) -> None:
    """Write the rates of a schedule to a file.

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
    if len(config) > 1:
        raise click.UsageError(f"--config may be given once. Received: {', '.join(config)}")
    for name in ("stop", "output"):
        if options[name] is None:
            raise click.UsageError(f"Missing option '--{name}'.")
    _write(schedules.from_config_file(config[0], options.pop("dtype")), **options)


def _table_command(name: str, maker: schedules.Maker) -> click.Command:
    parameters = schedules.schedule_options(maker)
    names = [parameter.name for parameter in parameters]

    def write(dtype: str, **options: Any) -> None:
        config = {name: options.pop(name) for name in names if name is not None}
        _write(schedules.make(maker, config, dtype), **options)

    summary = schedules.summary(maker)
    return click.Command(
        name,
        params=parameters + _options(required=True),
        callback=write,
        help=f"Write a table of rates. {summary}",
        short_help=summary,
        context_settings=HELP,
    )


def _write(
    schedule: KernelSchedule,
    start: int,
    stop: int,
    step: int,
    execution: Execution,
    threads: int | None,
    output: Path,
) -> None:
    file_format = FORMATS.get(output.suffix.lower())
    if file_format is None:
        endings = ", ".join(FORMATS)
        raise click.UsageError(f"--output must end in one of {endings}. Received: {output}")
    package = missing_package(file_format)
    if package is not None:
        raise click.ClickException(
            f"{output.suffix} needs {package}: pip install 'fastlr-schedules[{file_format.extra}]'"
        )
    count = schedules.refused_as_usage(lambda: step_range(start, stop, step).length)
    # Refuses an execution mode, and computes what the first calls need, before a file is made.
    schedules.refused_as_usage(lambda: schedule.table(0, execution=execution))
    rates = RateTable(schedule, start, step, count, execution, threads)
    try:
        check_output(output)
        check_space(output, file_format.size(rates))
        with (
            progress_bar(output.name, count, "steps") as advance,
            whole_file(output) as file,
        ):
            file_format.write(file, rates.telling(advance))
    except OSError as error:
        reason = error.strerror or error
        raise click.ClickException(f"cannot write {output}: {reason}") from error
    _describe(schedule, range(start, stop, step), rates.dtype, execution, output)


def _describe(
    schedule: KernelSchedule, steps: range, dtype: np.dtype[Any], execution: Execution, output: Path
) -> None:
    """Say what was written; in a terminal, draw it too."""
    written = f"{click.format_filename(output)}: shape ({len(steps)},), {dtype}"
    if not steps:
        click.echo(written)
        return
    first, last = (
        f"{dtype.type(schedule(step, execution=execution))!s} at step {step:,}"
        for step in (steps[0], steps[-1])
    )
    click.echo(f"{written}, from {first} to {last}")
    if sys.stdout.isatty() and len(steps) > 1:
        low, high = sorted((steps[0], steps[-1]))
        # `fastlr plot` says what cannot be drawn, and why.
        with suppress(click.ClickException):
            print_picture(
                [schedule],
                start=low,
                stop=high + 1,
                execution=execution,
                log_scale=False,
                steps_per_epoch=None,
                most_lines=CURVE_LINES,
            )


table = click.Group(
    "table",
    params=[
        click.Option(
            ["--config"],
            multiple=True,  # to refuse all but one
            metavar="FILE",
            help="JSON of a schedule, or a .keras model, instead of a SCHEDULE; - is stdin.",
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
