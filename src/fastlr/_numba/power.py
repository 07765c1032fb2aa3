"""powf with the bits of the C library, in parts (src/cpp/core/libm/power.hpp, with source)."""

from __future__ import annotations

import functools

import numpy as np

from fastlr._numba.c_library import fma, power
from fastlr._numba.jit import jit

FIRST_INTERVAL = np.uint32(0x3F330000)
EXP2_STEPS = 32
EXP2_SHIFT = 1.5 * 2.0**52 / EXP2_STEPS


def _doubles(text):
    return np.array([float.fromhex(word) for word in text.split()])


def _bits(text):
    return np.array([int(word, 16) for word in text.split()], np.uint64)


#: 1/c and log2(c) for a c near the middle of each interval.
INVERSE = _doubles("""
    0x1.661ec79f8f3bep+0 0x1.571ed4aaf883dp+0 0x1.49539f0f010bp+0 0x1.3c995b0b80385p+0
    0x1.30d190c8864a5p+0 0x1.25e227b0b8eap+0 0x1.1bb4a4a1a343fp+0 0x1.12358f08ae5bap+0
    0x1.0953f419900a7p+0 0x1p+0 0x1.e608cfd9a47acp-1 0x1.ca4b31f026aap-1
    0x1.b2036576afce6p-1 0x1.9c2d163a1aa2dp-1 0x1.886e6037841edp-1 0x1.767dcf5534862p-1
""")
LOG2_OF_CENTRE = _doubles("""
    -0x1.efec65b963019p-2 -0x1.b0b6832d4fca4p-2 -0x1.7418b0a1fb77bp-2 -0x1.39de91a6dcf7bp-2
    -0x1.01d9bf3f2b631p-2 -0x1.97c1d1b3b7afp-3 -0x1.2f9e393af3c9fp-3 -0x1.960cbbf788d5cp-4
    -0x1.a6f9db6475fcep-5 0x0p+0 0x1.338ca9f24f53dp-4 0x1.476a9543891bap-3
    0x1.e840b4ac4e4d2p-3 0x1.40645f0c6651cp-2 0x1.88e9c2c1b9ff8p-2 0x1.ce0a44eb17bccp-2
""")
#: Bits of 2^(i/32), less i << 47: adding the integer k << 47 gives 2^(k/32).
EXP2_BITS = _bits("""
    0x3ff0000000000000 0x3fefd9b0d3158574 0x3fefb5586cf9890f 0x3fef9301d0125b51
    0x3fef72b83c7d517b 0x3fef54873168b9aa 0x3fef387a6e756238 0x3fef1e9df51fdee1
    0x3fef06fe0a31b715 0x3feef1a7373aa9cb 0x3feedea64c123422 0x3feece086061892d
    0x3feebfdad5362a27 0x3feeb42b569d4f82 0x3feeab07dd485429 0x3feea47eb03a5585
    0x3feea09e667f3bcd 0x3fee9f75e8ec5f74 0x3feea11473eb0187 0x3feea589994cce13
    0x3feeace5422aa0db 0x3feeb737b0cdc5e5 0x3feec49182a3f090 0x3feed503b23e255d
    0x3feee89f995ad3ad 0x3feeff76f2fb5e47 0x3fef199bdd85529c 0x3fef3720dcef9069
    0x3fef5818dcfba487 0x3fef7c97337b9b5f 0x3fefa4afa2a490da 0x3fefd0765b6e4540
""")

A4, A3 = float.fromhex("0x1.27616c9496e0bp-2"), float.fromhex("-0x1.71969a075c67ap-2")
A2, A1 = float.fromhex("0x1.ec70a6ca7baddp-2"), float.fromhex("-0x1.7154748bef6c8p-1")
A0 = float.fromhex("0x1.71547652ab82bp0")
C0, C1 = float.fromhex("0x1.c6af84b912394p-5"), float.fromhex("0x1.ebfce50fac4f3p-3")
C2 = float.fromhex("0x1.62e42ff0c52d6p-1")


@jit
def log2(x):
    """log2 of a positive normal float32, as powf computes it."""
    bits = np.float32(x).view(np.uint32)
    offset = np.uint32(bits - FIRST_INTERVAL)
    interval = np.uint64(offset >> np.uint32(19)) & np.uint64(15)
    exponent_bits = np.uint32(offset & np.uint32(0xFF800000))
    z = np.uint32(bits - exponent_bits).view(np.float32)
    start = LOG2_OF_CENTRE[interval] + np.float64(offset.view(np.int32) >> np.int32(23))
    r = fma(np.float64(z), INVERSE[interval], -1.0)
    r2 = r * r
    return fma(fma(A4, r, A3), r2 * r2, fma(fma(A2, r, A1), r2, fma(A0, r, start)))


@jit
def exp2(x):
    """2^x as powf computes it, where the result is a normal float32."""
    shifted = x + EXP2_SHIFT
    r = x - (shifted - EXP2_SHIFT)
    k = np.float64(shifted).view(np.uint64)
    bits = EXP2_BITS[k & np.uint64(EXP2_STEPS - 1)] + (k << np.uint64(47))
    scale = np.uint64(bits).view(np.float64)
    return np.float32(fma(fma(C0, r, C1), r * r, fma(C2, r, 1.0)) * scale)


@jit
def ours(x, y):
    return exp2(np.float64(y) * log2(x))


@jit
def library(x, y):
    return power(x, y)


@functools.cache
def library_power_is_fused():
    """Whether powf of the C library is the fused variant: arguments that tell them apart say."""
    arguments = [("0x1.8p0", "0x1.808f96p+5"), (float(np.float32(0.9)).hex(), "0x1.624d3ap-2")]
    singles = [[np.float32(float.fromhex(text)) for text in pair] for pair in arguments]
    return all(ours(x, y) == library(x, y) for x, y in singles)
