"""Commitments against a slow reference, their laws, and examples by hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rating_commitment_reference import Terms, Used, hours_between, is_balance, number, parts_of
from rating_commitment_worlds import (
    HOUR,
    HOURS,
    START,
    World,
    drawn,
    reference,
    units_table,
    usage_table,
    world,
)

from trueup.rating.commitments import apply_commitments, read_commitments

RANDOM = st.randoms(use_true_random=False)
END = START + HOUR * HOURS


# --- Against the reference, and laws


@settings(max_examples=300, deadline=None)
@given(RANDOM)
def test_draws_equal_the_reference(random: Random) -> None:
    made = world(random)
    assert drawn(made) == reference(made)


@settings(max_examples=60, deadline=None)
@given(RANDOM)
def test_spans_that_follow_one_another_give_the_draws_of_one(random: Random) -> None:
    made = world(random)
    cuts = {random.randint(0, HOURS) for _ in range(3)}
    assert drawn(made, cuts) == drawn(made)


@settings(max_examples=40, deadline=None)
@given(RANDOM)
def test_the_order_of_rows_does_not_matter(random: Random) -> None:
    made = world(random)
    usage = random.sample(made.usage, len(made.usage))
    terms = random.sample(made.commitments, len(made.commitments))
    assert drawn(replace(made, usage=usage, commitments=terms)) == drawn(made)


@settings(max_examples=100, deadline=None)
@given(RANDOM)
def test_each_hour_is_split_up_whole(random: Random) -> None:
    made = world(random)
    sums: dict[Any, Fraction] = defaultdict(Fraction)
    for draw in drawn(made):
        for name in ("drawn", "amortised_fee", "recurring_fee"):
            sums[draw.commitment_id, draw.hour, name] += getattr(draw, name)
            sums[draw.commitment_id, name] += getattr(draw, name)
    for terms in made.commitments:
        key, hours = terms["commitment_id"], hours_between(terms["starts_at"], terms["ends_at"])
        within = [hour for hour in hours if START <= hour < END]
        if is_balance(terms):
            is_over = hours[-1] in within
            assert sums[key, "drawn"] == sums[key, "amortised_fee"] <= number(terms, "upfront_fee")
            assert not is_over or sums[key, "drawn"] == number(terms, "upfront_fee")
            continue
        committed = number(terms, "quantity_per_hour") or number(terms, "amount_per_hour")
        assert all(sums[key, hour, "drawn"] == committed for hour in within)
        recurring = number(terms, "recurring_fee_per_hour")
        assert all(sums[key, hour, "recurring_fee"] == recurring for hour in within)
        if within == hours:
            assert sums[key, "amortised_fee"] == number(terms, "upfront_fee")


@settings(max_examples=100, deadline=None)
@given(RANDOM)
def test_no_more_is_covered_than_is_used(random: Random) -> None:
    made = world(random)
    covered: dict[Any, Fraction] = defaultdict(Fraction)
    for draw in drawn(made):
        if draw.usage_id is not None:
            assert draw.covered_quantity >= 0 and draw.covered_amount >= 0
            covered[draw.usage_id, draw.hour] += draw.covered_quantity
    used = {
        (part.used.usage_id, hour): part.quantity
        for hour, parts in parts_of(made.usage).items()
        for part in parts
    }
    assert all(quantity <= used[place] for place, quantity in covered.items())


# --- By hand


def term(key: str, **columns: Any) -> Terms:
    made = {"commitment_id": key, "kind": "reservation", "starts_at": START, "ends_at": END}
    return made | {
        name: Decimal(value) if isinstance(value, str) and name != "kind" else value
        for name, value in columns.items()
    }


def hour_of(key: str, quantity: Any, price: Any = 1, kind: int = 0) -> Used:
    return Used(key, kind, START, START + HOUR, Fraction(quantity), Fraction(price))


def first_hour(made: World) -> dict[tuple[str, str | None], tuple[Fraction, ...]]:
    """What is drawn and covered, by commitment and usage."""
    return {(d.commitment_id, d.usage_id): d[3:6] for d in drawn(made) if d.hour == START}


def test_a_reservation_covers_the_dearest_usage_per_committed_unit() -> None:
    reservation = term("r", quantity_per_hour="4")
    units = {"r": {0: Fraction(1), 1: Fraction(4)}}
    usage = [hour_of("small", 3, 2), hour_of("large", 1, 7, kind=1)]
    assert first_hour(World([reservation], units, usage)) == {
        ("r", "small"): (3, 3, 6),
        ("r", "large"): (1, Fraction(1, 4), Fraction(7, 4)),
    }


def test_a_savings_plan_covers_what_a_reservation_leaves() -> None:
    plan = term("a", kind="savings_plan", amount_per_hour="3", discount_percent="25")
    reservation = term("r", quantity_per_hour="2")
    units = {key: {0: Fraction(1)} for key in ("a", "r")}
    assert first_hour(World([plan, reservation], units, [hour_of("u", 10)])) == {
        ("r", "u"): (2, 2, 2),
        ("a", "u"): (3, 4, 4),
    }


def test_a_balance_is_drawn_down_and_lost_at_its_end() -> None:
    balance = term("b", kind="prepaid", upfront_fee="10")
    usage = [Used("u", 0, START, START + 3 * HOUR, Fraction(9), Fraction(1))]
    found = drawn(World([balance], {"b": {0: Fraction(1)}}, usage), cuts=[1, 2])
    assert [(d.hour, d.usage_id, d.drawn, d.amortised_fee) for d in found] == [
        *((START + HOUR * n, "u", 3, 3) for n in range(3)),
        (END - HOUR, None, 1, 1),
    ]


def test_a_year_is_amortised_to_the_last_decimal() -> None:
    starts_at, ends_at = datetime(2027, 1, 1), datetime(2028, 1, 1)
    fees = {"quantity_per_hour": "1", "upfront_fee": "1000.000000000000000007"}
    terms = term("r", **fees, starts_at=starts_at, ends_at=ends_at)
    (commitment,), _ = read_commitments([terms])
    draws = apply_commitments(
        [commitment], usage_table([]), units_table({}), (starts_at, ends_at)
    ).draws
    parts = draws["amortised_fee"].to_pylist()
    assert len(parts) == 8760 and len({*parts[:-1]}) == 1
    assert sum(map(Fraction, parts)) == Fraction(fees["upfront_fee"])


@pytest.mark.parametrize(
    ("columns", "defect"),
    [
        ({}, "nothing_committed"),
        ({"kind": "prepaid"}, "nothing_committed"),
        ({"quantity_per_hour": "1", "amount_per_hour": "1"}, "committed_twice"),
        ({"quantity_per_hour": "-1"}, "number_negative"),
        ({"quantity_per_hour": "1", "ends_at": START}, "term_empty"),
        ({"amount_per_hour": "1", "discount_percent": "100"}, "discount_too_large"),
        (
            {"kind": "prepaid", "upfront_fee": "1", "recurring_fee_per_hour": "1"},
            "balance_recurs",
        ),
    ],
)
def test_what_cannot_be_applied_is_named(columns: dict[str, Any], defect: str) -> None:
    assert read_commitments([term("c", **columns)]) == ((), {"c": defect})
