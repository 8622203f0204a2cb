"""Columns of priced rows, filled part by part: differences of what points cost."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trueup.rating import models
from trueup.rating.batches import STATE, Batch, Part
from trueup.rating.cards import Cards
from trueup.rating.models import Points
from trueup.rating.money import (
    DECIMAL,
    LARGEST,
    SCALE,
    Ints,
    Limbs,
    Mask,
    decimals,
    digits_of,
    quotients,
    stored,
)
from trueup.rating.rounding import divide

TIER = pa.struct(
    [("tier", pa.int16()), ("quantity", DECIMAL), ("unit_price", DECIMAL), ("amount", DECIMAL)]
)
RATED = pa.schema(
    {
        "amount": DECIMAL,
        "unrounded_amount": DECIMAL,
        "unpriced_quantity": DECIMAL,
        "unpriced_reason": pa.string(),
        "tiers": pa.list_(pa.field("item", TIER, nullable=False)),
    }
)
NO_CARD, NO_QUANTITY = "card_missing", "quantity_missing"
BEYOND, TOO_LARGE = "beyond_last_tier", "amount_too_large"


class Steps(NamedTuple):
    """Differences of points, row by row: counts of 10 ** -digits, and fractions on top of them."""

    counts: Ints
    digits: int
    fractions: Ints | None = None  # in storage units

    @classmethod
    def of(cls, values: Ints, unit: int, is_row: Mask) -> Steps:
        """Differences of counts of 1 / unit from the point before.

        What has more than 18 decimals is first rounded to 18, half up: so the differences of a
        period still add up.
        """
        digits = digits_of(unit)
        if values.dtype == object:
            units = divide(values * 10**SCALE, unit, "half_up")
            return cls(np.diff(units)[is_row[1:]], SCALE)
        if digits is not None:
            return cls(np.diff(values)[is_row[1:]], digits)
        whole, fractions = quotients(values, unit)
        return cls(np.diff(whole)[is_row[1:]], 0, np.diff(fractions)[is_row[1:]])

    def is_some(self) -> Mask:
        """Which rows make a difference."""
        some: Mask = self.counts != 0
        return some if self.fractions is None else some | (self.fractions != 0)

    def fits(self) -> Mask:
        """Which are of at most 38 digits."""
        if self.counts.dtype != object:
            return np.ones(len(self.counts), bool)
        fits: Mask = abs(self.counts) < LARGEST
        return fits

    def limbs(self, chosen: Any = slice(None)) -> Limbs:
        """In storage units; zero for what does not fit."""
        counts = self.counts[chosen]
        if counts.dtype == object:
            counts = np.where(abs(counts) < LARGEST, counts, 0)
        fractions = None if self.fractions is None else self.fractions[chosen]
        return stored(counts, self.digits, fractions)


class Result:
    """Columns of a batch's result, filled part by part."""

    def __init__(self, batch: Batch) -> None:
        count, groups = len(batch.card), len(batch.starts)
        self.batch = batch
        self.amount, self.exact, self.beyond = np.zeros((3, count, 2), np.int64)
        self.is_priced, self.is_beyond, self.has_card = np.zeros((3, count), bool)
        self.tiers: list[tuple[Ints, Ints, Limbs, Limbs]] = []
        self.position = np.zeros((groups, 2), np.int64)
        self.fees: dict[int, str] = {}

    def keep_state(self, part: Part, position: Ints) -> None:
        """Remember where groups stand after their last row."""
        self.position[part.groups] = stored(position[np.cumsum(part.sizes) - 1], part.scale)

    def add(self, points: Points, rows: Ints, group: Ints) -> None:
        """Price points: their differences belong to rows of the batch."""
        terms = points.plan.terms
        tiers, beyond = models.tiers_of(points)
        rounded, exact = models.amounts(points, tiers)
        is_row = np.ones(len(exact), bool)
        is_row[points.starts] = False
        at: Any = slice(None) if len(rows) == len(self.is_priced) else rows
        unrounded = Steps.of(exact, terms.per_currency, is_row)
        amount = unrounded
        if terms.rounding_unit:
            amount = Steps.of(rounded, terms.per_currency, is_row)
        self.exact[at] = unrounded.limbs()
        self.amount[at] = amount.limbs()
        self.is_priced[at] = amount.fits() & unrounded.fits()
        self.has_card[at] = True
        if beyond.any():
            self._add_beyond(points, beyond, is_row, at)
        self._add_tiers(points, tiers, is_row, rows)
        if terms.family == "percentage":
            ends = np.cumsum(points.sizes) - 1
            for number, fees in zip(group, tiers[0].amount[ends], strict=True):
                self.fees[int(number)] = str(Fraction(int(fees), terms.per_currency))

    def _add_beyond(self, points: Points, beyond: Ints, is_row: Mask, at: Any) -> None:
        """Write what no tier prices; a row all of which lies there has no price."""
        per_unit = points.plan.terms.per_unit
        quantity = models.chargeable(points, models.converted(points))
        unpriced = Steps.of(beyond, per_unit, is_row)
        self.beyond[at] = unpriced.limbs()
        self.is_beyond[at] = unpriced.is_some()
        priced = Steps.of(quantity - beyond, per_unit, is_row)
        self.is_priced[at] &= ~unpriced.is_some() | priced.is_some()

    def _add_tiers(
        self, points: Points, tiers: list[models.TierAmounts], is_row: Mask, rows: Ints
    ) -> None:
        """Write what rows took in each tier, where they took something."""
        terms = points.plan.terms
        for number, tier in enumerate(tiers, 1):
            quantity = Steps.of(tier.quantity, terms.per_unit, is_row)
            amount = Steps.of(tier.amount, terms.per_currency, is_row)
            took = quantity.is_some() | amount.is_some()
            took &= quantity.fits() & amount.fits()
            chosen = np.flatnonzero(took)
            if len(chosen):
                tier_number = np.full(len(chosen), number, np.int16)
                self.tiers.append(
                    (rows[chosen], tier_number, quantity.limbs(chosen), amount.limbs(chosen))
                )

    def table(self, cards: Cards) -> pa.Table:
        """The rows priced."""
        batch = self.batch
        reason = self._reasons(cards)
        is_priced = _bits(self.is_priced & batch.is_known)
        columns = [decimals(self.amount, valid=is_priced), decimals(self.exact, valid=is_priced)]
        unpriced = decimals(self.beyond)
        if not self.has_card.all():
            unpriced = pc.if_else(pa.array(self.has_card), unpriced, batch.quantity.cast(DECIMAL))
        return pa.Table.from_arrays([*columns, unpriced, reason, self._tiers(cards)], schema=RATED)

    def _reasons(self, cards: Cards) -> pa.Array:
        """Why rows are unpriced, the first reason that holds."""
        batch = self.batch
        broken = sorted({name for name in cards.broken if name is not None})
        names = [None, NO_CARD, NO_QUANTITY, BEYOND, TOO_LARGE, *broken]
        code = np.zeros(len(batch.card), np.int8)
        code[self.has_card & ~self.is_priced] = names.index(TOO_LARGE)
        code[self.is_beyond] = names.index(BEYOND)
        code[~batch.is_known] = names.index(NO_QUANTITY)
        by_card = np.array([*(names.index(name) for name in cards.broken), names.index(NO_CARD)])
        code = np.where(
            self.has_card & batch.is_known,
            code,
            np.where(batch.is_known, by_card[batch.card], names.index(NO_QUANTITY)),
        )
        return pa.array(names, pa.string()).take(pa.array(code))

    def _tiers(self, cards: Cards) -> pa.Array:
        """What each row took, as lists in the order of the tiers."""
        count = len(self.batch.card)
        if not self.tiers:
            return pa.array([[]] * count, RATED.field("tiers").type)
        row, tier, quantity, amount = map(np.concatenate, zip(*self.tiers, strict=True))
        if len(self.tiers) > 1:
            order = np.argsort(row, kind="stable")
            row, tier, quantity, amount = row[order], tier[order], quantity[order], amount[order]
        offsets = np.zeros(count + 1, np.int32)
        np.cumsum(np.bincount(row, minlength=count), out=offsets[1:])
        items = pa.StructArray.from_arrays(
            [
                pa.array(tier),
                decimals(np.ascontiguousarray(quantity)),
                cards.prices.take(pa.array(cards.first_tiers[self.batch.card[row]] + tier - 1)),
                decimals(np.ascontiguousarray(amount)),
            ],
            fields=list(TIER),
        )
        return pa.ListArray.from_arrays(pa.array(offsets), items, RATED.field("tiers").type)

    def _fees(self) -> pa.Array:
        """Fees of percentages, by group."""
        groups = range(len(self.batch.starts))
        if not self.fees:
            return pa.nulls(len(groups), pa.string())
        return pa.array(map(self.fees.get, groups), pa.string())

    def state(self) -> pa.Table:
        """The groups after the batch."""
        batch = self.batch
        ends = batch.starts + batch.sizes - 1
        card = batch.card[ends].astype(np.int32)
        return pa.Table.from_arrays(
            [
                pa.array(batch.group_id, pa.int64()),
                decimals(self.position),
                pa.array(batch.events + batch.sizes, pa.int64()),
                pa.array(card, mask=card < 0),
                self._fees(),
            ],
            schema=STATE,
        )


def _bits(valid: Mask) -> Mask | None:
    """A validity mask, where something is invalid."""
    return None if valid.all() else valid
