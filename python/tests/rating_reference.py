"""A slow second opinion on the rating library: one row at a time, in exact fractions.

It reads the checked cards, and follows inputs.md in the plainest way that there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from trueup.rating.cards import Card, Cards, Tier

UNIT = Fraction(1, 10**18)
LARGEST = Fraction(10**20)


class Row(NamedTuple):
    """What a row of usage costs."""

    amount: Fraction | None
    unrounded_amount: Fraction | None
    unpriced_quantity: Fraction
    unpriced_reason: str | None
    tiers: list[tuple[int, Fraction, Fraction]]


@dataclass
class Cost:
    """What a period costs at a position."""

    tiers: list[tuple[Fraction, Fraction]]  # quantity and amount before discounts
    rounded: Fraction = Fraction(0)
    exact: Fraction = Fraction(0)
    beyond: Fraction = Fraction(0)
    priced: Fraction = Fraction(0)


@dataclass
class Period:
    """A group: what it has used, and what its percentage fees are by the last card."""

    usage: Fraction = Fraction(0)
    events: int = 0
    card: int | None = None
    fees: Fraction = Fraction(0)
    charged: Fraction = Fraction(0)
    is_open: bool = False


@dataclass
class Reference:
    """Prices rows one after the other, in any order of groups."""

    cards: Cards
    periods: dict[int, Period] = field(default_factory=dict)

    def rate(self, rows: Iterable[tuple[int, int | None, Fraction]]) -> list[Row]:
        return [self.row(*row) for row in rows]

    def row(self, group: int, number: int | None, quantity: Fraction) -> Row:
        period = self.periods.setdefault(group, Period())
        before = period.usage
        if number != period.card:
            period.fees = period.charged = Fraction(0)
        period.usage += quantity
        period.events += 1
        was_open, period.is_open, period.card = period.is_open, True, number
        if number is None:
            return Row(None, None, quantity, "card_missing", [])
        card = self.cards.cards[number]
        if self.cards.broken[number] or card is None:
            return Row(None, None, quantity, self.cards.broken[number], [])
        if card.model == "percentage":
            first = fees(card, period)
            event(card, period, before, quantity)
            last = fees(card, period)
        else:
            first, last = cost(card, before, was_open), cost(card, period.usage, True)
        return difference(first, last)


def difference(first: Cost, last: Cost) -> Row:
    """What the step from one position to another costs, in storage units."""
    amount = stored(last.rounded) - stored(first.rounded)
    exact = stored(last.exact) - stored(first.exact)
    beyond = stored(last.beyond) - stored(first.beyond)
    steps = [
        (number, stored(after[0]) - stored(before[0]), stored(after[1]) - stored(before[1]))
        for number, (before, after) in enumerate(zip(first.tiers, last.tiers, strict=True), 1)
    ]
    tiers = [step for step in steps if step[1] or step[2]]
    tiers = [step for step in tiers if max(abs(step[1]), abs(step[2])) < LARGEST]
    reason = "beyond_last_tier" if beyond else None
    if max(abs(amount), abs(exact)) >= LARGEST:
        return Row(None, None, beyond, reason or "amount_too_large", tiers)
    if beyond and stored(last.priced) == stored(first.priced):
        return Row(None, None, beyond, reason, tiers)
    return Row(amount, exact, beyond, reason, tiers)


def cost(card: Card, usage: Fraction, is_open: bool) -> Cost:
    """What a position costs by a card that prices positions."""
    charged = less_free(card, converted(card, usage))
    last = card.tiers[-1].upper
    priced = charged if last is None else min(charged, last)
    reach = rounded(priced, 0, "up") if card.options["tier_quantity"] == "ceil" else priced
    tiers = []
    for number, tier in enumerate(card.tiers):
        if card.family == "volume":
            quantity = priced if number == tier_of(card, reach) else Fraction(0)
            owes_fee = number == tier_of(card, reach)
        else:
            upper = priced if tier.upper is None else min(priced, tier.upper)
            quantity = upper if number == 0 else max(upper - tier.lower, Fraction(0))
            owes_fee = True
        amount = by_price(card, tier, quantity)
        if owes_fee and is_reached(card, number, reach, is_open):
            amount += tier.flat_fee
        tiers.append((quantity, amount))
    return finished(card, Cost(tiers, beyond=charged - priced, priced=priced))


def tier_of(card: Card, reach: Fraction) -> int:
    """The tier that a position lies in."""
    for number, tier in enumerate(card.tiers[:-1]):
        assert tier.upper is not None
        if reach < tier.upper:
            return number
        if reach == tier.upper and card.options["tier_bound"] == "upper_inclusive":
            return number
    return len(card.tiers) - 1


def is_reached(card: Card, number: int, reach: Fraction, is_open: bool) -> bool:
    """Whether a tier's flat fee is due."""
    if number == 0:
        return is_open if card.options["flat_fee_when"] == "always" else reach > 0
    lower = card.tiers[number].lower
    if card.family == "volume":
        return True
    return reach > lower or (reach == lower and card.options["tier_bound"] == "upper_exclusive")


