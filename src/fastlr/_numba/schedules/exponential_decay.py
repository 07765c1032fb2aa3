"""ExponentialDecay (src/cpp/core/schedules/exponential_decay.hpp)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from fastlr._numba.c_library import floor, power
from fastlr._numba.driver import INNER_BLOCK, Kernel, extent
from fastlr._numba.execution import MODES, quotient
from fastlr._numba.flush_to_zero import HostArithmetic, flush, multiply
from fastlr._numba.jit import jit, static
from fastlr._numba.power import exp2, library_power_is_fused, log2


class Constants(NamedTuple):
    """All float32, or all float64."""

    initial: Any
    decay_steps: Any
    decay_rate: Any
    times: Any  # by which XLA multiplies the exponent
    reciprocal: Any
    zero: Any
    staircase: tuple[int, ...]
    mode: tuple[int, ...]


class Exponents(NamedTuple):
    """What the power is 2^x of: the x per unit of its own exponent, and limits of x."""

    per_unit: Any
    lowest: Any
    highest: Any
    zero_below: Any


@jit
def passed(c, step, flushed):
    p = quotient(c.mode, step, c.decay_steps, c.reciprocal, flushed)
    return floor(p) if len(c.staircase) else p


@jit
def at(c, step):
    """The formula, for any step."""
    scaled = multiply(c.times, passed(c, flush(step), True), True)
    return multiply(c.initial, flush(power(c.decay_rate, scaled)), True)


@jit
def rates(c, out):
    """out[i] = rate at step out[i], one after the other."""
    for i in range(out.size):
        out[i] = at(c, out[i])


@jit
def exponent(c, x, step):
    return np.float64(passed(c, step, False)) * x.per_unit


@jit
def is_normal(x, exponent):
    return exponent >= x.lowest and exponent < x.highest


@jit
def of_normal_powers(c, x, out):
    """The formula without branches, where the power is a normal number."""
    for i in range(out.size):
        out[i] = c.initial * exp2(exponent(c, x, out[i]))


@jit
def bulk(c, x, out):
    """out[i] = rate at step out[i], where powf is ours."""
    for i in range(0, out.size, INNER_BLOCK):
        in_block(c, x, out[i : i + INNER_BLOCK])


@jit
def in_block(c, x, out):
    """The same, by a formula that holds for all these steps."""
    low, high, any_needs_flush = extent(out)
    first, last = exponent(c, x, low), exponent(c, x, high)
    if any_needs_flush:
        rates(c, out)
    elif is_normal(x, first) and is_normal(x, last):
        of_normal_powers(c, x, out)
    elif first < x.zero_below and last < x.zero_below:
        out[:] = c.initial * c.zero
    else:
        rates(c, out)


def _is_known(c: Constants) -> bool:
    """Whether the limits of the exponents say what is normal."""
    return bool(
        c.decay_rate >= np.finfo(np.float32).tiny
        and c.initial != 0
        and c.times == 1
        and c.decay_steps < 2.0**60
        and library_power_is_fused()
    )


def _exponents(c: Constants) -> Exponents:
    size = math.log2(abs(float(c.initial)))
    return Exponents(
        per_unit=np.float64(log2(c.decay_rate)),
        lowest=max(-120.0, -120.0 - size),
        highest=min(120.0, 120.0 - size),
        zero_below=max(-128.0, -128.0 - size),
    )


def _power_of_two(rate: Any) -> int:
    """Find the n of rate = 2**n where LLVM makes exp2(n * p) of pow(rate, p), with a rounding.

    It does so up to n = 62; where n is a power of two, n * p is exact and nothing changes.
    """
    mantissa, exponent = math.frexp(rate)
    n = exponent - 1
    return n if mantissa == 0.5 and abs(n) < 63 and math.frexp(abs(n))[0] != 0.5 else 0


def exponential_decay(
    dtype: str,
    execution: str,
    initial_learning_rate: float,
    decay_steps: float,
    decay_rate: float,
    staircase: bool,
) -> Kernel:
    """Kernel of an ExponentialDecay."""
    host = HostArithmetic(dtype)
    rate = host.flush(decay_rate)
    n = _power_of_two(float(rate)) if execution == "xla" else 0
    constants = Constants(
        initial=host.flush(initial_learning_rate),
        decay_steps=host.real(decay_steps),
        decay_rate=host.real(2) if n else rate,
        times=host.real(n or 1),
        reciprocal=host.divide(1, decay_steps),
        zero=host.real(0),
        staircase=static(staircase),
        mode=MODES[execution],
    )
    if dtype == "float64" or not _is_known(constants):
        return Kernel(dtype, rates, constants)
    exponents = _exponents(constants)
    return Kernel(dtype, bulk, constants, exponents)
