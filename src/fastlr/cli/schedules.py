"""Schedules from the command line: options made from signatures, and ``--config`` files."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import click
import numpy as np

import fastlr
from fastlr import _files, recipes
from fastlr._casts import DTYPES, to_dtype
from fastlr._config_limits import LARGEST_CONFIG, check_limits
from fastlr._errors import shown
from fastlr._parameters import REQUIRED, Curve, Flag, Name, Parameter, Reals
from fastlr._plotting.curve import epoch_length
from fastlr.schedules.base import EXECUTIONS
from fastlr.schedules.composition import Composition
from fastlr.schedules.kernel_schedule import SCHEDULES, KernelSchedule

Parsed = TypeVar("Parsed")

#: What makes a schedule from options: its class, or a recipe.
Maker = Callable[..., KernelSchedule]

#: Arguments of recipes that are other options: --start is the first step of a table.
RENAMED = {"start": "start_rate", "end": "end_rate"}


def summary(maker: Maker) -> str:
    """What a schedule is, in one sentence of its documentation."""
    first = (inspect.getdoc(maker) or maker.__name__).splitlines()[0]
    return first.split(":")[0].rstrip(".") + "."


def schedule_options(maker: Maker) -> list[click.Parameter]:
    """One option per argument of a class or a recipe."""
    described = _described_parameters(inspect.getdoc(maker) or "")
    if isinstance(maker, type):
        arguments = [(each.name, each.default, _kind(each)) for each in _parameters(maker)]
    else:
        hints = get_type_hints(maker)
        arguments = [
            (each.name, REQUIRED if each.default is each.empty else each.default,
             _kind_of_hint(hints[each.name]))
            for each in inspect.signature(maker).parameters.values()
        ]  # fmt: skip
    return [
        _option(RENAMED.get(name, name), default, described.get(name), kind)
        for name, default, kind in arguments
    ]


def window_options() -> list[click.Parameter]:
    """Which steps are evaluated."""
    return [
        click.Option(
            ["--start"],
            type=integer,
            metavar="INTEGER",
            default=0,
            show_default=True,
            help="First step.",
        ),
        click.Option(
            ["--stop"],
            type=integer,
            metavar="INTEGER",
            show_default="when nothing new is to be seen",
            help="Step to stop before.",
        ),
    ]


def epochs_option(description: str) -> click.Parameter:
    """The length of an epoch, in steps."""
    return click.Option(
        ["--steps-per-epoch"], type=_epoch_length, metavar="NUMBER", help=description
    )


def _epoch_length(text: str) -> float:
    try:
        return epoch_length(float(text))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def evaluation_options() -> list[click.Parameter]:
    """How the rates are computed."""
    return [
        click.Option(
            ["--execution"],
            type=click.Choice(EXECUTIONS),
            default="eager",
            show_default=True,
            help="Execution mode of Keras whose bits are wanted.",
        ),
        click.Option(
            ["--dtype"],
            type=click.Choice(DTYPES),
            default="float32",
            show_default=True,
            help="float64 computes as if rates were given as np.float64; eager only.",
        ),
    ]


def make(maker: Maker, config: dict[str, Any], dtype: str) -> Any:
    """A schedule from its options, or one usage error."""
    for argument, option in RENAMED.items():
        if option in config:
            config[argument] = config.pop(option)
    return _told(refused_as_usage(lambda: maker(**_in_dtype(maker, config, dtype))))


def from_config_file(name: str, dtype: str) -> Any:
    """A schedule from whatever ``fastlr.load`` reads; - is JSON on stdin."""

    def read() -> Any:
        try:
            written = _read_stdin() if name == "-" else _files.read(name)
        except OSError as error:
            raise ValueError(error.strerror or str(error)) from error
        check_limits(written)
        return fastlr.deserialize(_written_in_dtype(written, dtype))  # which refuses the rest

    return _told(refused_as_usage(read, f"--config {name}: "))


def _read_stdin() -> dict[str, Any]:
    return _files.schedule_in(_files.parsed(sys.stdin.buffer.read(LARGEST_CONFIG + 1)))


def _written_in_dtype(written: Any, dtype: str) -> Any:
    """The dict of a schedule, changed so that it and its parts compute in `dtype`."""
    if not (isinstance(written, dict) and isinstance(written.get("config"), dict)):
        return written
    schedule_class = _known_class(written.get("class_name"))
    return {**written, "config": _in_dtype(schedule_class, written["config"], dtype)}


def _known_class(name: object) -> type[KernelSchedule]:
    """The built-in class of a name; of another, only a Python program can know."""
    if not isinstance(name, str) or name not in SCHEDULES:
        raise ValueError(
            f"the class must be one of {', '.join(SCHEDULES)}. Received: {shown(name)}. "
            "Write the table of another schedule in Python: numpy.save(file, schedule.table(stop))"
        )
    return SCHEDULES[name]


def _told(schedule: KernelSchedule) -> KernelSchedule:
    """The schedule, after a line on stderr where an argument of it has no effect."""
    without_effect = schedule._without_effect()
    if without_effect is not None:
        click.echo(f"fastlr: warning: {without_effect}", err=True)
    return schedule


def refused_as_usage(function: Callable[[], Parsed], where: str = "") -> Parsed:
    """What a function returns; what it refuses is wrong use of the program."""
    try:
        return function()
    except (TypeError, ValueError, NotImplementedError, RecursionError) as error:
        raise click.UsageError(f"{where}{error}") from error


def number(text: str | int | float) -> int | float:
    """Read an int where it is written as one, else a float: 10**15 + 1 decay steps stay exact."""
    if not isinstance(text, str):  # a default
        return text
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise click.BadParameter(f"{text!r:.100} is not a number")


def integer(text: str | int) -> int:
    """Read an int, also one that is written as 1e6.

    >>> integer("2_000"), integer("1e6"), integer("-2.5e3")
    (2000, 1000000, -2500)
    """
    try:
        return int(text)
    except ValueError:
        pass
    try:
        exact = Decimal(text)
        if exact.is_finite() and exact.adjusted() < 30 and exact == int(exact):
            return int(exact)
    except InvalidOperation:
        pass
    raise click.BadParameter(f"{text!r:.100} is not an integer")


def numbers(text: str) -> list[int | float]:
    """Read numbers between commas."""
    return [number(part) for part in text.split(",")]


def _parameters(schedule_class: Any) -> tuple[Parameter[Any, Any], ...]:
    parameters: tuple[Parameter[Any, Any], ...] = schedule_class._parameters
    return parameters


def _has_parts(maker: Maker) -> bool:
    """Whether it makes a schedule of others, which no option can hold."""
    return isinstance(maker, type) and issubclass(maker, Composition)


def _kind(parameter: Parameter[Any, Any]) -> dict[str, Any]:
    """How an option takes a constructor argument."""
    if isinstance(parameter, Flag):
        return {"is_flag": True}
    if isinstance(parameter, (Reals, Curve)):
        return {"type": numbers, "metavar": "NUMBER,NUMBER,..."}
    if isinstance(parameter, Name):
        return {"type": str, "metavar": "TEXT"}
    return {"type": number, "metavar": "NUMBER"}


def _kind_of_hint(hint: Any) -> dict[str, Any]:
    """How an option takes an argument of a recipe."""
    if get_origin(hint) is Literal:
        return {"type": click.Choice(get_args(hint))}
    return {"type": number, "metavar": "NUMBER"}


def _option(name: str, default: Any, description: str | None, kind: dict[str, Any]) -> click.Option:
    """One argument: a switch, a name, a choice, a number, or numbers between commas."""
    kebab = name.replace("_", "-")
    given: dict[str, Any] = {"required": default is REQUIRED, "help": description, **kind}
    if not given["required"]:
        given |= {"default": default, "show_default": True}
    switch = f"/--no-{kebab}" if given.pop("is_flag", False) else ""
    return click.Option([f"--{kebab}{switch}"], **given)


def _described_parameters(documentation: str) -> dict[str, str]:
    """First sentences of the parameters' descriptions in a NumPy-style docstring."""
    _, _, rest = documentation.partition("Parameters\n----------\n")
    section = re.split(r"\n\n\w+\n-+\n", rest)[0]
    entries = re.findall(r"^(\w+) : .*\n((?: {4}.*\n?)+)", section, re.MULTILINE)
    sentences = ((name, " ".join(text.split())) for name, text in entries)
    return {name: re.split(r"(?<=\.) ", text)[0] for name, text in sentences}


