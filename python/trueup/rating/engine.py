"""Rows of usage in order, priced as differences of what their period costs.

Usage comes in batches whose rows stand in order: all rows of a group together, in event time. A
group is what fills tiers together: an account, contract or resource with a SKU and a period. A row
costs what the period costs after it less what it cost before it, by the row's own version of the
card. What a group had used before a batch is its state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trueup.rating import models
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
    narrow,
    stored,
    wide,
)
from trueup.rating.rounding import divide
from trueup.rating.units import LIMIT, Plan, Plans, digits_of, plans_of

# Decimals that int64 usage is tried with, before Python integers.
SCALES = (3, 6, 9, 12, 15, SCALE)
TIER = pa.struct([("tier", pa.int16()), ("quantity", DECIMAL), ("amount", DECIMAL)])
RATED = pa.schema(
    {
        "amount": DECIMAL,
        "unrounded_amount": DECIMAL,
        "unpriced_quantity": DECIMAL,
        "unpriced_reason": pa.string(),
        "tiers": pa.list_(pa.field("item", TIER, nullable=False)),
    }
)
STATE = pa.schema(
    {
        "group_id": pa.int64(),
        "position": DECIMAL,
        "events": pa.int64(),
        "card": pa.int32(),
        "fees": pa.string(),
    }
)
NO_CARD, NO_QUANTITY = "card_missing", "quantity_missing"
BEYOND, TOO_LARGE = "beyond_last_tier", "amount_too_large"


@dataclass(frozen=True)
class Rated:
    """A batch's rows priced, and the state of its groups after it.

    `rows` (schema RATED), one for each row of usage:
        amount: what the row adds to its period, rounded as the card says, in its currency. Null
            where nothing of the row is priced.
        unrounded_amount: the same before the card's rounding.
        unpriced_quantity: what no tier prices, in the card's unit; of a row without a price, its
            quantity.
        unpriced_reason: why, by name: card_missing, quantity_missing, a defect of the card,
            beyond_last_tier, amount_too_large. Null where all is priced.
        tiers: what the row took in each tier, before discounts; a restated tier gives back.

    `state` (schema STATE), one for each group: quantity and number of events so far, the last
    event's card, and of a percentage the fees so far by that card, an exact fraction.
    """

    rows: pa.Table
    state: pa.Table


def rate_batches(
    batches: Iterable[pa.RecordBatch | pa.Table], cards: Cards, state: pa.Table | None = None
) -> Iterator[pa.Table]:
    """Price batches that follow one another; a group may go on over their borders.

    Args:
        batches: usage as `rate` takes it, in order.
        cards: the cards that the usage's numbers mean.
        state: of groups that were rated in earlier runs.

    Yields:
        For each batch its rows, as in Rated.
    """
    last: pa.Table | None = None
    for batch in batches:
        rated = rate(batch, cards, _joined(state, last))
        if rated.state.num_rows:
            last = rated.state.slice(rated.state.num_rows - 1)
        yield rated.rows


def _joined(state: pa.Table | None, last: pa.Table | None) -> pa.Table | None:
    """A state in which one group has gone on."""
    if state is None or last is None:
        return last if state is None else state
    others = state.filter(pc.not_equal(state["group_id"], last["group_id"][0]))
    return pa.concat_tables([others, last])


def rate(usage: pa.RecordBatch | pa.Table, cards: Cards, state: pa.Table | None = None) -> Rated:
    """Price a batch of usage.

    Args:
        usage: `group_id` (int64), `card` (number in `cards.index`, null where none prices it) and
            `quantity` (decimal), in order.
        cards: the cards.
        state: of groups that have been rated before; its cards are numbers of the same cards.
    """
    batch = _Batch.of(usage, state)
    result = _Result(batch)
    if len(batch.card):
        todo = np.ones(len(batch.starts), bool)
        own = batch.quantity.type.scale
        for scale in [*(scale for scale in SCALES if scale < own), *sorted({own, SCALE})]:
            todo &= ~_rate_narrow(batch, cards, scale, todo, result)
            if not todo.any():
                break
        if todo.any():
            _rate_part(batch, cards, _Part.wide(batch, todo), result)
    return Rated(result.table(cards), result.state())


@dataclass(frozen=True)
class _Batch:
    """A batch's columns; starts, sizes and what was before by group."""

    card: Ints  # -1: none
    quantity: pa.Array
    is_known: Mask
    starts: Ints
    sizes: Ints
    group_id: Ints
    position: pa.Array
    events: Ints
    fees: list[Fraction | None]
    fees_card: Ints  # -1: none
    opened: Mask

    @classmethod
    def of(cls, usage: pa.RecordBatch | pa.Table, state: pa.Table | None) -> _Batch:
        """Find the groups of a batch and what is known of them."""
        group = _column(usage, "group_id").to_numpy(zero_copy_only=False)
        quantity = _column(usage, "quantity")
        is_known = pc.is_valid(quantity).to_numpy(zero_copy_only=False)
        quantity = pc.fill_null(quantity, 0)
        changes = np.ones(len(group), bool)
        changes[1:] = group[1:] != group[:-1]
        starts = np.flatnonzero(changes)
        group_id = group[starts]
        return cls(
            card=pc.fill_null(_column(usage, "card"), -1).to_numpy(zero_copy_only=False),
            quantity=quantity,
            is_known=is_known,
            starts=starts,
            sizes=np.diff(starts, append=len(group)),
            group_id=group_id,
            **_before(group_id, state),
        )


