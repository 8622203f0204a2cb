"""The rating library against a slow reference, its laws, and examples by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rating_helpers import QUANTITY, card_rows, decimal, fractions, priced, usage_of
from rating_reference import Reference, later, period
from rating_worlds import Usage, World, rated, referred, rows_of, world

from trueup.rating import contract, meters, money, rate, read_cards
from trueup.rating.rounding import divide
from trueup.rating.stream import rated_stream

RANDOM = st.randoms(use_true_random=False)


# --- Against the reference, and laws


@settings(max_examples=120, deadline=None)
@given(RANDOM)
def test_rating_equals_the_reference(random: Random) -> None:
    made = world(random)
    assert rated(made) == referred(made)


@settings(max_examples=60, deadline=None)
@given(RANDOM)
def test_runs_that_go_on_from_a_state_give_the_rows_of_one_run(random: Random) -> None:
    made = world(random)
    first, second = split_in_runs(made.usage, random)
    one, state = [], None
    for usage in (first, second):
        if usage:
            result = rate(usage_of(usage), made.cards, state)
            one += rows_of(result.rows)
            others = [] if state is None else [kept(state, {group for group, _, _ in usage})]
            state = pa.concat_tables([*others, result.state])
    assert one == Reference(made.cards).rate([*first, *second])


@settings(max_examples=40, deadline=None)
@given(RANDOM)
def test_a_stream_finds_groups_over_the_borders_of_its_batches(random: Random) -> None:
    made = world(random)
    table = usage_of(made.usage).drop_columns(["group_id"])
    groups = [group for group, _, _ in made.usage]
    # groups that differ in one column only, or by having nothing there
    table = table.append_column("account", pa.array([str(group // 3) for group in groups]))
    skus = [None if group % 3 == 0 else str(group % 3) for group in groups]
    table = table.append_column("sku", pa.array(skus, pa.string()))
    batches = table.combine_chunks().to_batches(max_chunksize=random.randint(1, 7))
    if batches:
        reader = pa.RecordBatchReader.from_batches(batches[0].schema, batches)
        stream = rated_stream(reader, made.cards, ("account", "sku"), ("account",))
        found = stream.read_all()
        assert found["account"].to_pylist() == [str(group // 3) for group in groups]
        assert rows_of(found) == referred(made)


def split_in_runs(usage: Usage, random: Random) -> tuple[Usage, Usage]:
    """Some first rows of each group, and the others."""
    runs: tuple[Usage, Usage] = ([], [])
    later_groups: set[int] = set()
    for row in usage:
        if row[0] not in later_groups and random.random() < 0.4:
            later_groups.add(row[0])
        runs[row[0] in later_groups].append(row)
    return runs


def kept(state: pa.Table, groups: set[int]) -> pa.Table:
    return state.filter([group not in groups for group in state["group_id"].to_pylist()])


@settings(max_examples=60, deadline=None)
@given(RANDOM)
def test_usage_split_in_any_parts_costs_the_same(random: Random) -> None:
    made = world(random)
    cards = made.cards.cards
    whole = [row for row in made.usage if row[1] is None or not is_by_event(cards[row[1]])]
    parts: Usage = []
    for group, number, quantity in whole:
        left = quantity
        for _ in range(random.randint(0, 3)):
            parts.append((group, number, Fraction(random.randint(-9, 9), 2)))
            left -= parts[-1][2]
        parts.append((group, number, left))
    if whole:
        assert totals(World(made.cards, whole, [])) == totals(World(made.cards, parts, []))


def is_by_event(card: Any) -> bool:
    return card is None or card.model == "percentage"


def totals(made: World) -> dict[tuple[int, int | None], list[Fraction]]:
    sums: dict[tuple[int, int | None], list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 3)
    for (group, number, _), row in zip(made.usage, rated(made), strict=True):
        for place, value in enumerate(row[:3]):
            sums[group, number][place] += value or 0
    return sums


@pytest.mark.parametrize("exponent", range(20))
@pytest.mark.parametrize("price", ["0.000000000001", "1", "123456.789012"])
def test_amounts_are_exact_at_any_size(exponent: int, price: str) -> None:
    cards = read_cards(card_rows("graduated", [{"tier_to": 7, "unit_price": "3"},
                                               {"unit_price": price}]))  # fmt: skip
    usage = [(1, 0, Fraction(10**exponent) + Fraction(1, 1000)), (1, 0, Fraction(1, 10**6))]
    made = World(cards, usage, [])
    assert rated(made) == referred(made)


def test_an_amount_of_more_than_38_digits_is_named() -> None:
    rows = card_rows("standard", [{"unit_price": "99999"}])
    usage = usage_of([(1, 0, 10**19), (2, 0, 1)])
    found = rate(usage, read_cards(rows)).rows
    assert fractions(found["amount"]) == [None, 99999]
    assert found["unpriced_reason"].to_pylist() == ["amount_too_large", None]


def test_an_empty_batch_has_no_rows() -> None:
    rows = card_rows("standard", [{"unit_price": 1}])
    assert rate(usage_of([(1, 0, 1)]).slice(1), read_cards(rows)).rows.num_rows == 0


# --- Options, by hand: a card, the positions of a period, and what they cost

TWO = [{"tier_to": 10, "unit_price": 2, "flat_fee": 5}, {"unit_price": 1, "flat_fee": 3}]
FRACTIONAL = [{"tier_to": "10.5", "unit_price": 2}, {"unit_price": 1}]
PACKAGES = [{"unit_price": 8, "package_size": 10}]
BY_HAND: dict[str, tuple[str, list[dict[str, Any]], dict[str, Any], dict[str, str]]] = {
    "a bound belongs to the tier below": ("volume", TWO, {}, {"10": "25", "10.1": "13.1"}),
    "a bound belongs to the tier above": (
        "volume", TWO, {"tier_bound": "upper_exclusive"}, {"9.9": "24.8", "10": "13"}),
    "flat fees of reached tiers": ("graduated", TWO, {}, {"0": "0", "10": "25", "11": "29"}),
    "a bound reaches the tier above": (
        "graduated", TWO, {"tier_bound": "upper_exclusive"}, {"10": "28"}),
    "a flat fee at zero usage": ("graduated", TWO, {"flat_fee_when": "always"}, {"0": "5"}),
    "the raw quantity finds the tier": ("volume", FRACTIONAL, {}, {"10.2": "20.4"}),
    "whole units find the tier": (
        "volume", FRACTIONAL, {"tier_quantity": "ceil"}, {"10.2": "10.2", "10": "20"}),
    "a part of a package is a package": ("package", PACKAGES, {}, {"11": "16", "-1": "-8"}),
    "a part of a package is none": (
        "package", PACKAGES, {"partial_package": "down"}, {"19": "8", "20": "16"}),
    "a part of a package is a part": (
        "package", PACKAGES, {"partial_package": "exact"}, {"11": "8.8"}),
    "free quantity": ("standard", [{"unit_price": 2}], {"free_quantity": 3}, {"2": "0", "5": "4"}),
    "usage discount": (
        "volume", TWO, {"usage_discount_quantity": 5}, {"15": "25", "16": "14"}),
    "percent before maximum": (
        "standard", [{"unit_price": 10}], {"discount_percent": 50, "maximum_amount": 25},
        {"4": "20", "6": "25"}),
    "converted, then rounded up": (
        "standard", [{"unit_price": 3}], {"unit_divisor": 1000, "unit_rounding": "up"},
        {"1": "3", "1000": "3", "1001": "6"}),
    "gibibytes": (
        "standard", [{"unit_price": "0.02"}], {"unit_divisor": 2**30},
        {str(2**30): "0.02", str(2**29): "0.01"}),
    "each tier is rounded": (
        "graduated", [{"tier_to": 1, "unit_price": "0.005"}, {"unit_price": "0.005"}],
        {"rounding_scale": 2, "rounding_scope": "tier"}, {"2": "0.02"}),
    "the line is rounded": (
        "graduated", [{"tier_to": 1, "unit_price": "0.005"}, {"unit_price": "0.005"}],
        {"rounding_scale": 2}, {"2": "0.01"}),
    "the invoice is rounded, not the line": (
        "standard", [{"unit_price": "0.0004"}], {"rounding_scale": 2, "rounding_scope": "invoice"},
        {"1": "0.0004"}),
    "rounded half to even": (
        "standard", [{"unit_price": "0.005"}], {"rounding_scale": 2, "rounding_mode": "half_even"},
        {"1": "0", "3": "0.02"}),
    "a graduated percentage with fees": (
        "graduated_percentage",
        [{"tier_to": 100, "percent": 10}, {"percent": 1, "flat_fee": 2}], {},
        {"100": "10", "200": "13"}),
    "a percentage with a fixed fee": (
        "percentage", [{"percent": 2}], {"fixed_per_event": "0.30"}, {"50": "1.30"}),
    "below zero the first tier goes on": ("graduated", TWO, {}, {"-3": "-6"}),
}  # fmt: skip


@pytest.mark.parametrize("what", BY_HAND)
def test_by_hand(what: str) -> None:
    model, tiers, options, amounts = BY_HAND[what]
    rows = card_rows(model, tiers, **options)
    for quantity, amount in amounts.items():
        assert (quantity, priced(rows, quantity)) == (quantity, [Fraction(amount)])


def test_usage_without_any_card_is_named() -> None:
    (row,) = rate(usage_of([(1, None, 3)]), read_cards([])).rows.to_pylist()
    assert (row["amount"], row["unpriced_quantity"]) == (None, 3)
    assert row["unpriced_reason"] == "card_missing"


def test_rows_are_explained_by_the_tiers_they_took() -> None:
    cards = read_cards(card_rows("volume", [{"tier_to": 15, "unit_price": 10}, {"unit_price": 5}]))
    found = rate(usage_of([(1, 0, 15), (1, 0, 1)]), cards).rows.to_pylist()
    assert [row["amount"] for row in found] == [150, -70]
    assert found[1]["tiers"] == [
        {"tier": 1, "quantity": -15, "unit_price": 10, "amount": -150},
        {"tier": 2, "quantity": 16, "unit_price": 5, "amount": 80},
    ]


def test_a_version_that_changes_mid_period_prices_its_own_increments() -> None:
    old = card_rows("graduated", [{"tier_to": 10, "unit_price": 5}, {"unit_price": 4}])
    new = card_rows("graduated", [{"tier_to": 10, "unit_price": 3}, {"unit_price": 2}])
    rows = [row | {"effective_to": date(2026, 1, 16)} for row in old]
    rows += [row | {"version": "2", "effective_from": date(2026, 1, 16)} for row in new]
    cards = read_cards(rows)
    found = rate(usage_of([(1, 0, 8), (1, 1, 8)]), cards).rows
    assert fractions(found["amount"]) == [40, 2 * 3 + 6 * 2]


def test_usage_beyond_the_last_tier_is_unpriced_and_never_free() -> None:
    cards = read_cards(card_rows("graduated", [{"tier_to": 10, "unit_price": 2}]))
    found = rate(usage_of([(1, 0, 8), (1, 0, 5), (1, 0, 4), (1, 0, -9)]), cards).rows
    assert fractions(found["amount"]) == [16, 4, None, -4]
    assert fractions(found["unpriced_quantity"]) == [0, 3, 4, -7]
    assert found["unpriced_reason"].to_pylist() == [None, *["beyond_last_tier"] * 3]


def test_rows_without_card_or_quantity_are_named() -> None:
    rows = card_rows("standard", [{"unit_price": 1}]) + card_rows("unheard", [{}], key="other")
    usage = usage_of([(1, 0, 1), (1, None, 2), (1, 1, 3), (1, 0, 4)])
    quantity = pa.array([decimal(1), decimal(2), decimal(3), None], QUANTITY)
    found = rate(usage.set_column(2, "quantity", quantity), read_cards(rows)).rows
    names = [None, "card_missing", "model_unknown", "quantity_missing"]
    assert found["unpriced_reason"].to_pylist() == names
    assert fractions(found["amount"]) == [1, None, None, None]


def test_usage_out_of_order_is_refused() -> None:
    cards = read_cards(card_rows("standard", ONE))
    with pytest.raises(ValueError, match="stand apart"):
        rate(usage_of([(1, 0, 1), (2, 0, 1), (1, 0, 1)]), cards)


# --- Cards

ONE = [{"unit_price": 1}]
DEFECTS: dict[str, list[dict[str, Any]]] = {
    "model_unknown": card_rows("unheard", ONE),
    "option_unknown": card_rows("standard", ONE, rounding_mode="nearest"),
    "tiers_disagree": card_rows("graduated", [{"tier_to": 1, "unit_price": 1, "currency": "USD"},
                                              {"unit_price": 1, "currency": "EUR"}]),
    "number_is_binary": card_rows("standard", [{"unit_price": 0.1}]),
    "percent_missing": card_rows("percentage", [{}]),
    "price_missing": card_rows("standard", [{}]),
    "package_size_missing": card_rows("package", ONE),
    "package_size_not_positive": card_rows("package", [{"unit_price": 1, "package_size": 0}]),
    "unit_divisor_not_positive": card_rows("standard", ONE, unit_divisor=0),
    "column_not_read": card_rows("standard", [{"unit_price": 1, "package_size": 1000}]),
    "tiers_not_one": card_rows("standard", [{"tier_to": 1, "unit_price": 1}, *ONE]),
    "tier_bounded": card_rows("percentage", [{"percent": 1, "tier_to": 5}]),
    "tier_empty": card_rows("graduated", [{"tier_to": 0, "unit_price": 1}]),
    "tier_gap": card_rows("graduated", [{"tier_to": 5, "unit_price": 1},
                                        {"tier_from": 6, "unit_price": 1}]),
    "tier_overlap": card_rows("graduated", [{"tier_to": 5, "unit_price": 1},
                                            {"tier_from": 4, "unit_price": 1}]),
    "version_overlap": [
        row | {"version": version, "effective_from": date(2026, month, 1)}
        for version, month in (("1", 1), ("2", 2)) for row in card_rows("standard", ONE)
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", DEFECTS)
def test_a_card_with_a_defect_is_named_and_prices_nothing(name: str) -> None:
    sound = card_rows("standard", ONE, key="sound")
    cards = read_cards(DEFECTS[name] + sound)
    assert {defect.name for defect in cards.defects} == {name}
    assert all(f"sku: {name}: " in str(defect) for defect in cards.defects)
    assert [*cards.broken] == [name] * (len(cards.cards) - 1) + [None]


def test_a_gap_between_versions_is_told_and_prices_both() -> None:
    rows = card_rows("standard", ONE, effective_to=date(2026, 2, 1))
    rows += card_rows("standard", ONE, version="2", effective_from=date(2026, 3, 1))
    cards = read_cards(rows)
    assert [str(defect) for defect in cards.defects] == [
        "card version 2, sku: version_gap: no version from 2026-02-01 to 2026-03-01"
    ]
    assert [*cards.broken] == [None, None]
    assert cards.index["version"].to_pylist() == ["1", "2"]


# --- Contracts


@settings(max_examples=100, deadline=None)
@given(
    st.dates(date(1999, 1, 1), date(2040, 12, 31)),
    st.dates(date(2000, 1, 1), date(2039, 12, 31)),
    st.sampled_from(["day", "month", "quarter", "year"]),
)
def test_periods_are_those_of_a_walk_from_the_anchor(day: date, anchor: date, every: str) -> None:
    start, end = contract.periods([np.datetime64(day)], np.datetime64(anchor), every)
    assert (start[0].item(), end[0].item()) == period(day, every, anchor)


def test_periods_without_reset_never_end() -> None:
    days = [np.datetime64("2026-01-01"), np.datetime64("2031-05-05")]
    starts, ends = contract.periods(days, days[0], "never")
    assert len({*starts}) == len({*ends}) == 1
    assert starts[0] < days[0] and ends[0] > days[1]
    assert later(date(2026, 1, 31), 1) == date(2026, 2, 28)


def test_proration_counts_as_its_rule_says() -> None:
    start, end = np.datetime64("2026-03-15T12:00"), np.datetime64("2026-03-31T18:00")
    rules = ("none", "days_inclusive", "days_exclusive", "seconds")
    counts = [int(contract.counted(start, end, rule)) for rule in rules]
    assert counts == [1, 17, 16, 16 * 86400 + 6 * 3600]


def test_discounts_come_in_the_documented_order() -> None:
    steps = contract.discounted([10_000, 100], [Fraction(10), Fraction(50)], 1_000, 3_200, 150)
    assert [list(step) for step in steps] == [[5500, 55], [1000, 45], [300, 0], [0, 150],
                                              [3200, 150]]  # fmt: skip
    assert contract.shortfall([700, 1_200], [1_000, 1_000]).tolist() == [300, 0]


@settings(max_examples=60, deadline=None)
@given(RANDOM)
def test_credit_is_drawn_in_order(random: Random) -> None:
    charges = [random.randint(-5, 20) for _ in range(random.randint(1, 6))]
    grants = [
        (random.randint(0, 30), np.array([random.random() < 0.7 for _ in charges]))
        for _ in range(random.randint(0, 4))
    ]
    found = contract.drawn(charges, grants)
    left = [amount for amount, _ in grants]
    for charge, due in enumerate(charges):
        for grant, (_, may_pay) in enumerate(grants):
            draw = min(max(due, 0), left[grant]) if may_pay[charge] else 0
            assert found[grant, charge] == draw
            left[grant] -= draw
            due -= draw


@given(st.integers(-(10**20), 10**20), st.lists(st.integers(1, 10**12), min_size=1, max_size=9))
def test_shares_sum_to_the_total_and_stay_within_one_unit(total: int, weights: list[int]) -> None:
    shares = contract.shared(total, weights)
    assert shares.sum() == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1
    parts = contract.amortised(total, len(weights))
    assert parts.sum() == total and len({*parts[:-1]}) <= 1


def test_tax_is_rounded_once_per_scope() -> None:
    nets = [1_004, 1_004, 1_004]  # 100.4 each
    assert contract.tax(nets, Fraction(10), "line").tolist() == [100, 100, 100]
    assert sum(contract.tax(nets, Fraction(10), "invoice")) == 301
    cents = contract.tax([10**18], Fraction("19.005"), "line", unit=10**16)
    assert cents.tolist() == [19 * 10**16]
    assert contract.tax([0, 0], Fraction(10), "invoice").tolist() == [0, 0]
    assert contract.without_tax([119], Fraction(19)).tolist() == [100]


def test_a_commitment_by_the_hour_is_used_or_lost() -> None:
    used, unused, beyond = contract.covered([5, 12], [10, 10])
    assert [used.tolist(), unused.tolist(), beyond.tolist()] == [[5, 10], [5, 0], [0, 2]]


# --- Rounding and meters


@given(
    st.integers(-(10**30), 10**30), st.integers(1, 10**9), st.sampled_from(["half_up", "half_even"])
)
def test_rounding_takes_the_nearest(numerator: int, denominator: int, mode: str) -> None:
    found = divide(numerator, denominator, mode)
    away = abs(found - Fraction(numerator, denominator))
    assert away <= Fraction(1, 2)
    if away == Fraction(1, 2):
        is_up = abs(found) > abs(Fraction(numerator, denominator))
        assert is_up if mode == "half_up" else found % 2 == 0
    assert divide(-numerator, denominator, mode) == -found


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1), st.integers(0, 18))
def test_int64_counts_are_stored_exactly(counts: list[int], digits: int) -> None:
    column = money.decimals(money.stored(np.array(counts), digits))
    assert fractions(column) == [Fraction(count, 10**digits) for count in counts]
    assert money.wide(column, 18).tolist() == [count * 10 ** (18 - digits) for count in counts]


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1), st.integers(1, 2**57))
def test_quotients_are_stored_rounded_half_up(counts: list[int], unit: int) -> None:
    whole, rest = money.quotients(np.array(counts), unit)
    column = money.decimals(money.stored(whole, 0, rest))
    assert fractions(column) == [
        Fraction(divide(count * 10**18, unit, "half_up"), 10**18) for count in counts
    ]


@settings(max_examples=60, deadline=None)
@given(RANDOM)
def test_meters_make_of_events_what_they_say(random: Random) -> None:
    sizes = [random.randint(1, 4) for _ in range(random.randint(1, 4))]
    groups = [
        [Decimal(random.randint(-40, 40)) / 8 if random.random() < 0.9 else None
         for _ in range(size)] for size in sizes
    ]  # fmt: skip
    values = pa.array([value for group in groups for value in group], QUANTITY)
    starts = np.cumsum([0, *sizes[:-1]])
    known = [[value for value in group if value is not None] for group in groups]
    slow: dict[str, list[Any]] = {
        "sum": [sum(group) if group else None for group in known],
        "count": sizes,
        "max": [max(group, default=None) for group in known],
        "latest": [group[-1] if group else None for group in known],
        "unique_count": [len({*group}) for group in known],
    }
    for aggregation, expected in slow.items():
        assert meters.aggregated(aggregation, values, starts).to_pylist() == expected


def test_a_weighted_sum_needs_times() -> None:
    with pytest.raises(ValueError, match="needs the times"):
        meters.aggregated("weighted_sum", pa.array([decimal(1)], QUANTITY), np.array([0]))
    start, hour = np.datetime64("2026-01-01T00:00"), timedelta(hours=1)
    levels = meters.aggregated(
        "weighted_sum", pa.array([decimal(4), decimal(-4), decimal(8)], QUANTITY),
        np.array([0, 2]), np.array([start, start + hour, start + 3 * hour]),
        (np.array([start, start]), np.array([start + 4 * hour] * 2)),
        pa.array([decimal(0), decimal(1)], QUANTITY),
    )  # fmt: skip
    assert levels.to_pylist() == [1, 3]
