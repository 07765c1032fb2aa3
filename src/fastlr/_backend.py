"""The choice of the backend, made once, at import.

A backend is a module with the class ``Schedule`` (what is called), ``make_kernel``, which makes a
schedule's ``Kernel`` (its constants, with ``range`` and ``array``), and what ``build_info`` wants.
``fastlr._core`` is the compiled one; ``fastlr._numba`` is the same arithmetic in Python.
"""

from __future__ import annotations

import importlib
import os
import warnings
from typing import TYPE_CHECKING, Any

from fastlr import _install
from fastlr._errors import shown
from fastlr._version import version

if TYPE_CHECKING:
    from fastlr import _core as implementation
    from fastlr._core import Schedule

__all__ = ["Schedule", "backend", "build_info", "implementation"]

HOW_TO_GET_THE_CORE = f"To get the compiled core, {_install.THE_CORE}"
_MODULES = {"cpp": "fastlr._core", "numba": "fastlr._numba"}


def _import(name: str) -> Any:
    """Import a backend. Ctrl-C within a compiled module's set-up comes out as an ImportError."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, KeyboardInterrupt):
                raise KeyboardInterrupt from error
            cause = cause.__cause__ or cause.__context__
        raise


def _refuse_subinterpreters() -> None:
    """Raise in any interpreter but the main one, where both backends would wait forever.

    pybind11 (CPython 3.11) and Numba wait there for a GIL that nobody will give them.
    """
    try:
        import ctypes  # NumPy imports it, too
    except ImportError:  # a Python without libffi, or an isolated interpreter, which NumPy refuses
        return
    state = ctypes.PYFUNCTYPE(ctypes.c_void_p)
    current, main = (
        state((f"PyInterpreterState_{which}", ctypes.pythonapi)) for which in ("Get", "Main")
    )
    if current() != main():
        raise ImportError(
            "fastlr works in the main interpreter of a process only, not in subinterpreters, which "
            "neither NumPy nor pybind11 nor Numba supports"
        )


def _load() -> tuple[str, Any]:
    wanted = os.environ.get("FASTLR_BACKEND") or None
    if wanted is not None:
        if wanted not in _MODULES:
            raise ImportError(
                f"FASTLR_BACKEND must be 'cpp' or 'numba'. Received: FASTLR_BACKEND={shown(wanted)}"
            )
        try:
            return wanted, _import(_MODULES[wanted])
        except ImportError as error:
            what = HOW_TO_GET_THE_CORE if wanted == "cpp" else "Install Numba: pip install numba"
            raise ImportError(
                f"FASTLR_BACKEND={wanted} is set, but that backend cannot be loaded: {error}. "
                f"{what}"
            ) from error
    try:
        return "cpp", _import(_MODULES["cpp"])
    except ImportError as core_error:
        try:
            loaded = _import(_MODULES["numba"])
        except ImportError as numba_error:
            raise ImportError(
                f"fastlr has no backend: its compiled core cannot be loaded ({core_error}), nor "
                f"can the fallback ({numba_error}). {HOW_TO_GET_THE_CORE}. Or install the "
                "fallback: pip install numba"
            ) from core_error
        warnings.warn(
            f"fastlr runs on Numba, because its compiled core cannot be loaded ({core_error}). "
            f"Results are the same, calls are slower. {HOW_TO_GET_THE_CORE}. "
            "FASTLR_BACKEND=numba chooses Numba without this warning",
            RuntimeWarning,
            stacklevel=4,
        )
        return "numba", loaded


def _configure() -> None:
    """Apply FASTLR_NUM_THREADS and FASTLR_ISA; a value that makes no sense stops the import."""
    threads = os.environ.get("FASTLR_NUM_THREADS") or None
    if threads is not None:
        # The length first: int() refuses thousands of digits in words of its own.
        digits = threads.lstrip("0")
        whole = digits.isascii() and digits.isdigit() and len(digits) <= 10
        if not (whole and int(digits) < 2**31):
            raise ImportError(
                f"FASTLR_NUM_THREADS must be a whole number from 1 to {2**31 - 1}. "
                f"Received: FASTLR_NUM_THREADS={shown(threads)}"
            )
        implementation.set_thread_limit(int(digits))
    isa = os.environ.get("FASTLR_ISA") or None
    if isa is not None:
        accepted = dict.fromkeys(["auto", *implementation.isas()])
        if isa not in accepted:
            raise ImportError(
                "FASTLR_ISA cannot be honoured: on this machine and backend it must be one of "
                f"{', '.join(map(repr, accepted))}. Received: FASTLR_ISA={shown(isa)}"
            )
        implementation.set_isa(isa)


try:
    _refuse_subinterpreters()
    # Before the core, whose set-up imports NumPy: where Ctrl-C ends that, it cannot be repeated.
    importlib.import_module("numpy")
    _name, _implementation = _load()
    if not TYPE_CHECKING:
        implementation = _implementation
        Schedule = _implementation.Schedule
    _configure()
except ImportError as _error:
    _error.name = __package__  # of this, `python -m fastlr` says one line instead of a traceback
    raise


def backend() -> str:
    """Name of the backend that evaluates: ``"cpp"`` (the compiled core) or ``"numba"``.

    Examples
    --------
    >>> fastlr.backend() in ("cpp", "numba")
    True
    """
    return _name


def build_info() -> dict[str, Any]:
    """Describe this installation, for bug reports.

    Returns
    -------
    dict
        ``version``; ``backend`` and what compiled it (``compiler``); ``isas`` usable on this
        machine and the active ``isa``; ``processors`` this process may use and the C library
        (``libm``) whose bits count; ``python``, ``numpy`` and ``platform``.

    Examples
    --------
    >>> fastlr.build_info()["version"] == fastlr.__version__
    True
    """
    import platform

    import numpy as np

    return {
        "version": version,
        "backend": _name,
        "compiler": implementation.compiler,
        "isas": implementation.isas(),
        "isa": implementation.active_isa(),
        "processors": implementation.usable_processors(),
        "libm": implementation.libm(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": platform.platform(),
    }