def _column(table: pa.RecordBatch | pa.Table, name: str) -> pa.Array:
    """A column in one piece."""
    column = table[name]
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _before(group_id: Ints, state: pa.Table | None) -> dict[str, Any]:
    """What the state knows of groups."""
    if state is None or not state.num_rows:
        state = STATE.empty_table()
    row = pc.index_in(pa.array(group_id), _column(state, "group_id"))
    known = state.take(row)
    return {
        "position": pc.fill_null(_column(known, "position"), 0),
        "events": pc.fill_null(_column(known, "events"), 0).to_numpy(),
        "fees": [fees and Fraction(fees) for fees in known["fees"].to_pylist()]
        if known["fees"].null_count < known.num_rows
        else [None] * known.num_rows,
        "fees_card": pc.fill_null(_column(known, "card"), -1).to_numpy(),
        "opened": row.is_valid().to_numpy(zero_copy_only=False),
    }


@dataclass(frozen=True)
class _Part:
    """Groups of a batch whose usage is counted in one scale, and their rows."""

    scale: int
    groups: Ints  # numbers of the groups in the batch
    rows: Any  # numbers of the rows in the batch, or a slice of all
    sizes: Ints
    usage: Ints  # by row
    before: Ints  # by group

    @property
    def starts(self) -> Ints:
        """First row of each group within the part."""
        return np.cumsum(self.sizes) - self.sizes

    @classmethod
    def of(cls, batch: _Batch, scale: int, chosen: Mask, usage: Ints, before: Ints) -> _Part:
        """The chosen groups, from the usage of all rows and the position of all groups."""
        if chosen.all():
            return cls(scale, np.arange(len(chosen)), slice(None), batch.sizes, usage, before)
        rows = np.flatnonzero(np.repeat(chosen, batch.sizes))
        return cls(
            scale, np.flatnonzero(chosen), rows, batch.sizes[chosen], usage[rows], before[chosen]
        )

    @classmethod
    def wide(cls, batch: _Batch, chosen: Mask) -> _Part:
        """The chosen groups in Python integers."""
        rows = np.flatnonzero(np.repeat(chosen, batch.sizes))
        usage = wide(batch.quantity.take(pa.array(rows)), SCALE)
        groups = np.flatnonzero(chosen)
        before = wide(batch.position.take(pa.array(groups)), SCALE)
        return cls(SCALE, groups, rows, batch.sizes[chosen], usage, before)


def _rate_narrow(batch: _Batch, cards: Cards, scale: int, todo: Mask, result: _Result) -> Mask:
    """Price the groups still to do that int64 holds in a scale; returns which these were."""
    usage, fits = narrow(batch.quantity, scale)
    before, fits_before = narrow(batch.position, scale)
    size = np.abs(usage)
    most = LIMIT // max(len(usage), 1)
    fits &= (size >= 0) & (size <= most)
    chosen = todo & fits_before & np.logical_and.reduceat(fits, batch.starts)
    if not chosen.any():
        return chosen
    plans = plans_of(cards, scale, False)
    # the largest position on the way is at most all that was used and given back
    reach = np.add.reduceat(np.minimum(size, most), batch.starts)
    chosen &= np.abs(before) <= LIMIT - reach
    reach += np.abs(before)
    chosen &= _is_safe(batch, plans, reach)
    if chosen.any():
        _rate_part(batch, cards, _Part.of(batch, scale, chosen, usage, before), result)
    return chosen


def _is_safe(batch: _Batch, plans: Plans, reach: Ints) -> Mask:
    """Whether int64 is safe for all cards of each group, given what its usage may reach."""
    most_reach, most_events = np.full((2, len(plans.plan) + 1), LIMIT)
    for plan in plans.plans:
        most_reach[plan.card], most_events[plan.card] = plan.reach, plan.events
    runs = _run_starts(batch.card, batch.starts)
    card = batch.card[runs]
    group = np.searchsorted(batch.starts, runs, "right") - 1
    is_safe = (reach[group] <= most_reach[card]) & (batch.sizes[group] <= most_events[card])
    safe = np.logical_and.reduceat(is_safe, np.searchsorted(runs, batch.starts))
    for number, fees in enumerate(batch.fees):
        if fees is not None and safe[number]:
            safe[number] = _counts(fees, batch.fees_card[number], plans) is not None
    return safe


