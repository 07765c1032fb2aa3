"""The fallback backend: the arithmetic of the compiled core in Python, compiled by Numba.

The same interface as ``fastlr._core``, the same bits. Read ``src/cpp/core`` beside it: the files
correspond.
"""

from fastlr._numba.driver import Kernel, fill_rows, set_thread_limit
from fastlr._numba.info import active_isa, compiler, isas, libm, set_isa, usable_processors
from fastlr._numba.kernels import make_kernel
from fastlr._numba.schedule import Schedule, table_method

__all__ = [
    "Kernel",
    "Schedule",
    "active_isa",
    "compiler",
    "fill_rows",
    "isas",
    "libm",
    "make_kernel",
    "set_isa",
    "set_thread_limit",
    "table_method",
    "usable_processors",
]
