"""What error messages show of what was received: a little of it, whatever it is."""

from __future__ import annotations

import reprlib
import sys
import warnings


class _Excerpt(reprlib.Repr):
    """``repr`` of a bounded length, for objects of any size and depth."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxlong = self.maxstring = self.maxother = 100

    def repr_int(self, x: int, level: int) -> str:
        """Describe an int; Python may refuse to write more than 640 digits."""
        bits = x.bit_length()
        return super().repr_int(x, level) if bits < 2000 else f"<int of {bits} bits>"

    # Otherwise written in full, and then cut.
    repr_bytes = repr_bytearray = reprlib.Repr.repr_str


_EXCERPT = _Excerpt()


def shown(value: object) -> str:
    """The ``repr`` of anything, cut to a length that a message can have; never an exception.

    >>> shown(0.1), shown([1] * 1000), shown(10**5000)
    ('0.1', '[1, 1, 1, 1, 1, 1, ...]', '<int of 16610 bits>')
    """
    try:
        return cut(_EXCERPT.repr(value))
    except Exception:  # of an object that is named like a built-in type, but is not like it
        return f"<{type_name(value)}>"


def type_name(value: object) -> str:
    """The name of the type of anything, which may be as long as its author likes."""
    return cut(type(value).__name__)


def received(name: str, value: object) -> str:
    """What was received as an argument, and its type."""
    return f"Received: {name}={shown(value)} (type {type_name(value)})"


def cut(message: object) -> str:
    """The text of another error, as long as a message can be."""
    text = str(message)
    return text if len(text) <= 500 else f"{text[:500]}..."


def warn_caller(message: str) -> None:
    """Warn whoever called the constructor that this is called for.

    Not this package, which makes schedules again of what was made or written before: their authors
    have been warned.
    """
    if not sys._getframe(3).f_globals.get("__name__", "").startswith("fastlr."):
        warnings.warn(message, UserWarning, stacklevel=4)