def _counts(fees: Fraction, card: int, plans: Plans) -> int | None:
    """Fees in counts of a card's unit of money; none where it is not fine enough or too small."""
    if card < 0 or plans.plan[card] < 0:
        return 0
    counts = fees * plans.plans[plans.plan[card]].terms.per_currency
    return int(counts) if counts.denominator == 1 and abs(counts) < LIMIT // 4 else None


def _run_starts(card: Ints, starts: Ints) -> Ints:
    """Where a group or its card begins."""
    changes = np.ones(len(card), bool)
    changes[1:] = card[1:] != card[:-1]
    changes[starts] = True
    return np.flatnonzero(changes)


def _rate_part(batch: _Batch, cards: Cards, part: _Part, result: _Result) -> None:
    """Price groups whose usage is in one scale, plan by plan."""
    plans = plans_of(cards, part.scale, part.usage.dtype == object)
    starts = part.starts
    summed = np.cumsum(part.usage)  # may wrap around; the differences within a group do not
    offset = np.repeat(summed[starts] - part.usage[starts] - part.before, part.sizes)
    position = summed - offset
    number = np.arange(len(position)) - np.repeat(starts - batch.events[part.groups], part.sizes)
    result.keep_state(part, position)

    card = batch.card[part.rows]
    runs = _run_starts(card, starts)
    sizes = np.diff(runs, append=len(card))
    plan_of_run = np.where(card[runs] < 0, -1, plans.plan[card[runs]])
    opens = np.zeros(len(card), bool)
    opens[starts] = True
    first = opens[runs]
    group = part.groups[np.searchsorted(starts, runs, "right") - 1]
    for index, plan in enumerate(plans.plans):
        chosen = plan_of_run == index
        if not chosen.any():
            continue
        is_row = np.repeat(chosen, sizes)
        run, size = runs[chosen], sizes[chosen]
        points = Points(
            plan=plan,
            place=plans.place[card[run]],
            sizes=size + 1,
            usage=_with_starts(position, is_row, run, position[run] - part.usage[run]),
            opened=_with_starts(
                np.ones(len(card), bool), is_row, run, ~first[chosen] | batch.opened[group[chosen]]
            ),
            events=_with_starts(number + 1, is_row, run, number[run]),
            carried=_carried(batch, plan, group[chosen], first[chosen], card[run], position.dtype),
        )
        rows = np.flatnonzero(is_row)
        if not isinstance(part.rows, slice):
            rows = part.rows[rows]
        result.add(points, rows, card[run], group[chosen])


def _with_starts(values: Ints, is_row: Mask, runs: Ints, starts: Any) -> Ints:
    """Values of rows, each run of them with a value before it."""
    chosen = values if is_row.all() else values[is_row]
    at = np.cumsum(is_row)[runs] - 1 if not is_row.all() else runs
    return np.insert(chosen, at, starts)


def _carried(batch: _Batch, plan: Plan, group: Ints, first: Mask, card: Ints, kind: Any) -> Ints:
    """Percentage fees of the same card before each run; they begin anew with another version."""
    carried = np.zeros(len(group), kind)
    if plan.terms.family == "percentage":
        for run in np.flatnonzero(first & (batch.fees_card[group] == card)):
            fees = batch.fees[group[run]]
            if fees is not None:
                carried[run] = int(fees * plan.terms.per_currency)
    return carried


