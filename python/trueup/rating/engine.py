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

from trueup.rating.batches import Batch, Part, run_starts
from trueup.rating.cards import Cards
from trueup.rating.models import Points
from trueup.rating.money import SCALE, Ints, Mask, narrow
from trueup.rating.results import Result
from trueup.rating.units import LIMIT, Plan, Plans, plans_of

# Decimals that int64 usage is tried with, before Python integers.
SCALES = (3, 6, 9, 12, 15, SCALE)


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
) -> Iterator[Rated]:
    """Price batches that follow one another; a group may go on over their borders.

    Args:
        batches: usage as `rate` takes it, in order.
        cards: the cards that the usage's numbers mean.
        state: of groups that were rated in earlier runs.

    Yields:
        Each batch priced. A group's state is that of the last batch in which it stands.
    """
    last: pa.Table | None = None
    for batch in batches:
        rated = rate(batch, cards, _joined(state, last))
        if rated.state.num_rows:
            last = rated.state.slice(rated.state.num_rows - 1)
        yield rated


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

    What a group uses, with all that it takes back, must stay below 10 ** 20.
    """
    batch = Batch.of(usage, state)
    result = Result(batch)
    if len(batch.card):
        todo = np.ones(len(batch.starts), bool)
        own = batch.quantity.type.scale
        for scale in [*(scale for scale in SCALES if scale < own), *sorted({own, SCALE})]:
            todo &= ~_rate_narrow(batch, cards, scale, todo, result)
            if not todo.any():
                break
        if todo.any():
            _rate_part(batch, cards, Part.wide(batch, todo), result)
    return Rated(result.table(cards), result.state())


def _rate_narrow(batch: Batch, cards: Cards, scale: int, todo: Mask, result: Result) -> Mask:
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
        _rate_part(batch, cards, Part.of(batch, scale, chosen, usage, before), result)
    return chosen


def _is_safe(batch: Batch, plans: Plans, reach: Ints) -> Mask:
    """Whether int64 is safe for all cards of each group, given what its usage may reach."""
    most_reach, most_events = np.full((2, len(plans.plan)), LIMIT)
    for plan in plans.plans:
        most_reach[plan.card], most_events[plan.card] = plan.reach, plan.events
    runs = run_starts(batch.card, batch.starts)
    card = batch.card[runs]
    group = np.searchsorted(batch.starts, runs, "right") - 1
    is_safe = (reach[group] <= most_reach[card]) & (batch.sizes[group] <= most_events[card])
    safe = np.logical_and.reduceat(is_safe, np.searchsorted(runs, batch.starts))
    for number, fees in batch.fees.items():
        safe[number] &= _counts(fees, batch.fees_card[number], plans) is not None
    return safe


def _counts(fees: Fraction, card: int, plans: Plans) -> int | None:
    """Fees in counts of a card's unit of money; none where it is not fine enough or too small."""
    if card < 0 or plans.plan[card] < 0:
        return 0
    counts = fees * plans.plans[plans.plan[card]].terms.per_currency
    return int(counts) if counts.denominator == 1 and abs(counts) < LIMIT // 4 else None


def _rate_part(batch: Batch, cards: Cards, part: Part, result: Result) -> None:
    """Price groups whose usage is in one scale, plan by plan."""
    plans = plans_of(cards, part.scale, part.usage.dtype == object)
    starts = part.starts
    summed = np.cumsum(part.usage)  # may wrap around; the differences within a group do not
    offset = np.repeat(summed[starts] - part.usage[starts] - part.before, part.sizes)
    position = summed - offset
    number = np.arange(len(position)) - np.repeat(starts - batch.events[part.groups], part.sizes)
    result.keep_state(part, position)

    card = batch.card[part.rows]
    runs = run_starts(card, starts)
    sizes = np.diff(runs, append=len(card))
    plan_of_run = plans.plan[card[runs]]
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
        result.add(points, rows, group[chosen])


def _with_starts(values: Ints, is_row: Mask, runs: Ints, starts: Any) -> Ints:
    """Values of rows, each run of them with a value before it."""
    chosen = values if is_row.all() else values[is_row]
    at = np.cumsum(is_row)[runs] - 1 if not is_row.all() else runs
    return np.insert(chosen, at, starts)


def _carried(batch: Batch, plan: Plan, group: Ints, first: Mask, card: Ints, kind: Any) -> Ints:
    """Percentage fees of the same card before each run; they begin anew with another version."""
    carried = np.zeros(len(group), kind)
    if plan.terms.family == "percentage":
        for run in np.flatnonzero(first & (batch.fees_card[group] == card)):
            fees = batch.fees.get(group[run], Fraction(0))
            carried[run] = int(fees * plan.terms.per_currency)
    return carried
