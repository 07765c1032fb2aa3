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
    """Compare with Keras and NumPy on this machine: times relative to fastlr's."""
    from fastlr import _bench

    for title, seconds in _bench.comparisons():
        reference = next(iter(seconds.values()))
        click.echo(title)
        for name, taken in seconds.items():
            ratio = taken / reference
            click.echo(f"  {name:34}{ratio:>10,.{0 if ratio > 100 else 2}f}")
    for name in _bench.missing_peers():
        click.echo(f"left out: {name} (not installed)")
    described = fastlr.build_info()
    click.echo(f"{described['backend']}, {described['isa']}, {described['platform']}")