def by_price(card: Card, tier: Tier, quantity: Fraction) -> Fraction:
    """A quantity by price of a unit, or of packages."""
    if tier.package_size is None:
        return quantity * tier.price
    packages = quantity / tier.package_size
    if card.options["partial_package"] != "exact":
        packages = rounded(packages, 0, card.options["partial_package"])
    return packages * tier.price


def event(card: Card, period: Period, before: Fraction, quantity: Fraction) -> None:
    """Add an event's fee by a percentage card."""
    first, last = converted(card, before), converted(card, before + quantity)
    value = last - first
    charged = less_free(card, last) - less_free(card, first)
    free_events = card.numbers["free_events"]
    is_early = free_events is not None and period.events <= floor(free_events)
    if free_events is not None and not is_early:
        charged = value
    if is_early and card.numbers["free_amount"] is None:
        charged = Fraction(0)
    if charged == 0 and (is_early or value != 0):
        return
    fee = abs(charged) * card.tiers[0].price + (card.numbers["fixed_per_event"] or 0)
    fee = max(fee, card.numbers["per_event_minimum"] or Fraction(0))
    if card.numbers["per_event_maximum"] is not None:
        fee = min(fee, card.numbers["per_event_maximum"])
    period.fees += -fee if value < 0 else fee
    period.charged += charged


def fees(card: Card, period: Period) -> Cost:
    """What the events so far cost."""
    return finished(card, Cost([(period.charged, period.fees)]))


def converted(card: Card, usage: Fraction) -> Fraction:
    """Usage in the card's unit."""
    position = usage / (card.numbers["unit_divisor"] or 1)
    how = card.options["unit_rounding"]
    return position if how == "none" else rounded(position, 0, how)


def less_free(card: Card, position: Fraction) -> Fraction:
    """A position less what is free."""
    names = ["free_quantity", "usage_discount_quantity"]
    names += ["free_amount"] if card.model == "percentage" else []
    free = sum((card.numbers[name] or Fraction(0)) for name in names)
    return position if position < 0 else max(position - free, Fraction(0))


def finished(card: Card, made: Cost) -> Cost:
    """Discount, maximum and rounding."""
    keep = 1 - (card.numbers["discount_percent"] or Fraction(0)) / 100
    scope, scale = card.options["rounding_scope"], card.rounding_scale
    mode, maximum = card.options["rounding_mode"], card.numbers["maximum_amount"]
    amounts = [amount * keep for _, amount in made.tiers]
    made.exact = made.rounded = sum(amounts, Fraction(0))
    if scope == "tier" and scale is not None:
        made.rounded = sum((rounded(amount, scale, mode) for amount in amounts), Fraction(0))
    if maximum is not None:
        made.exact, made.rounded = min(made.exact, maximum), min(made.rounded, maximum)
    if scope != "invoice" and scale is not None:
        made.rounded = rounded(made.rounded, scale, mode)
    return made


def rounded(number: Fraction, scale: int, mode: str) -> Fraction:
    """A number rounded to decimals; below zero as its opposite."""
    size = abs(number) * 10**scale
    whole, rest = floor(size), size - floor(size)
    if mode == "up":
        whole = ceil(size)
    elif (mode == "half_up" and rest >= Fraction(1, 2)) or (
        mode == "half_even"
        and (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1))
    ):
        whole += 1
    return Fraction(whole if number >= 0 else -whole, 10**scale)


def stored(number: Fraction) -> Fraction:
    """A number of storage precision: 18 decimals, half up."""
    return rounded(number, 18, "half_up")


def period(day: date, every: str, anchor: date) -> tuple[date, date]:
    """The period that a day lies in, by walking from the anchor."""
    if every == "never":
        return date.min, date.max
    if every == "day":
        return day, day + timedelta(1)
    months, step = {"month": 1, "quarter": 3, "year": 12}[every], 0
    while later(anchor, step) > day:
        step -= months
    while later(anchor, step + months) <= day:
        step += months
    return later(anchor, step), later(anchor, step + months)


def later(day: date, months: int) -> date:
    """The same day some months later, or the last of that month."""
    month = day.year * 12 + day.month - 1 + months
    first = date(month // 12, month % 12 + 1, 1)
    after = date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(first + timedelta(day.day - 1), after - timedelta(1))
