"""What ``build_info`` says of this backend."""

from __future__ import annotations

import os
import platform

import llvmlite
import numba

from fastlr._errors import shown

compiler = f"Numba {numba.__version__}, llvmlite {llvmlite.__version__}"


def isas() -> list[str]:
    """Instruction sets to choose from: Numba compiles for the processor it runs on."""
    return ["auto"]


def active_isa() -> str:
    """The instruction set in use."""
    return "auto"


def set_isa(name: str) -> None:
    """Refuse any other instruction set than that of this processor."""
    if name != "auto":
        raise ValueError(
            "The Numba backend compiles for the processor it runs on: the instruction set must be "
            f"'auto'. Received: {shown(name)}"
        )


def usable_processors() -> int:
    """Processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def libm() -> str:
    """The C library, whose bits count."""
    return " ".join(platform.libc_ver()).strip() or "unknown"
