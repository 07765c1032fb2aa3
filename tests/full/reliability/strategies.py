"""Anything: what Hypothesis draws as steps, as arguments and as configs."""

from __future__ import annotations

import tempfile
from collections import deque
from typing import Any

import ml_dtypes
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

#: Real dtypes that NumPy does not have of its own.
SMALL_FLOATS = [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2]

#: What a message may take.
LONGEST_MESSAGE = 1500


class Subclass(np.ndarray):
    """An array that is called something else."""


class MyFloat(float):
    """A float that is called something else."""


class MyInt(int):
    """An int that is called something else."""


integers = st.one_of(
    st.integers(-10, 2000),
    st.integers(-(2**70), 2**70),
    st.sampled_from([2**24 + 1, 2**63 - 1, 2**63, -(2**63), 2**64, 2**128, 10**400]),
    # More digits than Python writes, and so Hypothesis, too.
    st.integers(4300, 5000).map(lambda digits: 10**digits),
    st.integers(4300, 5000).map(lambda digits: -(10**digits)),
)
floats = st.floats() | st.floats(-10, 3000)
numpy_numbers = st.one_of(
    st.sampled_from([np.float16, np.float32, np.float64, np.longdouble]).flatmap(
        lambda kind: st.floats(width=16).map(kind)
    ),
    st.sampled_from("bhilqBHILQ").flatmap(lambda code: npst.from_dtype(np.dtype(code))),
    st.booleans().map(np.bool_),
    st.floats().map(np.float64),
)
numbers = st.one_of(
    integers, floats, st.booleans(), numpy_numbers, floats.map(MyFloat), integers.map(MyInt)
)
no_numbers = st.one_of(
    st.none(),
    st.text(max_size=5),
    st.text(st.characters(categories=["Cs"]), min_size=1, max_size=2),  # lone surrogates
    st.binary(max_size=5),
    st.binary(max_size=5).map(bytearray),
    st.complex_numbers(),
    st.decimals() | st.fractions() | st.dates() | st.timedeltas(),
    st.sampled_from([..., int, len, object(), "x" * 10**6, b"x" * 10**6, NotImplemented, range(3)]),
    st.just(None).map(lambda _: (number for number in [1, 2])),
    st.just(None).map(lambda _: nested_list(10_000)),
    st.just(None).map(lambda _: self_referencing()),
)
leaves = numbers | no_numbers


def nested_list(depth: int) -> list[Any]:
    """A list in a list in a list."""
    inner: list[Any] = []
    for _ in range(depth):
        inner = [inner]
    return inner


def self_referencing() -> list[Any]:
    """A list that is in itself."""
    loop: list[Any] = [1]
    loop.append(loop)
    return loop


anything = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.lists(inner, max_size=3).map(deque),
        st.dictionaries(st.text(max_size=3) | st.integers(0, 3), inner, max_size=3),
    ),
    max_leaves=6,
)

_dtypes = st.one_of(
    npst.scalar_dtypes(),
    npst.boolean_dtypes(),
    npst.integer_dtypes(endianness="?"),
    npst.unsigned_integer_dtypes(endianness="?"),
    npst.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    st.sampled_from([np.dtype("g"), np.dtype(object)]),
    npst.array_dtypes(max_size=2),
    npst.byte_string_dtypes(max_len=3),
    npst.unicode_string_dtypes(max_len=3),
)
_plain_arrays = _dtypes.flatmap(
    lambda dtype: (
        st.lists(leaves, max_size=4).map(_object_array)
        if dtype.hasobject
        else npst.arrays(dtype, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    )
)
_small_float_arrays = st.tuples(
    st.sampled_from(SMALL_FLOATS), st.lists(st.floats(width=16), max_size=6)
).map(lambda pair: np.array(pair[1], np.float32).astype(pair[0]))


def _object_array(items: list[Any]) -> np.ndarray:
    array = np.empty(len(items), object)
    for index, item in enumerate(items):
        array[index] = item
    return array


def _misaligned(array: np.ndarray) -> np.ndarray:
    if array.dtype.hasobject:
        return array
    buffer = np.zeros(array.nbytes + 1, np.uint8)
    buffer[1:] = np.frombuffer(array.tobytes(), np.uint8)
    return buffer[1:].view(array.dtype).reshape(array.shape) if array.itemsize else array


def _read_only(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


def _mapped(array: np.ndarray) -> np.ndarray:
    if array.dtype.hasobject or array.nbytes == 0:
        return array
    with tempfile.TemporaryFile() as file:
        mapped = np.memmap(file, array.dtype, "w+", shape=array.shape)
        mapped[...] = array
        return mapped


def _strided(array: np.ndarray) -> np.ndarray:
    return array[::2] if array.ndim else array


def _broadcast(array: np.ndarray) -> np.ndarray:
    return np.broadcast_to(array, (3, *array.shape))


def _masked(array: np.ndarray) -> Any:
    return array if array.dtype.names else np.ma.masked_array(array)


def _matrix(array: np.ndarray) -> np.ndarray:
    return array.view(np.matrix) if array.ndim == 2 and array.dtype.kind in "iuf" else array


#: Arrays in any memory: views, strides, alignments, files, subclasses.
arrays = st.tuples(
    _plain_arrays | _small_float_arrays,
    st.sampled_from(
        [
            lambda array: array,
            lambda array: array.T,
            lambda array: array[::-1] if array.ndim else array,
            lambda array: array.astype(array.dtype.newbyteorder()) if array.dtype.kind in "iuf"
            and array.dtype.type not in SMALL_FLOATS else array,
            lambda array: array.view(Subclass),
            np.asfortranarray,
            _strided,
            _misaligned,
            _read_only,
            _mapped,
            _broadcast,
            _masked,
            _matrix,
        ]
    ),
).map(lambda pair: pair[1](pair[0]))  # fmt: skip

#: What a config may hold, JSON-shaped for the most part.
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)

__all__ = [
    "LONGEST_MESSAGE",
    "SMALL_FLOATS",
    "anything",
    "arrays",
    "integers",
    "json_values",
    "leaves",
    "nested_list",
    "numbers",
    "self_referencing",
]
