"""``fastlr verify``: what the documentation promises, proven on this machine."""

from __future__ import annotations

import json
import secrets
from typing import Any

import click

import fastlr
from fastlr.cli.info import processor
from fastlr.cli.progress import progress_bar
from fastlr.cli.usage import HELP, examples

GROUPS = ("c-library", "backends", "keras")


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
    type=click.Choice(GROUPS),
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
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def verify(only: tuple[str, ...], configurations: int, seed: int | None, as_json: bool) -> None:
    """Prove the exactness that is promised, on this machine.

    Compares, bit by bit: the cosine of every float in [0, pi], and powers, with the C library;
    every backend and instruction set with each other; and all of them with the Keras that is
    installed here, over random schedules, in each execution mode. Exits with 1 if any bit differs.
    """
    report = _report(only or GROUPS, configurations, secrets.randbits(32) if seed is None else seed)
    click.echo(json.dumps(report, indent=2) if as_json else _text(report))
    if not report["identical"]:
        raise SystemExit(1)


def _report(groups: tuple[str, ...], configurations: int, seed: int) -> dict[str, Any]:
    """Run the checks: plain data, as ``--json`` prints it."""
    from fastlr._verify import keras_parity
    from fastlr._verify.checks import checks, left_out

    results = []
    listed = list(checks(groups, configurations, seed))
    with progress_bar("verify", sum(check.seconds for check in listed), "") as advance:
        for check in listed:
            outcome = check.run()
            results.append(
                {"group": check.group, "what": check.what, "against": check.against} | vars(outcome)
            )
            advance(check.seconds)
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


_TITLES = {
    "c-library": "fastlr and the C library of this machine",
    "backends": "fastlr's backends and instruction sets, and each other",
    "keras": "fastlr and the Keras installed here",
}


def _text(report: dict[str, Any]) -> str:
    results = report["checks"]
    width = max((len(result["what"]) for result in results), default=0)
    lines = []
    for group, title in _TITLES.items():
        of_group = [result for result in results if result["group"] == group]
        if of_group:
            lines.append(f"{title:{width + 2}}{'compared':>16}{'differ':>14}")
            lines += [line for result in of_group for line in _result_lines(result, width)]
            lines.append("")
    lines += [
        f"NOT CHECKED: {item['what']} ({item['group']}); install: {item['install']}"
        for item in report["left_out"]
    ]
    environment = report["environment"]
    named = {"keras": "Keras ", "tensorflow": "TensorFlow ", "libm": "", "processor": ""}
    found = [f"{named[name]}{environment[name]}" for name in named if name in environment]
    lines.append(", ".join([*found, f"seed {report['seed']}"]))
    return "\n".join([*lines, _verdict(report)])


def _result_lines(result: dict[str, Any], width: int) -> list[str]:
    counts = f"{result['compared']:>16,}{result['different']:>14,}"
    lines = [f"  {result['what']:{width}}{counts}"]
    if result["different"]:
        lines.append(f"    first: {result['first_difference']}")
    return lines


def _verdict(report: dict[str, Any]) -> str:
    compared, different = report["compared"], report["different"]
    if different:
        return f"DIFFERENT: {different:,} of {compared:,} values have other bits"
    rest = "; not everything could be checked" if report["left_out"] else ""
    return f"identical: {compared:,} values compared, 0 differ{rest}"
