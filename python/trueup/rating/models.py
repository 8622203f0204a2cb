"""How a card prices the position of a period: amounts as functions of the usage so far.

A position is the usage of a group (account, contract or resource by SKU and period) up to a point
in event time. Each model says what a position costs, tier by tier; a row of usage costs the
difference of the positions after and before it. So whatever way usage is split, its parts add up,
and a volume price restates the period with each row.

Formulas read for one card; the arrays hold many points of many cards. Quantities are counts of
1 / per_unit, amounts counts of 1 / per_currency (`units`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from trueup.rating.money import Ints, Mask, where
from trueup.rating.rounding import divide, to_multiple
from trueup.rating.units import Plan


class TierAmounts(NamedTuple):
    """What a tier holds at each point: quantity, and its amount before discounts."""

    quantity: Ints
    amount: Ints


@dataclass(frozen=True)
class Points:
    """Points of one plan: each run of a group and card starts with the point before its rows.

    Attributes:
        plan: the cards.
        place: which card of the plan, by run.
        sizes: points by run, at least two.
        usage: position in usage counts, by point.
        opened: whether usage was rated in the period up to the point.
        events: number of the event at the point, from 1; before the first it is 0.
        carried: percentage fees of the card before the run, by run.
    """

    plan: Plan
    place: Ints
    sizes: Ints
    usage: Ints
    opened: Mask
    events: Ints
    carried: Ints

    def one(self, name: str) -> Any:
        """A number of the cards, by point; an array of one where all cards have the same."""
        return self._spread(self.plan.one[name])

    def tier(self, name: str, tier: int) -> Any:
        """A number of a tier of the cards, as `one`."""
        return self._spread(self.plan.tier[name][:, tier])

    def _spread(self, by_card: Ints) -> Any:
        if (by_card == by_card[0]).all():
            return by_card[:1]
        return np.repeat(by_card[self.place], self.sizes)

    @property
    def starts(self) -> Ints:
        """Where each run starts."""
        return np.cumsum(self.sizes) - self.sizes


def converted(points: Points) -> Ints:
    """Positions in the card's unit: usage / unit_divisor, rounded where unit_rounding says so."""
    terms = points.plan.terms
    factor, divisor = points.one("factor"), points.one("divisor")
    if terms.unit_rounding == "none":
        return points.usage if np.all(factor == 1) else points.usage * factor
    return divide(points.usage * factor, divisor, terms.unit_rounding) * terms.per_unit


def chargeable(points: Points, position: Ints) -> Ints:
    """Positions less what is free, as far as there is usage; a position below zero stays.

    Taken off are free_quantity, usage_discount_quantity and a percentage's free_amount.
    """
    taken_off = points.one("taken_off")
    if not np.any(taken_off != 0):
        return position
    return position - np.minimum(np.maximum(position, 0), taken_off)


def tiers_of(points: Points) -> tuple[list[TierAmounts], Ints]:
    """What each tier holds at each point, and how much lies beyond the last bounded tier.

    What lies beyond is unpriced: it is in no tier.
    """
    position = chargeable(points, converted(points))
    last = points.tier("upper", points.plan.terms.tier_count - 1)
    priced = np.minimum(position, last)
    beyond = position - priced
    family = {"graduated": graduated, "volume": volume, "percentage": percentage}
    return family[points.plan.terms.family](points, priced), beyond


def graduated(points: Points, position: Ints) -> list[TierAmounts]:
    """Each tier prices its own part: sum over tiers of part x price + flat fee.

    part of tier i = min(max(position - lower, 0), upper - lower); the first goes on below zero.
    With packages: packages begun in the tier x price. The fee is due once a tier is reached.
    """
    reach = _reach(points, position)
    tiers = []
    for tier in range(points.plan.terms.tier_count):
        part = np.minimum(position, points.tier("upper", tier))
        if tier:
            part = np.maximum(part - points.tier("lower", tier), 0)
        amount = _priced(points, part, tier)
        flat_fee = points.tier("flat_fee", tier)
        if np.any(flat_fee != 0):
            amount = amount + where(_is_reached(points, reach, tier), flat_fee, 0)
        tiers.append(TierAmounts(part, amount))
    return tiers


