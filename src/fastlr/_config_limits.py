"""How large a config from outside may be: the same limits as ``fastlr.h`` has for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

#: Bytes of JSON in files, read or written; items of all dicts and sequences together.
LARGEST_CONFIG = 16 << 20
#: Keys of all dicts together.
MOST_KEYS = 10_000
#: Levels of dicts and sequences, the whole dict being the first.
DEEPEST = 64
#: Levels of schedules in schedules, whatever they come from: the core nests its calls as deep.
MOST_LEVELS = 16


def check_limits(config: Mapping[str, Any]) -> None:
    """Refuse a config with too many keys, items or levels, by a ValueError.

    Counted as often as they are referred to: YAML writes a large config in a few lines.
    """
    containers: list[Any] = [config]
    keys = size = 0
    for _ in range(DEEPEST):
        size += sum(map(len, containers))
        if size > LARGEST_CONFIG:
            raise ValueError(f"Argument `config` has more than {LARGEST_CONFIG} items")
        mappings = [each for each in containers if isinstance(each, Mapping)]
        keys += sum(map(len, mappings))
        if keys > MOST_KEYS:
            raise ValueError(f"Argument `config` has more than {MOST_KEYS} keys")
        items = chain.from_iterable(
            each.values() if isinstance(each, Mapping) else each for each in containers
        )
        containers = [item for item in items if isinstance(item, (Mapping, list, tuple))]
    if containers:
        raise ValueError(f"Argument `config` is nested more than {DEEPEST} levels deep")
