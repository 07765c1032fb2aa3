"""How large a config may be: the same limits as ``fastlr.h`` has for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastlr._errors import received, shown

#: Bytes of JSON that the command line reads; of a dict, characters of its strings and items of its
#: sequences together, which JSON never has more of.
LARGEST_CONFIG = 16 << 20
#: Keys of all dicts together.
MOST_KEYS = 1000
#: Levels of dicts and sequences, the whole dict being the first.
DEEPEST = 8


def snapshot(config: object) -> dict[str, Any]:
    """A config as plain dicts, lists and tuples of its own, read once and within the limits.

    Read once, since a mapping may answer otherwise the next time.

    Raises
    ------
    TypeError
        If it is not a mapping.
    ValueError
        If a key is not a string, or it is larger or deeper than the limits.
    """
    if not isinstance(config, Mapping):
        raise TypeError(f"Argument `config` must be a dict. {received('config', config)}")
    copy: dict[str, Any] = _Reader().read(config, 1)
    return copy


class _Reader:
    """Copies containers, and counts what it has copied."""

    def __init__(self) -> None:
        self.keys = self.size = 0

    def read(self, value: Any, depth: int) -> Any:
        """A copy of a container; anything else as it is."""
        if isinstance(value, str):
            self.add(len(value))
        if not isinstance(value, (Mapping, list, tuple)):
            return value
        if depth > DEEPEST:
            raise ValueError(f"Argument `config` is nested more than {DEEPEST} levels deep")
        if isinstance(value, Mapping):
            return {self.key(key): self.read(value[key], depth + 1) for key in value}
        self.add(len(value))
        # Not a call for each number, of which there may be millions.
        items = [
            item if type(item) in (int, float) else self.read(item, depth + 1) for item in value
        ]
        return tuple(items) if isinstance(value, tuple) else items

    def key(self, key: Any) -> str:
        """A key, counted."""
        if not isinstance(key, str):
            raise ValueError(f"Argument `config` must have strings as keys. Received: {shown(key)}")
        self.keys += 1
        if self.keys > MOST_KEYS:
            raise ValueError(f"Argument `config` has more than {MOST_KEYS} keys")
        self.add(len(key))
        return key

    def add(self, size: int) -> None:
        """Count items of sequences and characters."""
        self.size += size
        if self.size > LARGEST_CONFIG:
            raise ValueError(
                f"Argument `config` has more than {LARGEST_CONFIG} items and characters"
            )
