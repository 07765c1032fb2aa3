"""What the docstrings of all schedules have in common."""

from __future__ import annotations

import inspect
from typing import Any

from fastlr._parameters import Parameter

_CALLS = """\
Calls
-----
``schedule(steps, *, execution="eager")`` takes a real number and returns a ``float``, or takes a
range, a sequence or an array of real numbers, of any dtype, shape and order, and returns a new
C-contiguous array of that shape. The numbers are float32, or float64 where
`{rate}` {float64_where}. `execution` is one of ``"eager"``, ``"graph"`` and
``"xla"``, the mode of Keras whose bits are wanted. Text, complex numbers, objects and None are a
``TypeError``; another mode is a ``ValueError``; a mode without an exact formula (float64 outside
eager) is a ``NotImplementedError``.

"""

_RAISES = """\
Raises
------
ValueError
    If a number of steps to divide by is not above 0, or a number is NaN, infinite or too large.
TypeError
    If an argument is not of the type described, or `{rate}` is a NumPy number
    of another type than float32 and float64.

"""


def with_shared_sections(docstring: str, decisive: Parameter[Any, Any]) -> str:
    """A class's docstring with how schedules are called and, if it has none, what they refuse.

    `decisive` is the parameter whose precision the schedule has.
    """
    text = inspect.cleandoc(docstring)
    raises = "" if "\nRaises\n------\n" in text else _RAISES
    own, notes, rest = text.partition("Notes\n-----\n")
    shared = (_CALLS + raises).format(rate=decisive.name, float64_where=decisive.float64_where)
    return own + shared + notes + rest
