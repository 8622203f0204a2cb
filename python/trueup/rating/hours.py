"""Usage by hour of the clock, in UTC: what commitments are held against.

Usage is used in equal parts in each hour that it touches; of what does not divide, the last hour
takes the rest. Hours are counted from 1970, quantities and amounts in units of 10 ** -18.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trueup.rating.contract import exact
from trueup.rating.money import DECIMAL, SCALE, Ints, wide
from trueup.rating.rounding import divide

UNIT = 10**SCALE
MICROSECONDS = 3_600_000_000


def hours_before(times: Any) -> Any:
    """How many hours have begun before times (datetime64, UTC)."""
    return -(-np.asarray(times, "datetime64[us]").astype(np.int64) // MICROSECONDS)


@dataclass(frozen=True)
class HourlyUsage:
    """A row for each hour of each row of usage, with what no commitment has covered of it yet.

    Attributes:
        ids: of the usage, in order.
        classes: what the usage is, of those asked for.
        prices: undiscounted, of a unit.
        row: number in `ids`.
        kind: number in `classes`.
        price: number in `prices`.
        hour: hours since 1970.
        quantity: left uncovered, in storage units.
        amount: the same at the undiscounted price.
    """

    ids: pa.Array
    classes: list[Any]
    prices: list[Fraction]
    row: Ints
    kind: Ints
    price: Ints
    hour: Ints
    quantity: Ints
    amount: Ints

    @classmethod
    def of(cls, usage: pa.Table, classes: set[Any], span: tuple[int, int]) -> HourlyUsage:
        """The hours of a span (first, end) in which usage of these classes lies.

        Usage without a price is left out, and so is what is paid for.
        """
        fits = pc.is_in(usage["class_id"], pa.array(classes, usage["class_id"].type))
        fits = pc.and_(fits, pc.greater_equal(usage["unit_price"], 0))
        usage = usage.filter(fits).sort_by("usage_id").combine_chunks()
        column = {name: _one(usage[name]) for name in usage.column_names}
        first = column["starts_at"].to_numpy().astype("datetime64[h]").astype(np.int64)
        count = np.maximum(hours_before(column["ends_at"].to_numpy()) - first, 1)
        quantity = wide(column["quantity"].cast(DECIMAL), SCALE)
        codes = column["unit_price"].cast(DECIMAL).dictionary_encode()
        price, prices = codes.indices.to_numpy(), wide(codes.dictionary, SCALE)
        amount = exact(divide(quantity * prices[price], UNIT, "half_up"))

        before = np.cumsum(count) - count
        hour = np.repeat(first - before, count) + np.arange(count.sum())
        chosen = (hour >= span[0]) & (hour < span[1])
        row = np.repeat(np.arange(len(count)), count)[chosen]
        kinds = column["class_id"].dictionary_encode()
        return cls(
            ids=column["usage_id"],
            classes=kinds.dictionary.to_pylist(),
            prices=[Fraction(each, UNIT) for each in prices],
            row=row,
            kind=kinds.indices.to_numpy()[row],
            price=price[row],
            hour=hour[chosen],
            quantity=_parts(quantity, count)[chosen],
            amount=_parts(amount, count)[chosen],
        )


def _one(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    return column.combine_chunks()


def _parts(totals: Ints, count: Ints) -> Ints:
    """Totals in so many equal parts each; the last one takes the rest."""
    part = totals // exact(count)
    parts = np.repeat(part, count)
    parts[np.cumsum(count) - 1] += totals - part * exact(count)
    return exact(parts)
