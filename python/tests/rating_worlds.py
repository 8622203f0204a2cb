"""Cards and usage by chance, for comparing the rating library with its reference."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import pyarrow as pa
from rating_helpers import card_rows, fractions, usage_of
from rating_reference import Reference, Row

from trueup.rating import Cards, rate_batches, read_cards
from trueup.rating.cards import BY_PERCENT, EVENT_NUMBERS, FAMILIES, NUMBERS, ONE_TIER, OPTIONS

Usage = list[tuple[int, int | None, Fraction]]


@dataclass(frozen=True)
class World:
    """Cards, usage in order, and where batches end."""

    cards: Cards
    usage: Usage
    cuts: list[int]


def world(random: Random) -> World:
    """A few cards, with a few groups of usage that they price."""
    cards = read_cards(
        [row for number in range(random.randint(1, 3)) for row in card(random, f"card-{number}")]
    )
    numbers = [None, *2 * [*range(len(cards.cards))]]
    usage: Usage = []
    for group in range(random.randint(1, 4)):
        number, grain = random.choice(numbers), random.choice((1, 2, 2, 10**3, 10**18))
        for _ in range(random.randint(1, 6)):
            if random.random() < 0.2:
                number = random.choice(numbers)
            usage.append((group, number, quantity(random, grain)))
    cuts = sorted(random.randint(0, len(usage)) for _ in range(random.randint(0, 5)))
    return World(cards, usage, cuts)


def card(random: Random, key: str) -> list[dict[str, Any]]:
    """Rows of one card; most columns are empty most of the time."""
    model = random.choice([*sorted(FAMILIES), "graduated", "volume", "percentage", "percentage"])
    columns: dict[str, Any] = {
        name: random.choice(values) for name, values in OPTIONS.items() if random.random() < 0.4
    }
    if random.random() < 0.5:
        columns["rounding_scale"] = random.choice((0, 0, 1, 2, 6))
    for name in NUMBERS:
        is_of_events = name in EVENT_NUMBERS
        if random.random() < (0.5 * (model == "percentage") if is_of_events else 0.15):
            columns[name] = number(random, 1, 12)
    if model == "percentage":
        columns.pop("unit_divisor", None)
    elif random.random() < 0.05:
        columns["unit_divisor"] = 3  # no finite decimals
    price = "percent" if model in BY_PERCENT else "unit_price"
    is_in_packages = model == "volume" and random.random() < 0.3
    tiers: list[dict[str, Any]] = []
    upper = Decimal(0)
    for _ in range(1 if model in ONE_TIER else random.randint(1, 4)):
        upper += number(random, 1, 8)
        tier = {"tier_to": upper, price: number(random, 0, 60 if price == "percent" else 5)}
        if model != "percentage" and random.random() < 0.4:
            tier["flat_fee"] = number(random, 0, 9)
        if "package" in model or is_in_packages:
            tier["package_size"] = number(random, 1, 5)
        tiers.append(tier)
    if model == "percentage" or random.random() < 0.7:
        tiers[-1]["tier_to"] = None
    return card_rows(model, tiers, key, **columns)


def number(random: Random, least: int, most: int) -> Decimal:
    """A number above zero: mostly of halves, so that bounds are hit; seldom of many decimals."""
    if random.random() < 0.7:
        return Decimal(random.randint(2 * least, 2 * most)) / 2
    scale = random.choice((1, 2, 3, 12))
    return Decimal(random.randint(least * 10**scale, most * 10**scale)).scaleb(-scale)


def quantity(random: Random, grain: int) -> Fraction:
    """A quantity in parts of a grain: small, zero, negative or huge."""
    kind = random.random()
    if kind < 0.1:
        return Fraction(0)
    most = random.choice((10**15, 10**18)) if kind > 0.97 else 9
    least = -most if kind > 0.7 else 0
    return Fraction(random.randint(least * grain, most * grain), grain)


def rated(made: World) -> list[Row]:
    """What the library says, batch by batch."""
    edges = [0, *made.cuts, len(made.usage)]
    whole = usage_of(made.usage)
    batches = [whole.slice(start, end - start) for start, end in pairwise(edges)]
    return rows_of(pa.concat_tables(rated.rows for rated in rate_batches(batches, made.cards)))


def rows_of(table: pa.Table) -> list[Row]:
    """Priced rows in the reference's form."""
    return [
        Row(*row)
        for row in zip(
            *(fractions(table[name]) for name in Row._fields[:3]),
            table["unpriced_reason"].to_pylist(),
            [
                [
                    (tier["tier"], Fraction(tier["quantity"]), Fraction(tier["amount"]))
                    for tier in tiers
                ]
                for tiers in table["tiers"].to_pylist()
            ],
            strict=True,
        )
    ]


def referred(made: World) -> list[Row]:
    """What the reference says."""
    return Reference(made.cards).rate(made.usage)