def volume(points: Points, position: Ints) -> list[TierAmounts]:
    """The tier that the position lies in prices all of it: position x price + flat fee."""
    terms = points.plan.terms
    reach = _reach(points, position)
    left = np.ones(len(position), bool)
    tiers = []
    for tier in range(terms.tier_count):
        lies_in = left
        if tier < terms.tier_count - 1:
            upper = points.tier("upper", tier)
            lies_in = left & (reach <= upper if terms.bound_belongs_below else reach < upper)
            left = left & ~lies_in
        quantity = position * lies_in
        amount = _priced(points, quantity, tier)
        flat_fee = points.tier("flat_fee", tier)
        if np.any(flat_fee != 0):
            is_due = lies_in & (_is_reached(points, reach, tier) if tier == 0 else True)
            amount = amount + where(is_due, flat_fee, 0)
        tiers.append(TierAmounts(quantity, amount))
    return tiers


def percentage(points: Points, position: Ints) -> list[TierAmounts]:
    """Each event pays by its value: the sum of the events' fees.

    fee = charged x percent + fixed_per_event, at least per_event_minimum, at most
    per_event_maximum. Charged is the event's part above free_amount (and free quantities); with
    free_events, later events are charged whole, and the first so many as far as free_amount is
    passed (without free_amount: not at all). An event that is free altogether pays nothing. A
    correction gives back what an event of its size pays.
    """
    starts = points.starts
    is_row = np.ones(len(position), bool)
    is_row[starts] = False
    value, charged = _steps(converted(points), is_row), _steps(position, is_row)
    free_events, has_free_amount = points.one("free_events"), points.one("free_amount")
    is_late = (free_events >= 0) & (points.events > free_events)
    is_early = (free_events >= 0) & ~is_late
    charged = where(is_late, value, where(is_early & (has_free_amount == 0), charged * 0, charged))
    is_free = (charged == 0) & (is_early | (value != 0))
    fee = abs(charged) * points.tier("price", 0) + points.one("fixed")
    fee = np.minimum(np.maximum(fee, points.one("event_minimum")), points.one("event_maximum"))
    fee = where(is_row & ~is_free, where(value < 0, -fee, fee), fee * 0)
    summed = np.cumsum(fee)
    before = np.repeat(summed[starts] - points.carried, points.sizes)
    quantity = np.cumsum(where(is_row, charged, charged * 0))
    return [TierAmounts(quantity, summed - before)]


def amounts(points: Points, tiers: list[TierAmounts]) -> tuple[Ints, Ints]:
    """What a position costs: rounded as the card says, and before any rounding.

    Order: tiers; discount_percent off each; the sum; at most maximum_amount. Rounded is each
    tier's discounted amount (scope tier) and the end result (scopes tier and line).
    """
    terms = points.plan.terms
    keep, keep_of = points.one("keep"), points.one("keep_of")
    is_discounted = np.any(keep != keep_of)
    exact = rounded = tiers[0].amount * 0
    for tier in tiers:
        amount = tier.amount * keep // keep_of if is_discounted else tier.amount
        exact = exact + amount
        if terms.rounding_scope == "tier" and terms.rounding_unit:
            rounded = rounded + to_multiple(amount, terms.rounding_unit, terms.rounding_mode)
    if terms.rounding_scope != "tier" or not terms.rounding_unit:
        rounded = exact
    maximum = points.one("maximum")
    exact, rounded = np.minimum(exact, maximum), np.minimum(rounded, maximum)
    if terms.rounding_unit:
        rounded = to_multiple(rounded, terms.rounding_unit, terms.rounding_mode)
    return rounded, exact


def _reach(points: Points, position: Ints) -> Ints:
    """The position that decides which tiers are reached: whole units where the card says so."""
    if points.plan.terms.whole_units_reach:
        return to_multiple(position, points.plan.terms.per_unit, "up")
    return position


def _is_reached(points: Points, reach: Ints, tier: int) -> Any:
    """Whether a tier's flat fee is due."""
    terms = points.plan.terms
    if tier == 0:
        return points.opened if terms.first_fee_always else reach > 0
    lower = points.tier("lower", tier)
    return reach > lower if terms.bound_belongs_below else reach >= lower


def _priced(points: Points, quantity: Ints, tier: int) -> Ints:
    """A quantity by a tier's price, of a unit or of a package."""
    price = points.tier("price", tier)
    if points.plan.terms.packages == "none":
        return quantity * price
    size = points.tier("package_size", tier)
    return divide(quantity, size, points.plan.terms.packages) * price


def _steps(values: Ints, is_row: Mask) -> Ints:
    """Differences from the point before; nothing at the start of a run."""
    steps = values - np.concatenate([values[:1], values[:-1]])
    return where(is_row, steps, steps * 0)
