"""Keras itself, or one clear ImportError."""

from __future__ import annotations

from importlib import metadata

MINIMUM = (3, 6)


def _release(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def require_keras() -> None:
    """Import Keras 3; ImportError that says what is missing and how to get it."""
    wanted = ".".join(map(str, MINIMUM))
    how = f"Install it with a backend: pip install 'keras>={wanted}' tensorflow"
    try:
        version = metadata.version("keras")
    except metadata.PackageNotFoundError:
        raise ImportError(f"fastlr.keras needs Keras {wanted} or later. {how}") from None
    if _release(version) < MINIMUM:
        raise ImportError(
            f"fastlr.keras needs Keras {wanted} or later; installed is {version}. {how}"
        )
    try:
        import keras  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"fastlr.keras needs Keras {wanted} or later with one of its backends: Keras "
            f"{version} is installed, but cannot be imported ({error}). {how}"
        ) from error
