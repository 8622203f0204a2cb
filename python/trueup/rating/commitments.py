"""What commitments cover of usage, hour by hour, and what of them nothing uses.

A commitment is of a quantity (reservation, committed use) or of money (savings plan) in each hour
of its term, and what an hour does not use is lost. A prepaid one that states neither is a balance:
its fee, drawn down over the term and lost at its end. An hour belongs to a term that it begins in.

Which usage is covered:

1. Commitments of a quantity come before those of money, and these before balances: what fits
   least usage goes first. Among them: the greatest discount, the lowest cost of a committed unit,
   the earliest end, the id.
2. Within an hour, a commitment of a quantity covers usage of the highest price per committed unit
   first, which saves most. Money saves the same share of all usage. Ties go by usage_id.

Amounts are whole numbers of 10 ** -18. The parts of a total are differences of rounded positions
in it, so that they sum to it exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from trueup.rating.contract import amortised, exact
from trueup.rating.hours import UNIT, HourlyUsage, hours_before
from trueup.rating.money import DECIMAL, SCALE, Ints, decimals, stored
from trueup.rating.rounding import divide

PREPAID = "prepaid"
NUMBERS = (
    "quantity_per_hour", "amount_per_hour", "upfront_fee", "recurring_fee_per_hour",
    "discount_percent",
)  # fmt: skip
AMOUNTS = ("drawn", "covered_quantity", "covered_amount", "amortised_fee", "recurring_fee")
DRAWS = pa.schema(
    {
        "commitment_id": pa.string(),
        "hour_start": pa.timestamp("us"),
        "usage_id": pa.string(),
        **dict.fromkeys(AMOUNTS, DECIMAL),
    }
)


# --- Terms


@dataclass(frozen=True)
class Commitment:
    """What is committed, for how long, and what it costs; amounts in storage units."""

    commitment_id: str
    is_of_money: bool
    is_balance: bool
    committed: int  # in an hour; of a balance, in its term
    discount: Fraction  # percent off the undiscounted price of what it covers
    first_hour: int  # since 1970
    end_hour: int  # the first one after the term
    upfront_fee: int
    recurring_fee: int  # of each hour

    @property
    def hours(self) -> int:
        """How many hours the term has."""
        return self.end_hour - self.first_hour

    @property
    def precedence(self) -> tuple[Any, ...]:
        """Sorts commitments into the order in which they cover usage."""
        cost = (Fraction(self.upfront_fee, self.hours) + self.recurring_fee) / self.committed
        order = (-self.discount, cost, self.end_hour, self.commitment_id)
        return (self.is_balance, self.is_of_money, *order)


def read_commitments(
    rows: Iterable[Mapping[str, Any]],
) -> tuple[tuple[Commitment, ...], dict[str, str]]:
    """Read rows of commitments files (inputs.md), whose numbers are decimals.

    Returns:
        The commitments in the order in which they cover usage, and by id the defect of those that
        cannot be applied: term_empty, number_negative, committed_twice, nothing_committed,
        discount_too_large, balance_recurs.
    """
    sound, defects = [], {}
    for row in rows:
        read = _read(row)
        if isinstance(read, str):
            defects[str(row["commitment_id"])] = read
        else:
            sound.append(read)
    return tuple(sorted(sound, key=lambda commitment: commitment.precedence)), defects


def _read(row: Mapping[str, Any]) -> Commitment | str:
    """A commitment, or its defect."""
    numbers = [Fraction(row.get(name) or 0) for name in NUMBERS]
    quantity, money, upfront, recurring, discount = numbers
    first_hour, end_hour = int(hours_before(row["starts_at"])), int(hours_before(row["ends_at"]))
    is_balance = row["kind"] == PREPAID and not quantity and not money
    committed = upfront if is_balance else quantity or money
    if end_hour <= first_hour:
        return "term_empty"
    if min(numbers) < 0:
        return "number_negative"
    if quantity and money:
        return "committed_twice"
    if not committed:
        return "nothing_committed"
    if discount >= 100:
        return "discount_too_large"
    if is_balance and recurring:
        return "balance_recurs"
    return Commitment(
        commitment_id=str(row["commitment_id"]),
        is_of_money=not quantity,
        is_balance=is_balance,
        committed=int(committed * UNIT),
        discount=discount,
        first_hour=first_hour,
        end_hour=end_hour,
        upfront_fee=int(upfront * UNIT),
        recurring_fee=int(recurring * UNIT),
    )


# --- Application


class Applied(NamedTuple):
    """Hours of commitments, split up whole, and what balances have come to.

    `draws` (schema DRAWS), one row for each commitment, hour and usage that draws on it:
        usage_id: null for what nothing used of the hour, or in its last one of a balance.
        drawn: of what is committed, in its unit: quantity or money.
        covered_quantity: of the usage, in the usage's unit.
        covered_amount: the same at the undiscounted price.
        amortised_fee, recurring_fee: part of the hour's fees. An upfront fee is spread over the
            hours straight line, the last one taking the rest; that of a balance is what is drawn.

    `balances`: what is drawn so far, by commitment: exactly, in storage units.
    """

    draws: pa.Table
    balances: dict[str, Fraction]


def apply_commitments(
    commitments: Iterable[Commitment],
    usage: pa.Table,
    eligible: pa.Table,
    span: tuple[Any, Any],
    balances: Mapping[str, Fraction] | None = None,
) -> Applied:
    """Hold commitments against usage in the hours of a span, use it or lose it.

    Args:
        commitments: in the order in which they cover usage.
        usage: all that touches the span, in any order: `usage_id` (string), `class_id` (what is
            alike in what may cover it; of any type), `starts_at` and `ends_at` (UTC), `quantity`
            and the undiscounted `unit_price` (decimals of storage precision).
        eligible: which classes a commitment covers: `commitment_id`, `class_id` and `units`
            (decimal): above zero, how many committed units a unit of the usage takes (size
            flexibility); not read where money is committed.
        span: first time and end (exclusive), on hours of the clock; spans follow one another.
        balances: of the spans before.
    """
    first, end = (int(hours_before(time)) for time in span)
    units = _units(eligible)
    hourly = HourlyUsage.of(usage, {each for of in units.values() for each in of}, (first, end))
    drawn = dict(balances or {})
    tables = [DRAWS.empty_table()]
    for commitment in commitments:
        hours = (max(first, commitment.first_hour), min(end, commitment.end_hour))
        if hours[0] < hours[1]:
            of_classes = units.get(commitment.commitment_id, {})
            tables.append(_drawn(commitment, hourly, of_classes, hours, drawn))
    return Applied(pa.concat_tables(tables), drawn)


def _units(eligible: pa.Table) -> dict[str, dict[Any, Fraction]]:
    """Committed units of a unit of usage, by commitment and class."""
    units: dict[str, dict[Any, Fraction]] = {}
    for row in eligible.to_pylist():
        units.setdefault(row["commitment_id"], {})[row["class_id"]] = Fraction(row["units"])
    return units


@dataclass(frozen=True)
class _Split:
    """Draws on a commitment: from a position in what is committed to another.

    Positions are counts of 1 / `scale` storage units and reach to `room`. They begin anew in each
    hour, but for a balance.
    """

    commitment: Commitment
    scale: int
    hour: Ints
    before: Ints
    after: Ints

    @property
    def room(self) -> int:
        """The last position."""
        return self.commitment.committed * self.scale

    def rest(self, hours: tuple[int, int], opened: int) -> _Split:
        """What nothing has drawn of these hours, where it is lost, beyond a balance's opening."""
        of = self.commitment
        if of.is_balance:
            hour = np.arange(max(hours[0], of.end_hour - 1), hours[1])
            before = exact(np.zeros(len(hour), np.int64)) + self.after.max(initial=opened)
        else:
            hour = np.arange(*hours)
            before = exact(np.zeros(len(hour), np.int64))
            before[self.hour - hours[0]] = self.after  # positions grow: the last one stays
        is_left = (before < self.room).astype(bool)
        after = exact(np.zeros(len(hour), np.int64)) + self.room
        return _Split(of, self.scale, hour[is_left], before[is_left], after[is_left])

    def amounts(self) -> dict[str, Ints]:
        """What is drawn, and its part of the hours' fees."""
        of = self.commitment
        fees = exact([of.upfront_fee]) if of.is_balance else amortised(of.upfront_fee, of.hours)
        upfront = fees[(self.hour - of.first_hour) * (not of.is_balance)]
        return {
            "drawn": self._between(1, self.scale),
            "amortised_fee": self._between(upfront, self.room),
            "recurring_fee": self._between(of.recurring_fee, self.room),
        }

    def _between(self, total: Any, whole: int) -> Ints:
        """Parts of totals, as differences of rounded positions."""
        after = divide(self.after * total, whole, "half_up")
        return exact(after - divide(self.before * total, whole, "half_up"))


