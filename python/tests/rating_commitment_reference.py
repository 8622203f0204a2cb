"""A slow second opinion on commitments: hour by hour, one row at a time, in exact fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from rating_reference import UNIT, stored

HOUR = timedelta(hours=1)
Terms = dict[str, Any]  # a row of a commitments file
Units = dict[str, dict[int, Fraction]]  # by commitment and class of usage


class Used(NamedTuple):
    """A row of usage."""

    usage_id: str
    class_id: int
    starts_at: datetime
    ends_at: datetime
    quantity: Fraction
    unit_price: Fraction


class Draw(NamedTuple):
    """What usage, or nothing, draws on a commitment in an hour."""

    commitment_id: str
    hour: datetime
    usage_id: str | None
    drawn: Fraction
    covered_quantity: Fraction
    covered_amount: Fraction
    amortised_fee: Fraction
    recurring_fee: Fraction


class Part:
    """What an hour has of a row of usage and no commitment covers yet."""

    def __init__(self, used: Used, quantity: Fraction, amount: Fraction) -> None:
        self.used, self.quantity, self.amount = used, quantity, amount


def number(terms: Terms, name: str) -> Fraction:
    return Fraction(terms.get(name) or 0)


def is_balance(terms: Terms) -> bool:
    return terms["kind"] == "prepaid" and not is_hourly(terms)


def is_hourly(terms: Terms) -> bool:
    return bool(terms.get("quantity_per_hour") or terms.get("amount_per_hour"))


def hours_between(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    """Hours of the clock that begin from a time on and before another."""
    hour = starts_at.replace(minute=0, second=0, microsecond=0)
    hour += HOUR * (hour < starts_at)
    hours = []
    while hour < ends_at:
        hours.append(hour)
        hour += HOUR
    return hours


def precedence(terms: Terms) -> tuple[Any, ...]:
    """What covers first: a quantity, then money, then balances; discount, cost, end, id."""
    hours = hours_between(terms["starts_at"], terms["ends_at"])
    names = ("quantity_per_hour", "amount_per_hour", "upfront_fee")
    committed = next(number(terms, name) for name in names if number(terms, name))
    fees = number(terms, "upfront_fee") / len(hours) + number(terms, "recurring_fee_per_hour")
    return (
        is_balance(terms), not terms.get("quantity_per_hour"), -number(terms, "discount_percent"),
        fees / committed, hours[-1], terms["commitment_id"],
    )  # fmt: skip


def referred(
    commitments: list[Terms],
    usage: list[Used],
    units: Units,
    starts_at: datetime,
    ends_at: datetime,
) -> Iterator[Draw]:
    """All draws in the hours of a span."""
    parts = parts_of(usage)
    position: dict[str, Fraction] = defaultdict(Fraction)  # of balances
    for hour in hours_between(starts_at, ends_at):
        for terms in sorted(commitments, key=precedence):
            hours = hours_between(terms["starts_at"], terms["ends_at"])
            if hour in hours:
                yield from draws(terms, hour, hours, parts[hour], units, position)


def parts_of(usage: list[Used]) -> dict[datetime, list[Part]]:
    """Usage in equal parts in the hours that it touches; the last one takes the rest."""
    parts: dict[datetime, list[Part]] = defaultdict(list)
    for used in sorted(usage):
        if used.quantity <= 0 or used.unit_price < 0:
            continue
        first = used.starts_at.replace(minute=0, second=0, microsecond=0)
        hours = hours_between(first, used.ends_at) or [first]
        totals = (used.quantity, stored(used.quantity * used.unit_price))
        each = [floor(total / len(hours) / UNIT) * UNIT for total in totals]
        for hour in hours[:-1]:
            parts[hour].append(Part(used, *each))
        rest = [total - part * (len(hours) - 1) for total, part in zip(totals, each, strict=True)]
        parts[hours[-1]].append(Part(used, *rest))
    return parts


def draws(
    terms: Terms,
    hour: datetime,
    hours: list[datetime],
    parts: list[Part],
    units: Units,
    position: dict[str, Fraction],
) -> Iterator[Draw]:
    """Draws on a commitment in an hour; takes them off the parts and the balance."""
    key = terms["commitment_id"]
    of_class = units.get(key, {})
    quantity = number(terms, "quantity_per_hour")
    committed = quantity or number(terms, "amount_per_hour") or number(terms, "upfront_fee")
    at = position[key] if is_balance(terms) else Fraction(0)
    fee = number(terms, "upfront_fee")
    if not is_balance(terms):
        each = floor(fee / len(hours) / UNIT) * UNIT
        fee = each if hour != hours[-1] else fee - each * (len(hours) - 1)

    def drawn(before: Fraction, after: Fraction) -> tuple[Fraction, Fraction, Fraction]:
        totals = (committed, fee, number(terms, "recurring_fee_per_hour"))
        first, drawn_fee, recurring = (
            stored(total * after / committed) - stored(total * before / committed)
            for total in totals
        )
        return first, drawn_fee, recurring

    eligible = [part for part in parts if part.used.class_id in of_class and part.quantity > 0]
    if quantity:
        eligible.sort(key=lambda part: -part.used.unit_price / of_class[part.used.class_id])
    for part in eligible:
        keep = 1 - number(terms, "discount_percent") / 100
        need = part.quantity * of_class[part.used.class_id] if quantity else part.amount * keep
        takes = min(need, committed - at)
        if takes > 0:
            covered = (
                stored(part.quantity * takes / need), stored(part.amount * takes / need)
            )  # fmt: skip
            part.quantity, part.amount = part.quantity - covered[0], part.amount - covered[1]
            first, *fees = drawn(at, at + takes)
            yield Draw(key, hour, part.used.usage_id, first, *covered, *fees)
            at += takes
    if is_balance(terms):
        position[key] = at
    if at < committed and not (is_balance(terms) and hour != hours[-1]):
        first, *fees = drawn(at, committed)
        yield Draw(key, hour, None, first, Fraction(0), Fraction(0), *fees)
