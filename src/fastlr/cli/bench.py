"""``fastlr bench``: fastlr beside Keras and NumPy on this machine."""

from __future__ import annotations

import click

import fastlr
from fastlr.cli.usage import HELP, examples


@click.command(
    context_settings=HELP,
    short_help="Compare with Keras and NumPy on this machine.",
    epilog=examples("fastlr bench", "FASTLR_BACKEND=numba fastlr bench"),
)
def bench() -> None:
    """Compare with Keras and NumPy on this machine.

    Prints the median of 30 rounds, the distance between their quartiles relative to it, and the
    fastest round relative to fastlr's.
    """
    from fastlr import _bench

    for title, timings in _bench.comparisons():
        reference = next(iter(timings.values())).fastest
        click.echo(f"{title:46}{'median':>10}{'spread':>8}{'relative':>10}")
        for name, timing in timings.items():
            ratio = timing.fastest / reference
            click.echo(
                f"  {name:44}{_bench.duration(timing.median):>10}"
                f"{timing.spread / timing.median:>8.0%}{ratio:>10,.{0 if ratio > 100 else 2}f}"
            )
    for name in _bench.missing_peers():
        click.echo(f"left out: {name} (not installed)")
    described = fastlr.build_info()
    click.echo(f"{described['backend']}, {described['isa']}, {described['platform']}")
