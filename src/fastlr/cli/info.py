"""``fastlr info``: what a bug report needs."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

import click

import fastlr
from fastlr.cli.usage import HELP, examples

#: Packages whose versions decide what fastlr does, or what it is compared with.
PACKAGES = (
    "keras", "tensorflow", "tensorflow-cpu", "tf_keras", "jax", "torch", "numba",
    "matplotlib", "pyarrow", "click", "rich", "plotille",
)  # fmt: skip
SETTINGS = (
    "FASTLR_BACKEND", "FASTLR_NUM_THREADS", "FASTLR_ISA", "KERAS_BACKEND", "XLA_FLAGS",
    "TF_XLA_FLAGS",
)  # fmt: skip


@click.command(
    context_settings=HELP,
    short_help="Describe this installation: what a bug report needs.",
    epilog=examples("fastlr info"),
)
def info() -> None:
    """Describe this installation: what a bug report needs."""
    described = {
        key: ", ".join(value) if isinstance(value, list) else str(value)
        for key, value in fastlr.build_info().items()
    }
    described["processor"] = processor()
    described["installed"] = str(Path(fastlr.__file__).parent)
    for name in PACKAGES:
        described[name] = _version(name)
    for name in SETTINGS:
        if name in os.environ:
            described[name] = os.environ[name]
    width = max(map(len, described)) + 2
    for key, value in described.items():
        click.echo(f"{key:{width}}{value}")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def processor() -> str:
    """The name of the processor, where the system tells."""
    try:
        with open("/proc/cpuinfo") as lines:
            names = [line.partition(":")[2] for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0].strip() if names else "unknown"
