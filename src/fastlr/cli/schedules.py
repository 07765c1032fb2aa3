"""Schedules from the command line: options made from their parameters, and ``--config`` files."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
import numpy as np

import fastlr
from fastlr._casts import DTYPES, to_dtype
from fastlr._config_limits import LARGEST_CONFIG
from fastlr._errors import shown
from fastlr._parameters import REQUIRED, Flag, Name, Parameter, Reals
from fastlr.schedules.base import EXECUTIONS
from fastlr.schedules.kernel_schedule import SCHEDULES, KernelSchedule

Parsed = TypeVar("Parsed")


def command_name(schedule_class: type[KernelSchedule]) -> str:
    """The kebab-case name of a schedule's subcommands."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", schedule_class.__name__).lower()


def summary(schedule_class: type[KernelSchedule]) -> str:
    """What a schedule is, in one sentence of its documentation."""
    first = (inspect.getdoc(schedule_class) or schedule_class.__name__).splitlines()[0]
    return first.split(":")[0].rstrip(".") + "."


def schedule_options(schedule_class: type[KernelSchedule]) -> list[click.Parameter]:
    """One option per constructor argument."""
    described = _described_parameters(inspect.getdoc(schedule_class) or "")
    return [_option(each, described.get(each.name)) for each in schedule_class._parameters]


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
            help="float64 computes as Keras does for an np.float64 initial rate; eager only.",
        ),
    ]


def make(schedule_class: type[KernelSchedule], config: dict[str, Any], dtype: str) -> Any:
    """A schedule from its arguments, or one usage error."""
    return _told(
        refused_as_usage(lambda: schedule_class(**_in_dtype(schedule_class._rate, config, dtype)))
    )


def from_config_file(name: str, dtype: str) -> Any:
    """A schedule from the dict of ``fastlr.serialize`` or Keras in a JSON file; - is stdin."""

    def read() -> Any:
        written = _read_json(name)
        if isinstance(written, dict) and isinstance(written.get("config"), dict):
            schedule_class = _known_class(written.get("class_name"))
            config = _in_dtype(schedule_class._rate, written["config"], dtype)
            written = {**written, "config": config}
        return fastlr.deserialize(written)  # which refuses the rest

    return _told(refused_as_usage(read, f"--config {name}: "))


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


def numbers(text: str) -> list[int | float]:
    """Read numbers between commas."""
    return [number(part) for part in text.split(",")]


def _option(parameter: Parameter[Any, Any], description: str | None) -> click.Option:
    """One constructor argument: a switch, a name, a number, or numbers between commas."""
    kebab = parameter.name.replace("_", "-")
    given: dict[str, Any] = {"required": parameter.default is REQUIRED, "help": description}
    if not given["required"]:
        given |= {"default": parameter.default, "show_default": True}
    if isinstance(parameter, Flag):
        return click.Option([f"--{kebab}/--no-{kebab}"], **given)
    if isinstance(parameter, Reals):
        given |= {"type": numbers, "metavar": "NUMBER,NUMBER,..."}
    elif isinstance(parameter, Name):
        given |= {"type": str, "metavar": "TEXT"}
    else:
        given |= {"type": number, "metavar": "NUMBER"}
    return click.Option([f"--{kebab}"], **given)


def _described_parameters(documentation: str) -> dict[str, str]:
    """First sentences of the parameters' descriptions in a NumPy-style docstring."""
    _, _, rest = documentation.partition("Parameters\n----------\n")
    section = re.split(r"\n\n\w+\n-+\n", rest)[0]
    entries = re.findall(r"^(\w+) : .*\n((?: {4}.*\n?)+)", section, re.MULTILINE)
    sentences = ((name, " ".join(text.split())) for name, text in entries)
    return {name: re.split(r"(?<=\.) ", text)[0] for name, text in sentences}


def _in_dtype(rate: str, config: dict[str, Any], dtype: str) -> dict[str, Any]:
    """Arguments that make a schedule compute in `dtype`, which follows that of its `rate`."""
    if dtype == "float32" or rate not in config:
        return config
    return {**config, rate: _wide(rate, config[rate])}


def _wide(name: str, value: Any) -> Any:
    """Numbers as np.float64; what is no number is the constructor's to refuse."""
    if isinstance(value, list):
        return [_wide(name, item) for item in value]
    if type(value) is int:
        value = to_dtype(name, value, "float64")
    return np.float64(value) if type(value) is float else value


def _read_json(name: str) -> Any:
    try:
        if name == "-":
            text = sys.stdin.buffer.read(LARGEST_CONFIG + 1)
        else:
            with open(name, "rb") as file:
                text = file.read(LARGEST_CONFIG + 1)
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from error
    if len(text) > LARGEST_CONFIG:
        raise ValueError(f"a config is at most {LARGEST_CONFIG:,} bytes long")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None


#: Every schedule by the name of its subcommands.
COMMANDS = {command_name(schedule_class): schedule_class for schedule_class in SCHEDULES.values()}