def _drawn(
    commitment: Commitment,
    hourly: HourlyUsage,
    units: dict[Any, Fraction],
    hours: tuple[int, int],
    balances: dict[str, Fraction],
) -> pa.Table:
    """Draws on a commitment in some hours of its term; takes them off the usage and the balance."""
    chosen = _in_order(commitment, hourly, units, hours)
    needed, scale = _needed(commitment, hourly, units, chosen)
    opened = int(balances.get(commitment.commitment_id, 0) * scale)
    hour = hourly.hour[chosen]
    window = hour * (not commitment.is_balance)
    before, after = _positions(needed, window, opened, commitment.committed * scale)

    draws = (after > before).astype(bool)
    chosen, needed = chosen[draws], needed[draws]
    used = _Split(commitment, scale, hour[draws], before[draws], after[draws])
    taken = used.after - used.before
    quantity = exact(divide(hourly.quantity[chosen] * taken, needed, "half_up"))
    amount = exact(divide(hourly.amount[chosen] * taken, needed, "half_up"))
    hourly.quantity[chosen] -= quantity
    hourly.amount[chosen] -= amount
    if commitment.is_balance:
        balances[commitment.commitment_id] = Fraction(used.after.max(initial=opened), scale)
    covered = {"covered_quantity": quantity, "covered_amount": amount}
    ids = hourly.ids.take(pa.array(hourly.row[chosen]))
    return pa.concat_tables([_table(used, ids, covered), _table(used.rest(hours, opened))])


