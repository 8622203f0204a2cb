"""Cards and usage for tests of the rating library, in few words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pyarrow as pa

from trueup.rating import Cards, rate, read_cards

QUANTITY = pa.decimal128(38, 18)


def decimal(number: Fraction | str | int) -> Decimal:
    """A decimal fraction, exactly."""
    with localcontext(prec=200):
        value = Fraction(number)
        return Decimal(value.numerator) / Decimal(value.denominator)


def card_rows(
    model: str, tiers: Sequence[dict[str, Any]], key: str = "card", **columns: Any
) -> list[dict[str, Any]]:
    """Rows of one card as in a rate card file; tiers follow one another by their `tier_to`."""
    rows, lower = [], 0
    for number, tier in enumerate(tiers, 1):
        row = {"rate_card_id": key, "version": "1", "sku_id": "sku", "model": model}
        row |= {"tier": number, "tier_from": lower, **columns, **tier}
        lower = tier.get("tier_to")
        rows.append({name: decimal(v) if isinstance(v, Fraction) else v for name, v in row.items()})
    return rows


def usage_of(rows: Iterable[tuple[int, int | None, Any]]) -> pa.Table:
    """Usage of (group, card, quantity)."""
    groups, cards, quantities = zip(*rows, strict=True)
    return pa.table(
        {
            "group_id": pa.array(groups, pa.int64()),
            "card": pa.array(cards, pa.int32()),
            "quantity": pa.array(map(decimal, quantities), QUANTITY),
        }
    )


def fractions(column: pa.ChunkedArray) -> list[Fraction | None]:
    """Decimals as exact fractions."""
    return [None if value is None else Fraction(value) for value in column.to_pylist()]


def priced(cards: Cards | list[dict[str, Any]], *quantities: Any) -> list[Fraction | None]:
    """Amounts of one group's quantities by the first card, each in a batch of its own."""
    known = cards if isinstance(cards, Cards) else read_cards(cards)
    amounts, state = [], None
    for quantity in quantities:
        rated = rate(usage_of([(1, 0, quantity)]), known, state)
        amounts += fractions(rated.rows["amount"])
        state = rated.state
    return amounts
