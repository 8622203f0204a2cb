"""A card's numbers as whole numbers: one unit of quantity and one of money, fine enough for all.

Usage comes in counts of 10 ** -scale. A card turns it into counts of 1 / `per_unit` of its own unit
and prices these into counts of 1 / `per_currency` of its currency. Both are chosen so that every
bound, price, fee and product is a whole number: nothing is rounded but where the card says so.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

import numpy as np

from trueup.rating.cards import Card, Cards
from trueup.rating.money import SCALE, Ints

LIMIT = 2**61  # of what int64 arithmetic may reach here; its sums and differences then fit
WIDE_LIMIT = 10**80
NONE = -1  # no free events


@dataclass(frozen=True)
class Terms:
    """What cards must have in common to be priced by the same array operations."""

    family: str
    packages: str  # none, up or down: how a part of a package counts
    unit_rounding: str
    bound_belongs_below: bool
    whole_units_reach: bool
    first_fee_always: bool
    rounding_scope: str
    rounding_mode: str
    rounding_unit: int  # counts of money that amounts are rounded to; 0: unrounded
    per_unit: int
    per_currency: int
    tier_count: int


@dataclass(frozen=True)
class Plan:
    """Cards of the same terms: for each of their numbers an array with one value a card.

    Attributes:
        terms: what they share.
        card: numbers of the cards.
        one: columns with one value a card: `factor` and `divisor` (usage counts to the card's),
            `taken_off` (counts), `free_events`, `free_amount` (1 if there is one), `fixed`,
            `event_minimum`, `event_maximum`, `keep` and `keep_of` (discount), `maximum`.
        tier: columns with one value a card and tier: `lower`, `upper`, `price`, `flat_fee`,
            `package_size`.
        reach: largest usage count that int64 arithmetic is safe for, by card.
        events: most events of a group that it is safe for, by card.
    """

    terms: Terms
    card: Ints
    one: dict[str, Ints]
    tier: dict[str, Ints]
    reach: Ints
    events: Ints


@dataclass(frozen=True)
class Plans:
    """All cards that can price, by terms; where a card is in its plan, by card number.

    The last place of `plan` and `place` is that of no card, whose number is -1.
    """

    plans: tuple[Plan, ...]
    plan: Ints
    place: Ints


@lru_cache(maxsize=32)
def plans_of(cards: Cards, scale: int, is_wide: bool) -> Plans:
    """The cards in whole numbers.

    Args:
        cards: the cards.
        scale: decimals of the usage counts.
        is_wide: Python integers instead of int64.
    """
    found: dict[Terms, list[tuple[int, _Numbers]]] = defaultdict(list)
    plan_of, place = np.full((2, len(cards.cards) + 1), -1)
    for number, (card, broken) in enumerate(zip(cards.cards, cards.broken, strict=True)):
        if card is not None and broken is None:
            terms, numbers = _whole(card, scale)
            found[terms].append((number, numbers))
    plans = tuple(_plan(terms, members, is_wide) for terms, members in found.items())
    for number, plan in enumerate(plans):
        plan_of[plan.card] = number
        place[plan.card] = np.arange(len(plan.card))
    return Plans(plans, plan_of, place)


@dataclass(frozen=True)
class _Numbers:
    one: dict[str, int]
    tier: dict[str, list[int]]


def _plan(terms: Terms, members: list[tuple[int, _Numbers]], is_wide: bool) -> Plan:
    """Stack the numbers of cards of the same terms."""
    most = WIDE_LIMIT if is_wide else LIMIT
    kind: Any = object if is_wide else np.int64

    def whole(value: int) -> int:
        return max(-most, min(value, most))

    limits = [(0, 0) if is_wide else _limits(terms, numbers) for _, numbers in members]
    return Plan(
        terms=terms,
        card=np.array([number for number, _ in members]),
        one={
            name: np.array([whole(numbers.one[name]) for _, numbers in members], kind)
            for name in members[0][1].one
        },
        tier={
            name: np.array([[*map(whole, numbers.tier[name])] for _, numbers in members], kind)
            for name in members[0][1].tier
        },
        reach=np.array([reach for reach, _ in limits]),
        events=np.array([events for _, events in limits]),
    )


def _whole(card: Card, scale: int) -> tuple[Terms, _Numbers]:
    """A card's terms, and its numbers in the smallest units that hold them."""
    options, numbers = card.options, card.numbers
    packages = "none"
    if any(tier.package_size for tier in card.tiers) and options["partial_package"] != "exact":
        packages = options["partial_package"]
    count = Fraction(1, 10**scale) / (numbers["unit_divisor"] or 1)  # in the card's unit
    converted = [count] if options["unit_rounding"] == "none" else []
    free = numbers["free_amount"] if card.family == "percentage" else None
    taken_off = (numbers["free_quantity"] or Fraction(0)) + (free or 0)
    taken_off += numbers["usage_discount_quantity"] or 0
    sizes = [(packages != "none" and tier.package_size) or Fraction(1) for tier in card.tiers]
    bounds = [tier.upper for tier in card.tiers if tier.upper is not None]
    per_unit = _denominator([*converted, taken_off, *sizes, *bounds])

    keep = 1 - (numbers["discount_percent"] or Fraction(0)) / 100
    keep *= 1 - Fraction(card.key.contract_discount) / 100
    prices = [
        tier.price
        if packages != "none" and tier.package_size
        else tier.price / (tier.package_size or 1) / per_unit
        for tier in card.tiers
    ]
    fees = [tier.flat_fee for tier in card.tiers]
    by_event = [numbers[name] or Fraction(0) for name in EVENT_AMOUNTS]
    discounted = [amount * keep for amount in (*prices, *fees, *by_event)]
    places = Fraction(1, 10**card.rounding_scale) if card.rounding_scale is not None else 0
    per_currency = _denominator(
        [*prices, *fees, *by_event, *discounted, numbers["maximum_amount"] or 0, places]
    )
    is_rounded = card.rounding_scale is not None and options["rounding_scope"] != "invoice"
    terms = Terms(
        family=card.family,
        packages=packages,
        unit_rounding=options["unit_rounding"],
        bound_belongs_below=options["tier_bound"] == "upper_inclusive",
        whole_units_reach=options["tier_quantity"] == "ceil",
        first_fee_always=options["flat_fee_when"] == "always",
        rounding_scope=options["rounding_scope"],
        rounding_mode=options["rounding_mode"],
        rounding_unit=int(places * per_currency) if is_rounded else 0,
        per_unit=per_unit,
        per_currency=per_currency,
        tier_count=len(card.tiers),
    )

    def money(amount: Fraction | None, otherwise: int = 0) -> int:
        return otherwise if amount is None else int(amount * per_currency)

    factor = count * per_unit if converted else Fraction(count)
    return terms, _Numbers(
        one={
            "factor": factor.numerator,
            "divisor": factor.denominator,
            "taken_off": int(taken_off * per_unit),
            "free_events": NONE if numbers["free_events"] is None else int(numbers["free_events"]),
            "free_amount": int(free is not None),
            "fixed": money(numbers["fixed_per_event"]),
            "event_minimum": money(numbers["per_event_minimum"]),
            "event_maximum": money(numbers["per_event_maximum"], WIDE_LIMIT),
            "keep": keep.numerator,
            "keep_of": keep.denominator,
            "maximum": money(numbers["maximum_amount"], WIDE_LIMIT),
        },
        tier={
            "lower": [int(tier.lower * per_unit) for tier in card.tiers],
            "upper": [
                WIDE_LIMIT if tier.upper is None else int(tier.upper * per_unit)
                for tier in card.tiers
            ],
            "price": [int(price * per_currency) for price in prices],
            "flat_fee": [money(fee) for fee in fees],
            "package_size": [int(size * per_unit) for size in sizes],
        },
    )


EVENT_AMOUNTS = ("fixed_per_event", "per_event_minimum", "per_event_maximum")


def _denominator(numbers: list[Any]) -> int:
    """The least common denominator, as a power of ten where one of storage precision has it."""
    common = lcm(*(Fraction(number).denominator for number in numbers))
    for digits in range(SCALE + 1):
        if 10**digits % common == 0:
            return 10**digits
    return common


def _limits(terms: Terms, numbers: _Numbers) -> tuple[int, int]:
    """Usage count and number of events up to which no step of `models` leaves int64.

    The steps: usage x factor; counts x price, or packages x price; fees on top; times `keep` before
    the discount's division; half a rounding unit. Zero where nothing is safe.
    """
    if max(terms.per_unit, terms.per_currency) > LIMIT // 20:
        return 0, 0
    one, tier = numbers.one, numbers.tier
    keep = max(abs(one["keep"]), one["keep_of"])
    sizes = tier["package_size"] if terms.packages != "none" else [1] * terms.tier_count
    steepest = max(-(-abs(price) // size) for price, size in zip(tier["price"], sizes, strict=True))
    once = sum(map(abs, (*tier["price"], *tier["flat_fee"]))) * keep + terms.rounding_unit
    counts_to = max(one["divisor"], terms.per_unit, *sizes) + one["taken_off"]
    grain = terms.per_unit if terms.unit_rounding != "none" else 1
    of_events = (one["fixed"] + one["event_minimum"]) * keep
    room = LIMIT // 4 - once
    if max(room, 0) == 0 or counts_to > LIMIT // 4 or one["factor"] > LIMIT // 4:
        return 0, 0
    # twice: charged parts of events may be as much as usage and what it takes back
    reach = room // (2 * max(steepest, 1) * keep) - grain
    return max(reach // one["factor"] // grain, 0), LIMIT // 4 // max(of_events, 1)