class _Result:
    """Columns of a batch's result, filled part by part."""

    def __init__(self, batch: _Batch) -> None:
        count, groups = len(batch.card), len(batch.starts)
        self.batch = batch
        self.amount, self.exact, self.beyond = np.zeros((3, count, 2), np.int64)
        self.is_priced, self.is_beyond, self.is_whole = np.zeros((3, count), bool)
        self.tiers: list[tuple[Ints, Ints, Limbs, Limbs]] = []
        self.position = np.zeros((groups, 2), np.int64)
        self.fees: list[str | None] = [None] * groups

    def keep_state(self, part: _Part, position: Ints) -> None:
        """Remember where groups stand after their last row."""
        self.position[part.groups] = stored(position[np.cumsum(part.sizes) - 1], part.scale)

    def add(self, points: Points, rows: Ints, card: Ints, group: Ints) -> None:
        """Price points: their differences belong to rows of the batch."""
        tiers, beyond = models.tiers_of(points)
        rounded, exact = models.amounts(points, tiers)
        terms = points.plan.terms
        is_step = np.ones(len(exact), bool)
        is_step[points.starts] = False
        at: Any = slice(None) if len(rows) == len(self.is_priced) else rows
        steps = [_steps(values, terms.per_currency, is_step) for values in (rounded, exact)]
        if terms.rounding_unit == 0:
            steps[0] = steps[1]
        fits = np.ones(len(rows), bool)
        for column, (numbers, digits) in zip((self.amount, self.exact), steps, strict=True):
            fits &= self._put(column, at, numbers, digits)
        self.is_priced[at] = fits
        self.is_whole[at] = True
        if beyond.any():
            numbers, digits = _steps(beyond, terms.per_unit, is_step)
            self._put(self.beyond, at, numbers, digits)
            self.is_beyond[at] = numbers != 0
            quantity, _ = _steps(
                models.chargeable(points, models.converted(points)), terms.per_unit, is_step
            )
            self.is_priced[at] &= (numbers == 0) | (numbers != quantity)
        self._add_tiers(points, tiers, is_step, rows)
        if terms.family == "percentage":
            ends = np.cumsum(points.sizes) - 1
            for number, fees in zip(group, tiers[0].amount[ends], strict=True):
                self.fees[number] = str(Fraction(int(fees), terms.per_currency))

    def _put(self, column: Limbs, at: Any, numbers: Ints, digits: int) -> Mask:
        """Write numbers into a column; returns which fit."""
        fits = np.ones(len(numbers), bool)
        if numbers.dtype == object:
            fits = abs(numbers) < LARGEST
            numbers = np.where(fits, numbers, 0)
        column[at] = stored(numbers, digits)
        return fits

    def _add_tiers(
        self, points: Points, tiers: list[models.TierAmounts], is_step: Mask, rows: Ints
    ) -> None:
        """Write what rows took in each tier, where they took something."""
        terms = points.plan.terms
        for number, tier in enumerate(tiers, 1):
            quantity, digits = _steps(tier.quantity, terms.per_unit, is_step)
            amount, money_digits = _steps(tier.amount, terms.per_currency, is_step)
            took = (quantity != 0) | (amount != 0)
            if took.dtype == object or quantity.dtype == object:
                took &= (abs(quantity) < LARGEST) & (abs(amount) < LARGEST)
            chosen = np.flatnonzero(took)
            if len(chosen):
                self.tiers.append(
                    (
                        rows[chosen],
                        np.full(len(chosen), number, np.int16),
                        stored(quantity[chosen], digits),
                        stored(amount[chosen], money_digits),
                    )
                )

    def table(self, cards: Cards) -> pa.Table:
        """The rows priced."""
        batch = self.batch
        reason = self._reasons(cards)
        columns = [decimals(self.amount, valid=_bits(self.is_priced))]
        columns.append(decimals(self.exact, valid=_bits(self.is_priced)))
        unpriced = decimals(self.beyond)
        if not self.is_whole.all():
            unpriced = pc.if_else(pa.array(self.is_whole), unpriced, batch.quantity.cast(DECIMAL))
        return pa.Table.from_arrays([*columns, unpriced, reason, self._tiers()], schema=RATED)

    def _reasons(self, cards: Cards) -> pa.Array:
        """Why rows are unpriced, the first reason that holds."""
        batch = self.batch
        broken = sorted({name for name in cards.broken if name is not None})
        names = [None, NO_CARD, NO_QUANTITY, BEYOND, TOO_LARGE, *broken]
        code = np.zeros(len(batch.card), np.int8)
        code[self.is_whole & ~self.is_priced] = names.index(TOO_LARGE)
        code[self.is_beyond] = names.index(BEYOND)
        code[~batch.is_known] = names.index(NO_QUANTITY)
        by_card = np.array([*(names.index(name) for name in cards.broken), names.index(NO_CARD)])
        code = np.where(
            self.is_whole & batch.is_known,
            code,
            np.where(batch.is_known, by_card[batch.card], names.index(NO_QUANTITY)),
        )
        return pa.array(names, pa.string()).take(pa.array(code))

    def _tiers(self) -> pa.Array:
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
                decimals(np.ascontiguousarray(amount)),
            ],
            fields=list(TIER),
        )
        return pa.ListArray.from_arrays(pa.array(offsets), items, RATED.field("tiers").type)

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
                pa.array(self.fees, pa.string()),
            ],
            schema=STATE,
        )


def _bits(valid: Mask) -> Mask | None:
    """A validity mask, where something is invalid."""
    return None if valid.all() else valid


def _steps(values: Ints, unit: int, is_step: Mask) -> tuple[Ints, int]:
    """Differences from the point before, in counts of 10 ** -digits; and the digits.

    What has more than 18 decimals is first rounded to 18, half up: the differences still add up.
    """
    digits = digits_of(unit)
    if values.dtype == object:
        values, digits = divide(values * 10**SCALE, unit, "half_up"), SCALE
    if digits is None:
        raise ValueError(f"int64 counts of 1/{unit} have no decimals of storage precision.")
    return np.diff(values)[is_step[1:]], digits