def _in_dtype(maker: Maker, config: dict[str, Any], dtype: str) -> dict[str, Any]:
    """Arguments that make a schedule compute in `dtype`, which follows that of one of them."""
    name = getattr(maker, "_dtype_argument", "peak")  # of a class, of a recipe
    if name not in config:
        return config
    value = config[name]
    if _has_parts(maker):
        parts = (
            [_written_in_dtype(each, dtype) for each in value] if isinstance(value, list) else None
        )
        value = _written_in_dtype(value, dtype) if parts is None else parts
    elif dtype == "float64":
        value = _wide(name, value)
    return {**config, name: value}


def _wide(name: str, value: Any) -> Any:
    """Numbers as np.float64; what is no number is the constructor's to refuse."""
    if isinstance(value, list):
        return [_wide(name, item) for item in value]
    if type(value) is int:
        value = to_dtype(name, value, "float64")
    return np.float64(value) if type(value) is float else value


def _command_name(maker: Maker) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])|_", "-", maker.__name__).lower()


#: What makes a schedule from options, by the name of its subcommands.
COMMANDS: dict[str, Maker] = {
    _command_name(maker): maker
    for maker in (*SCHEDULES.values(), *(getattr(recipes, name) for name in recipes.__all__))
    if not _has_parts(maker)
}
