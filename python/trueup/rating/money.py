"""Decimal columns as whole numbers, and back.

A decimal is a whole number of 10 ** -scale. Whole numbers are NumPy int64 where they fit, else
Python integers in an object array: both take the same operators, so a formula is written once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[Any]  # int64, or Python integers as objects
Mask = npt.NDArray[np.bool_]
Limbs = npt.NDArray[np.int64]  # (n, 2): low and high 64 bits of a 128-bit number

SCALE = 18  # of the storage type, docs/decisions/0003-storage-precision.md
DECIMAL = pa.decimal128(38, SCALE)
LARGEST = 10**38  # the first whole number of storage units with too many digits
_LOW = 2**64 - 1
_HIGHEST = 2**62


def where(condition: Any, yes: Any, no: Any) -> Any:
    """`np.where` that leaves Python integers alone."""
    if isinstance(condition, bool | np.bool_):
        return yes if condition else no
    return np.where(condition, yes, no)


def limbs_of(values: pa.Array) -> Limbs:
    """The 128-bit numbers of a decimal128 array without nulls."""
    numbers = np.frombuffer(values.buffers()[1], np.int64).reshape(-1, 2)
    return numbers[values.offset : values.offset + len(values)]


def narrow(values: pa.Array, scale: int) -> tuple[Ints, Mask]:
    """Decimals without nulls as int64 counts of 10 ** -scale, and which hold their value."""
    own = values.type.scale
    cut = values if scale >= own else values.cast(pa.decimal128(38, scale), safe=False)
    limbs = limbs_of(cut)
    counts = limbs[:, 0]
    fits: Mask = limbs[:, 1] == counts >> 63
    if scale > own:
        factor = 10 ** (scale - own)
        fits &= (counts <= _HIGHEST // factor) & (counts >= -_HIGHEST // factor)
        counts = counts * factor
    elif scale < own:
        fits &= pc.equal(cut.cast(values.type), values).to_numpy(zero_copy_only=False)
    return counts, fits


def wide(values: pa.Array, scale: int) -> Ints:
    """Decimals without nulls as Python integers: counts of 10 ** -scale, not below their own."""
    limbs = limbs_of(values)
    counts = limbs[:, 1].astype(object) * 2**64 + limbs[:, 0].view(np.uint64).astype(object)
    return np.asarray(counts * 10 ** (scale - values.type.scale), object)


def digits_of(unit: int) -> int | None:
    """How many decimals a unit of 1 / 10 ** digits has; none when it is no such unit."""
    digits = len(str(unit)) - 1
    return digits if unit == 10**digits and digits <= SCALE else None


def quotients(counts: Ints, unit: int) -> tuple[Ints, Ints]:
    """int64 counts of 1 / unit as whole numbers and storage units on top, of the same sign.

    Long division, so many digits at a time as int64 holds; the last one is rounded half up.
    """
    sizes = np.abs(counts)
    whole, rest = sizes // unit, sizes % unit
    fractions, left = np.zeros_like(whole), SCALE
    while left:
        digits = min(len(str(_HIGHEST // unit)) - 1, left)
        rest = rest * 10**digits
        fractions = fractions * 10**digits + rest // unit
        rest, left = rest % unit, left - digits
    fractions += rest >= unit - rest
    signs = np.where(counts < 0, -1, 1)
    return whole * signs, fractions * signs


def stored(counts: Ints, digits: int, fractions: Ints | None = None) -> Limbs:
    """Counts of 10 ** -digits as 128-bit counts of storage units (10 ** -18).

    Args:
        counts: int64, or Python integers that are below 10 ** 38 in storage units.
        digits: at most 18.
        fractions: int64 storage units to add.
    """
    if counts.dtype == object:
        units = counts * 10 ** (SCALE - digits)
        return np.stack(
            [(units & _LOW).astype(np.uint64).view(np.int64), (units >> 64).astype(np.int64)], 1
        )
    limbs = np.empty((len(counts), 2), np.int64)
    limbs[:, 0] = counts
    np.right_shift(counts, 63, out=limbs[:, 1])
    if digits < SCALE:
        limbs = limbs_of(decimals(limbs, pa.decimal128(38, digits)).cast(DECIMAL))
    if fractions is None:
        return limbs
    low = limbs[:, 0] + fractions  # wraps around
    carries = low.view(np.uint64) < limbs[:, 0].view(np.uint64)
    return np.stack([low, limbs[:, 1] + (fractions >> 63) + carries], 1)


def decimals(limbs: Limbs, kind: pa.DataType = DECIMAL, valid: Mask | None = None) -> pa.Array:
    """A decimal128 array of 128-bit numbers; null where not valid."""
    mask = None if valid is None else pa.array(valid).buffers()[1]
    return pa.Array.from_buffers(kind, len(limbs), [mask, pa.py_buffer(limbs)])
