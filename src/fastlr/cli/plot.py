"""``fastlr plot``: one or more schedules as a picture, in a file or in the terminal."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import numpy as np
from click.core import ParameterSource

from fastlr._parameters import Execution
from fastlr._plotting.curve import curve, short_name, window
from fastlr._whole_file import whole_file
from fastlr.cli import schedules
from fastlr.cli.usage import (
    HELP,
    ScheduleCommand,
    ScheduleGroup,
    check_output,
    examples,
    require_subcommand,
)
from fastlr.schedules.kernel_schedule import KernelSchedule

FORMATS = {".png": "png", ".svg": "svg", ".pdf": "pdf"}

EXAMPLES = (
    "fastlr plot cosine-decay --initial-learning-rate 0.1 --decay-steps 1000 --output lr.png",
    "fastlr plot --config a.json --config b.json --log-scale --steps-per-epoch 390 -o lr.svg",
    "fastlr plot cosine-decay --initial-learning-rate 0.1 --decay-steps 900 \\",
    "    exponential-decay --initial-learning-rate 0.1 --decay-steps 100 --decay-rate 0.8",
)

#: Differences of larger ones may be no floats.
LARGEST_RATE = 1e300


def _options() -> list[click.Parameter]:
    """How it is drawn; each may stand before the schedules or after any of them."""
    return [
        *schedules.window_options(),
        *schedules.evaluation_options(),
        click.Option(["--log-scale"], is_flag=True, help="Rates on a logarithmic axis."),
        schedules.epochs_option("Draw over epochs of this many steps."),
        click.Option(
            ["--output", "-o"],
            type=click.Path(dir_okay=False, path_type=Path),
            show_default="the terminal",
            help=f"File to write, ending in {', '.join(FORMATS)}.",
        ),
    ]


def _given(context: click.Context) -> dict[str, Any]:
    """The drawing options of a command that were really given."""
    names = {option.name for option in _options()}
    return {
        name: value
        for name, value in context.params.items()
        if name in names and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }


def _plot(context: click.Context, config: tuple[str, ...], **options: Any) -> None:
    """Draw one or more schedules on one figure.

    The ends of phases and the restarts are marked. Without --output the terminal is drawn on. Name
    several schedules one after the other, each with its options; or several files with --config.
    """
    if not config:
        require_subcommand(context, "SCHEDULE")


def _plot_command(name: str, maker: schedules.Maker) -> click.Command:
    parameters = schedules.schedule_options(maker)
    names = [str(parameter.name) for parameter in parameters]

    def described(**options: Any) -> Any:
        config = {name: options[name] for name in names}
        return maker, config, _given(click.get_current_context())

    summary = schedules.summary(maker)
    return ScheduleCommand(
        name,
        params=parameters + _options(),
        callback=described,
        help=f"Draw a schedule, and those that are named after it. {summary}",
        short_help=summary,
        context_settings=HELP,
    )


def _draw(described: Sequence[Any], config: tuple[str, ...], **options: Any) -> None:
    """Draw what the commands before described."""
    said = _given(click.get_current_context())
    for _, _, given in described:
        for name, value in given.items():
            if said.setdefault(name, value) != value:
                raise click.UsageError(
                    f"--{name.replace('_', '-')} is for the whole figure. "
                    f"Received: {said[name]} and {value}"
                )
    how = options | said
    dtype = how.pop("dtype")
    drawn = [schedules.from_config_file(name, dtype) for name in config]
    drawn += [schedules.make(maker, arguments, dtype) for maker, arguments, _ in described]
    start, stop = how["start"], how["stop"]
    if stop is not None and stop <= start:
        raise click.UsageError(f"--stop must be above --start. Received: {stop} and {start}")
    how["start"], how["stop"] = schedules.refused_as_usage(lambda: window(drawn, start, stop))
    for schedule in drawn:
        _check_execution(schedule, how["execution"])
    output = how.pop("output")
    if output is None:
        print_picture(drawn, **how)
    else:
        _save(drawn, output, **how)


def _check_execution(schedule: KernelSchedule, execution: Execution) -> None:
    schedules.refused_as_usage(lambda: schedule.table(0, execution=execution))


def _check_rates(
    drawn: list[KernelSchedule],
    start: int,
    stop: int,
    execution: Execution,
    log_scale: bool,
    **_: Any,
) -> None:
    for schedule in drawn:
        rates = curve(schedule, start, stop, execution).rates.astype(np.float64)
        name = short_name(schedule, 110)
        if log_scale and not (rates > 0).any():
            raise click.UsageError(f"--log-scale needs a rate above 0. {name} has none")
        if (np.abs(rates[np.isfinite(rates)]) > LARGEST_RATE).any():
            raise click.UsageError(f"rates beyond {LARGEST_RATE} cannot be drawn. {name} has them")


def _save(drawn: list[KernelSchedule], output: Path, **how: Any) -> None:
    _check_rates(drawn, **how)
    image_format = FORMATS.get(output.suffix.lower())
    if image_format is None:
        endings = ", ".join(FORMATS)
        raise click.UsageError(f"--output must end in one of {endings}. Received: {output}")
    from fastlr._plotting import figure

    if find_spec("matplotlib") is None:
        raise click.ClickException(figure.HOW_TO_GET_MATPLOTLIB)
    try:
        check_output(output)
        with whole_file(output) as file:
            figure.save(drawn, file, image_format, **how)
    except OSError as error:
        raise click.ClickException(f"cannot write {output}: {error.strerror or error}") from error


def print_picture(
    drawn: list[KernelSchedule], *, most_lines: int | None = None, **how: Any
) -> None:
    """Draw on the terminal, or on as many lines of it as are named."""
    from fastlr._plotting import terminal

    _check_rates(drawn, **how)
    columns, lines = shutil.get_terminal_size()
    colors = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    picture = terminal.text(
        drawn, columns=columns, lines=min(lines, most_lines or lines), colors=colors, **how
    )
    try:
        click.echo(picture)
    except UnicodeEncodeError:
        raise click.ClickException(
            f"no Braille in {sys.stdout.encoding}, the encoding of the terminal: use --output"
        ) from None


plot = ScheduleGroup(
    "plot",
    params=[
        click.Option(
            ["--config"],
            multiple=True,
            metavar="FILE",
            help="JSON of a schedule, or a .keras model; may be given several times; - is stdin.",
        ),
        *_options(),
    ],
    callback=click.pass_context(_plot),
    result_callback=_draw,
    chain=True,
    invoke_without_command=True,
    subcommand_metavar="[SCHEDULE [ARGS]...]...",
    help=_plot.__doc__,
    short_help="Draw schedules, in a file or in the terminal.",
    epilog=examples(*EXAMPLES),
    context_settings=HELP,
)
for _name, _maker in schedules.COMMANDS.items():
    plot.add_command(_plot_command(_name, _maker))
