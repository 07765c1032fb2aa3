"""Round numbers for axes: each with the part of the axis below it."""

from __future__ import annotations

import math
from fractions import Fraction


def round_ticks(low: Fraction, high: Fraction, most: int) -> list[tuple[Fraction, str]]:
    """Multiples of 1, 2 or 5 times a power of ten: about `most`, from `low` to below `high`."""
    least = (high - low) / max(most, 1)
    power = Fraction(10) ** (_exponent(least))
    distance = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)
    first, last = math.ceil(low / distance), math.ceil(high / distance)
    ticks = (distance * n for n in range(first, last))
    return [((tick - low) / (high - low), _label(tick)) for tick in ticks]


def power_ticks(low: Fraction, high: Fraction, most: int) -> list[tuple[Fraction, str]]:
    """Powers of ten between logarithms to base ten, with 2 and 5 times them if they fit."""
    exponents = range(math.floor(low), math.ceil(high))
    stride = -(-len(exponents) // max(most, 1))
    factors = (1, 2, 5) if 3 * len(exponents) <= most else (1,)
    found = []
    for exponent in exponents[::stride]:
        for factor in factors:
            part = (exponent + Fraction(math.log10(factor)) - low) / (high - low)
            if 0 <= part < 1:
                found.append((part, f"{float(f'{factor}e{exponent}'):.3g}"))
    return found


def _exponent(value: Fraction) -> int:
    """The power of ten at or just below a value, however large or small."""
    digits = len(str(value.numerator)) - len(str(value.denominator))
    return digits if Fraction(10) ** digits <= value else digits - 1


def _label(tick: Fraction) -> str:
    short = f"{float(tick):.7g}"
    # Steps far from 0 differ in their last digits only.
    return short if tick.denominator > 1 or Fraction(short) == tick else str(tick.numerator)
