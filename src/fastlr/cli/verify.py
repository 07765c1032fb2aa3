"""``fastlr verify``: what the documentation promises, proven on this machine."""

from __future__ import annotations

import json
import secrets
import sys
import time
from typing import Any

import click

import fastlr
from fastlr.cli.info import processor
from fastlr.cli.progress import progress_bar
from fastlr.cli.usage import HELP, examples

#: What is compared, in this order, by the name of its group.
GROUPS = {
    "c-library": "fastlr and the C library of this machine",
    "backends": "fastlr's backends and instruction sets, and each other",
    "keras": "fastlr and the Keras installed here",
}


@click.command(
    context_settings=HELP,
    short_help="Prove the exactness that is promised, on this machine.",
    epilog=examples(
        "fastlr verify",
        "fastlr verify --only keras --configurations 20",
        "fastlr verify --json > outcome.json",
    ),
)
@click.option(
    "--only",
    type=click.Choice(list(GROUPS)),
    multiple=True,
    help="Check only this; may be given several times.",
)
@click.option(
    "--configurations",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Random schedules per class and execution mode.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    show_default="another in each run",
    help="Draw the same schedules as the run that printed this seed.",
)
@click.option(
    "--exit-first", is_flag=True, help="Stop after the first check that finds other bits."
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def verify(
    only: tuple[str, ...], configurations: int, seed: int | None, exit_first: bool, as_json: bool
) -> None:
    """Prove the exactness that is promised, on this machine.

    Compares, bit by bit: the cosine of every float in [0, pi], and powers, with the C library;
    every backend and instruction set with each other, over steps of every dtype and tables with
    strides; and all of them with the Keras that is installed here, over random schedules, in each
    execution mode. Exits with 1 if any bit differs.
    """
    # On a terminal the lines would break the progress bar: they come at its end.
    at_once = not (as_json or (sys.stdout.isatty() and sys.stderr.isatty()))
    seed = secrets.randbits(32) if seed is None else seed
    report = _report(only or tuple(GROUPS), configurations, seed, exit_first, at_once)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        click.echo(_end(report) if at_once else _text(report))
    if not report["identical"]:
        raise SystemExit(1)


def _report(
    groups: tuple[str, ...], configurations: int, seed: int, exit_first: bool, show: bool
) -> dict[str, Any]:
    """Run the checks, and `show` each as it ends: plain data, as ``--json`` prints it."""
    from fastlr._verify import keras_parity
    from fastlr._verify.checks import checks, left_out

    results: list[dict[str, Any]] = []
    listed = list(checks(groups, configurations, seed))
    width = max((len(check.what) for check in listed), default=0)
    with progress_bar("verify", sum(check.seconds for check in listed), "") as advance:
        for check in listed:
            started = time.perf_counter()
            outcome = check.run()
            results.append(
                {"group": check.group, "what": check.what, "against": check.against}
                | vars(outcome)
                | {"seconds": round(time.perf_counter() - started, 1)}
            )
            if show:
                click.echo("\n".join(_lines(results, len(results) - 1, width)))
                sys.stdout.flush()
            advance(check.seconds)
            if exit_first and outcome.different:
                break
    with_keras = any(check.group == "keras" for check in listed)
    return {
        "identical": all(result["different"] == 0 for result in results),
        "compared": sum(result["compared"] for result in results),
        "different": sum(result["different"] for result in results),
        "checks": results,
        "left_out": [item._asdict() for item in left_out(groups)],
        "seed": seed,
        "environment": fastlr.build_info()
        | {"processor": processor()}
        | (keras_parity.versions() if with_keras else {}),
    }


def _text(report: dict[str, Any]) -> str:
    results = report["checks"]
    width = max((len(result["what"]) for result in results), default=0)
    lines = [line for at in range(len(results)) for line in _lines(results, at, width)]
    return "\n".join([*lines, _end(report)])


def _lines(results: list[dict[str, Any]], at: int, width: int) -> list[str]:
    """One result, below a heading if it is the first of its group."""
    result = results[at]
    lines = []
    if at == 0 or results[at - 1]["group"] != result["group"]:
        heading = f"{GROUPS[result['group']]:{width + 2}}{'compared':>16}{'differ':>14}{'s':>8}"
        lines += [""] * (at > 0) + [heading]
    counts = f"{result['compared']:>16,}{result['different']:>14,}{result['seconds']:>8.1f}"
    lines.append(f"  {result['what']:{width}}{counts}")
    if result["different"]:
        lines.append(f"    first: {result['first_difference']}")
    if result["note"]:
        lines.append(f"    note: {result['note']}")
    return lines


def _end(report: dict[str, Any]) -> str:
    """What follows the results: what is missing, the environment and the verdict."""
    lines = [""] * bool(report["checks"])
    lines += [
        f"NOT CHECKED: {item['what']} ({item['group']}); {item['why']}"
        for item in report["left_out"]
    ]
    environment = report["environment"]
    named = {"keras": "Keras ", "tensorflow": "TensorFlow ", "libm": "", "processor": ""}
    found = [f"{named[name]}{environment[name]}" for name in named if name in environment]
    lines.append(", ".join([*found, f"seed {report['seed']}"]))
    return "\n".join([*lines, _verdict(report)])


def _verdict(report: dict[str, Any]) -> str:
    compared, different = report["compared"], report["different"]
    if different:
        return f"DIFFERENT: {different:,} of {compared:,} values have other bits"
    rest = "; not everything could be checked" if report["left_out"] else ""
    return f"identical: {compared:,} values compared, 0 differ{rest}"