def _in_order(
    commitment: Commitment, hourly: HourlyUsage, units: dict[Any, Fraction], hours: tuple[int, int]
) -> Ints:
    """The usage that a commitment may cover in some hours, in the order in which it does."""
    is_eligible = np.array([each in units for each in hourly.classes], bool)
    chosen = np.flatnonzero(
        is_eligible[hourly.kind]
        & (hourly.hour >= hours[0])
        & (hourly.hour < hours[1])
        & (hourly.quantity > 0).astype(bool)
    )
    rank = np.zeros(len(chosen), np.int64)
    if not commitment.is_of_money:
        pairs, pair = np.unique(
            np.stack([hourly.price[chosen], hourly.kind[chosen]]), axis=1, return_inverse=True
        )
        savings = [
            hourly.prices[price] / units[hourly.classes[kind]] for price, kind in pairs.T.tolist()
        ]
        place = {saving: n for n, saving in enumerate(sorted(set(savings), reverse=True))}
        rank = np.array([place[saving] for saving in savings], np.int64)[pair.ravel()]
    return chosen[np.lexsort((hourly.row[chosen], rank, hourly.hour[chosen]))]


def _needed(
    commitment: Commitment, hourly: HourlyUsage, units: dict[Any, Fraction], chosen: Ints
) -> tuple[Ints, int]:
    """What usage needs of the commitment to be covered whole: counts of 1 / scale storage units."""
    if commitment.is_of_money:
        kept = 1 - commitment.discount / 100
        return exact(hourly.amount[chosen] * kept.numerator), kept.denominator
    scale = lcm(*(each.denominator for each in units.values()))
    by_class = exact([int(units.get(each, 0) * scale) for each in hourly.classes])
    return exact(hourly.quantity[chosen] * by_class[hourly.kind[chosen]]), scale


def _positions(needed: Ints, window: Ints, opened: int, room: int) -> tuple[Ints, Ints]:
    """Where in what is committed each draw begins and ends; rows of a window stand together."""
    starts = np.flatnonzero(np.diff(window, prepend=-1))
    sizes = np.diff(starts, append=len(window))
    summed = np.cumsum(needed)
    offset = np.repeat(summed[starts] - needed[starts] - opened, sizes)
    after = np.minimum(summed - offset, room)
    return np.minimum(summed - needed - offset, room), after


def _table(
    split: _Split, ids: pa.Array | None = None, covered: Mapping[str, Ints] | None = None
) -> pa.Table:
    """Draws as a table: of usage, or of nothing."""
    count = len(split.hour)
    columns = dict.fromkeys(AMOUNTS, exact(np.zeros(count, np.int64)))
    columns |= split.amounts() | dict(covered or {})
    return pa.table(
        {
            "commitment_id": pa.array([split.commitment.commitment_id] * count, pa.string()),
            "hour_start": split.hour.astype("datetime64[h]").astype("datetime64[us]"),
            "usage_id": pa.nulls(count, pa.string()) if ids is None else ids,
            **{name: decimals(stored(column, SCALE)) for name, column in columns.items()},
        },
        schema=DRAWS,
    )
