"""How every function of this backend is compiled, and cached on disk."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import FunctionCache

Function = TypeVar("Function")


def _digest_of_sources() -> str:
    here = Path(__file__).parent
    files = [*sorted(here.rglob("*.py")), here.parent / "_step_functions.py"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


_SOURCES = _digest_of_sources()


class _Cache(FunctionCache):
    """Numba's cache, valid for exactly these sources.

    Numba looks at the file of a function only, not at those whose functions it calls: after an
    upgrade it would go on running the old arithmetic of files that it had compiled in. What a
    closure holds would be another thing in every process; the types of the arguments tell it.
    """

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return sig, codegen.magic_tuple(), _SOURCES


def static(number: int) -> tuple[int, ...]:
    """Make a small number part of a type, so that it is a constant in compiled code: its `len`."""
    return (0,) * number


def jit(function: Function) -> Function:
    """Compile without fast-math and the GIL, dividing by zero as NumPy does; cached on disk."""
    compiled: Any = numba.njit(function, nogil=True, error_model="numpy", fastmath=False)
    # RuntimeError: no folder for the cache can be written, so compile in each process.
    with contextlib.suppress(RuntimeError):
        compiled._cache = _Cache(function)
    result: Function = compiled
    return result
