"""Commitments and usage by chance, for comparing the rating library with its reference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import pyarrow as pa
from rating_commitment_reference import Draw, Terms, Units, Used, referred
from rating_helpers import QUANTITY, decimal

from trueup.rating.commitments import apply_commitments, read_commitments

START = datetime(2026, 1, 31, 20)
HOUR = timedelta(hours=1)
HOURS = 10


@dataclass(frozen=True)
class World:
    """Commitments, what they may cover, and usage."""

    commitments: list[Terms]
    units: Units
    usage: list[Used]


def world(random: Random) -> World:
    """A few commitments and some usage of four classes around a few hours."""
    commitments = [terms(random, f"c{n}") for n in range(random.randint(1, 4))]
    if random.random() < 0.3:  # the same again, for another time
        again = {"commitment_id": "a", "ends_at": commitments[0]["ends_at"] + HOUR}
        commitments.append(commitments[0] | again)
    units = {
        each["commitment_id"]: {
            n: Fraction(random.choice((1, 1, 2, 4, Fraction(1, 4), Fraction(3, 2))))
            for n in range(4)
            if random.random() < 0.7
        }
        for each in commitments
    }
    usage = [used(random, f"u{n}") for n in range(random.randint(0, 14))]
    random.shuffle(usage)
    return World(commitments, units, usage)


def terms(random: Random, key: str) -> Terms:
    """A row of a commitments file."""
    starts_at = START + HOUR * random.randint(-3, 6) + timedelta(minutes=random.choice((0, 0, 30)))
    made: Terms = {
        "commitment_id": key,
        "kind": random.choice(("reservation", "savings_plan", "committed_use", "prepaid")),
        "upfront_fee": random.choice((None, amount(random, 30))),
        "recurring_fee_per_hour": random.choice((None, amount(random, 3))),
        "discount_percent": random.choice((None, None, Decimal(25), Decimal(30))),
        "starts_at": starts_at,
        "ends_at": starts_at + HOUR * random.randint(1, 9),
    }
    if made["kind"] == "prepaid" and random.random() < 0.7:
        return made | {"upfront_fee": amount(random, 60), "recurring_fee_per_hour": None}
    measure = random.choice(("quantity_per_hour", "amount_per_hour"))
    return made | {measure: amount(random, 12)}


def used(random: Random, key: str) -> Used:
    """A row of usage: most of an hour, some of many or of less."""
    starts_at = START + HOUR * random.randint(-2, 8)
    length = random.choice((HOUR, HOUR, HOUR * 3, HOUR * 24, HOUR / 4, HOUR * 0, HOUR * 1.5))
    return Used(
        usage_id=key,
        class_id=random.randrange(4),
        starts_at=starts_at + timedelta(minutes=random.choice((0, 0, 0, 50))),
        ends_at=starts_at + length,
        quantity=Fraction(random.choice((1, 1, 1, -1))) * Fraction(amount(random, 9)),
        unit_price=Fraction(random.choice((0, 1, 1, 2, Decimal("0.333"), 3, -1))),
    )


def amount(random: Random, most: int) -> Decimal:
    """A decimal above zero; seldom one of as many digits as are stored."""
    digits = random.choice((0, 0, 1, 2, 18))
    return Decimal(random.randint(1, most * 10**digits)).scaleb(-digits)


def usage_table(usage: Iterable[Used]) -> pa.Table:
    """Usage as the library takes it."""
    columns = list(zip(*usage, strict=True)) or [()] * len(Used._fields)
    kinds = [pa.string(), pa.int64(), pa.timestamp("us"), pa.timestamp("us"), QUANTITY, QUANTITY]
    arrays = [
        pa.array([decimal(v) for v in column] if kind == QUANTITY else column, kind)
        for column, kind in zip(columns, kinds, strict=True)
    ]
    return pa.table(dict(zip(Used._fields, arrays, strict=True)))


def units_table(units: Units) -> pa.Table:
    """What is eligible, as the library takes it."""
    rows = [(key, kind, decimal(n)) for key, of in units.items() for kind, n in of.items()]
    keys, classes, numbers = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {
            "commitment_id": pa.array(keys, pa.string()),
            "class_id": pa.array(classes, pa.int64()),
            "units": pa.array(numbers, QUANTITY),
        }
    )


def drawn(made: World, cuts: Iterable[int] = ()) -> list[Draw]:
    """Draws by the library, in spans that end after some hours."""
    commitments, defects = read_commitments(made.commitments)
    assert not defects
    edges = [START, *(START + HOUR * cut for cut in sorted(cuts)), START + HOUR * HOURS]
    rows: list[dict[str, Any]] = []
    balances = None
    for first, end in pairwise(edges):
        result = apply_commitments(
            commitments, usage_table(made.usage), units_table(made.units), (first, end), balances
        )
        rows += result.draws.to_pylist()
        balances = result.balances
    return in_order(Draw(*(fraction(value) for value in row.values())) for row in rows)


def reference(made: World) -> list[Draw]:
    """The same by the reference."""
    end = START + HOUR * HOURS
    return in_order(referred(made.commitments, made.usage, made.units, START, end))


def in_order(draws: Iterable[Draw]) -> list[Draw]:
    return sorted(draws, key=lambda draw: (draw[:2], draw.usage_id or ""))


def fraction(value: Any) -> Any:
    return Fraction(value) if isinstance(value, Decimal) else value
