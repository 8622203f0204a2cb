"""The matcher against a slow reference, its laws, and examples by hand."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import PROJECT
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_helpers import Found, at, found, hours, relations
from matching_reference import Pair, Row, Rule, apart, near, referred

from trueup.matching import MatchingError, match

# --- Against the reference, and laws

IDS = [f"row {number}" for number in range(8)]
SIDES = st.lists(
    st.builds(
        Row,
        row_id=st.just(""),
        account_id=st.sampled_from("ab"),
        usage_at=st.integers(0, 3).map(at),
        amount=st.sampled_from((-2, 1, 2, 3, 6)),
    ),
    max_size=len(IDS),
).map(lambda rows: [row._replace(row_id=row_id) for row, row_id in zip(rows, IDS, strict=False)])
LIMITS = st.tuples(st.integers(0, 4), st.integers(0, 3), st.sampled_from((0, 20, 50)))
RULES = LIMITS.map(lambda limits: Rule("first", 1, *limits))
LATER = LIMITS.map(lambda limits: Rule("second", 2, *limits))


@settings(max_examples=50, deadline=None)
@given(SIDES, SIDES, RULES, LATER)
def test_matching_equals_the_reference(
    billed: list[Row], expected: list[Row], first: Rule, second: Rule
) -> None:
    result = matched(billed, expected, first, second)
    assert (pairs(result), result.candidates) == referred(billed, expected, [first, second])


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, RULES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    billed: list[Row], expected: list[Row], rule: Rule, random: Any
) -> None:
    first = matched(billed, expected, rule)
    random.shuffle(billed)
    random.shuffle(expected)
    assert matched(billed, expected, rule) == first


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, RULES, st.sampled_from(("one_to_one", "one_to_many", "many_to_one")))
def test_every_row_is_in_one_match_or_unmatched_and_sums_are_kept(
    billed: list[Row], expected: list[Row], rule: Rule, cardinality: str
) -> None:
    result = matched(billed, expected, rule, cardinality=cardinality)
    for side, rows in enumerate((billed, expected)):
        amounts = {row.row_id: row.amount for row in rows}
        parts = [pair[side] for pair in result.pairs] + [result.unmatched[side]]
        assert sorted(row for part in parts for row in part) == sorted(amounts)
        assert sum(amounts[row] for part in parts for row in part) == sum(amounts.values())
    sizes = {(len(one), len(other)) for one, other in result.pairs}
    assert cardinality == "one_to_many" or all(other == 1 for _, other in sizes)
    assert cardinality == "many_to_one" or all(one == 1 for one, _ in sizes)
    assert result.candidates <= {
        (one, other) for one in result.unmatched[0] for other in result.unmatched[1]
    }


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, RULES, LATER)
def test_another_rule_after_it_takes_no_match_away(
    billed: list[Row], expected: list[Row], first: Rule, second: Rule
) -> None:
    alone, both = matched(billed, expected, first), matched(billed, expected, first, second)
    assert alone.matches.items() <= both.matches.items()


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, RULES, st.integers(1, 4))
def test_a_wider_window_takes_no_match_away(
    billed: list[Row], expected: list[Row], rule: Rule, more: int
) -> None:
    wide = rule._replace(window=rule.window + more)
    narrow_result, wide_result = matched(billed, expected, rule), matched(billed, expected, wide)
    assert narrow_result.matches.items() <= wide_result.matches.items()


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, RULES, st.integers(0, 2), st.sampled_from((0, 10, 50)))
def test_with_a_wider_tolerance_a_match_gives_way_only_to_a_nearer_one_or_to_a_tie(
    billed: list[Row], expected: list[Row], rule: Rule, more: int, percent: int
) -> None:
    wide = rule._replace(absolute=rule.absolute + more, percent=rule.percent + percent)
    narrow_result, wide_result = matched(billed, expected, rule), matched(billed, expected, wide)
    assert not_settled(wide_result, pairs(narrow_result), billed, expected) == set()


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, RULES)
def test_no_pair_that_the_rule_allows_is_missed(
    billed: list[Row], expected: list[Row], rule: Rule
) -> None:
    allowed = {
        (one.row_id, other.row_id)
        for one in billed
        for other in expected
        if near(one, other, rule) is not None
    }
    result = matched(billed, expected, rule)
    assert pairs(result) | result.candidates <= allowed
    assert not_settled(result, allowed, billed, expected) == set()


def not_settled(
    result: Found, wanted: Iterable[Pair], billed: list[Row], expected: list[Row]
) -> set[Pair]:
    """Pairs neither matched nor shown, of which no row is matched with one as near."""
    ones = {row.row_id: row for row in billed}
    others = {row.row_id: row for row in expected}
    found_pairs = pairs(result)
    return {
        (one, other)
        for one, other in set(wanted) - found_pairs - result.candidates
        if not any(
            (one == pair[0] or other == pair[1])
            and apart(ones[pair[0]], others[pair[1]]) <= apart(ones[one], others[other])
            for pair in found_pairs
        )
    }


def matched(billed: list[Row], expected: list[Row], *rules: Rule, **changes: Any) -> Found:
    return found(
        [row._asdict() for row in billed],
        [row._asdict() for row in expected],
        [
            {
                "match_rule_id": rule.match_rule_id,
                "priority": rule.priority,
                "keys": "account_id;currency",
                "window_hours": hours(rule.window),
                "absolute_tolerance": rule.absolute,
                "percent_tolerance": rule.percent,
                **changes,
            }
            for rule in rules
        ],
    )


def pairs(result: Found) -> set[Pair]:
    return {(next(iter(one)), next(iter(other))) for one, other in result.pairs}


# --- Keys, mappings, criteria


@pytest.mark.parametrize(
    ("mappings", "billed", "expected", "is_matched"),
    [
        ("sku_id:OLD-*>NEW-*", "OLD-42", "NEW-42", True),
        ("sku_id:OLD-*>NEW-*", "OLD-42", "NEW-43", False),
        ("sku_id:OLD-*>NEW-*", "THE OLD-42", "NEW-42", False),
        ("sku_id:OLD-*>NEW-*", "NEW-42", "NEW-42", True),
        ("sku_id:*.v1.*>*.v2.*", "a.v1.b", "a.v2.b", True),
        ("sku_id:*_old>all", "b_old", "all", True),
        ("sku_id:a+b\\1>c\\1", "a+b\\1", "c\\1", True),
        ("sku_id:a>it's", "a", "it's", True),
        ("sku_id:a*>b*;sku_id:*>c", "ax", "bx", True),
        ("sku_id:a*>b*;sku_id:*>c", "x", "c", True),
    ],
)
def test_a_mapping_writes_a_billed_key_as_the_expected_side_does(
    mappings: str, billed: str, expected: str, is_matched: bool
) -> None:
    rule = {"keys": "sku_id;currency", "mappings": mappings}
    result = found([{"sku_id": billed}], [{"sku_id": expected}], [rule])
    assert bool(result.pairs) == is_matched


@pytest.mark.parametrize(
    ("criteria", "billed", "expected", "is_matched"),
    [
        ("reference equals", "a", "A", False),
        ("reference equals any_case", "a", "A", True),
        ("reference equals", "a ", "a", False),
        ("reference equals trimmed any_case", "a ", "A", True),
        ("reference equals 50%", "abcd", "abxx", True),
        ("reference equals 49%", "abcd", "abxx", False),
        ("reference contains", "", "anything", False),
        ("reference contains", None, None, False),
        ("reference equals;description equals", "a", "a", True),
    ],
)
def test_a_text_is_read_as_the_rule_says(
    criteria: str, billed: str | None, expected: str | None, is_matched: bool
) -> None:
    result = found([{"reference": billed}], [{"reference": expected}], [{"criteria": criteria}])
    assert bool(result.pairs) == is_matched


# --- Limits


def test_a_tolerance_is_exact_to_the_last_decimal() -> None:
    expected, unit = 12345678901234567_000000000000000100, Decimal("1e-18")
    limit = expected * 123_456 // 10**8
    with localcontext(prec=38):
        rows = [
            {"account_id": number, "amount": (expected + difference) * unit}
            for number, difference in enumerate([limit, -limit, limit + 1, -limit - 1])
        ]
        due = expected * unit
    result = found(
        rows,
        [{"account_id": number, "amount": due} for number in range(4)],
        [{"keys": "account_id;currency", "percent_tolerance": "0.123456"}],
    )
    assert result.unmatched[0] == {"0002", "0003"}


def test_the_greater_of_two_tolerances_counts_and_both_are_inclusive() -> None:
    rule = {"keys": "account_id;currency", "absolute_tolerance": "5", "percent_tolerance": "10"}
    billed = [("15", "10"), ("15.01", "10"), ("110", "100"), ("110.01", "100"), ("-90", "-100")]
    result = found(
        [{"account_id": number, "amount": one} for number, (one, _) in enumerate(billed)],
        [{"account_id": number, "amount": other} for number, (_, other) in enumerate(billed)],
        [rule],
    )
    assert result.unmatched[0] == {"0001", "0003"}


def test_a_window_is_exact_to_the_microsecond() -> None:
    rule = {"window_hours": hours(60)}
    assert found([{"usage_at": at(60)}], [{}], [rule]).pairs
    assert not found([{"usage_at": at("60.000001")}], [{}], [rule]).pairs


def test_quantities_are_compared_where_the_rule_says_so() -> None:
    rows = ({"quantity": "10", "amount": "1"}, {"quantity": "10", "amount": "2"})
    rule = {"keys": "unit;currency", "absolute_tolerance": 0}
    assert not found([rows[0]], [rows[1]], [rule]).pairs
    assert found([rows[0]], [rows[1]], [rule | {"compared": "quantity"}]).pairs


# --- Order, ties, groups


def test_rules_are_tried_by_priority_and_what_one_cannot_decide_no_later_one_picks() -> None:
    strict = {"match_rule_id": "strict", "priority": 1, "keys": "reference;currency"}
    loose = {"match_rule_id": "loose", "priority": 2}
    billed = [
        {"row_id": "tied", "reference": "r", "amount": 5},
        {"row_id": "other", "reference": "x", "amount": 1},
    ]
    expected = [
        {"row_id": "low", "reference": "r", "amount": 4},
        {"row_id": "high", "reference": "r", "amount": 6},
        {"row_id": "third", "reference": "y", "amount": 5},
    ]
    result = found(billed, expected, [loose, strict])
    assert result.candidates == {("tied", "low"), ("tied", "high")}
    assert {rule: result.matches[name] for name, rule in result.rules.items()} == {
        "loose": (frozenset({"other"}), frozenset({"third"}))
    }


def test_candidates_tell_a_tie_from_what_hangs_on_it() -> None:
    ones = [{"row_id": "a", "amount": 10}, {"row_id": "b", "amount": 13}]
    others = [{"row_id": "x", "amount": 9}, {"row_id": "y", "amount": 11}]
    reasons = {
        ("a", "x"): "equally_near",
        ("a", "y"): "equally_near",
        ("b", "y"): "nearer_row_undecided",
    }
    rules = [{"absolute_tolerance": 2}]
    assert found(ones, others, rules).reasons == reasons
    assert found(others, ones, rules).reasons == {
        (one, other): reason for (other, one), reason in reasons.items()
    }


def test_the_nearer_in_time_comes_before_the_nearer_in_amount() -> None:
    one = [{"row_id": "a", "amount": 10}]
    others = [
        {"row_id": "x", "amount": 12, "usage_at": at(1)},
        {"row_id": "y", "amount": 10, "usage_at": at(2)},
        {"row_id": "z", "amount": 11, "usage_at": at(1)},
    ]
    assert pairs(found(one, others, [{}])) == {("a", "z")}
    assert pairs(found(others, one, [{}])) == {("z", "a")}


def test_rows_alike_are_paired_in_the_order_of_their_ids() -> None:
    result = found([{"row_id": "b"}, {"row_id": "a"}], [{"row_id": "x"}], [{}])
    assert pairs(result) == {("a", "x")}
    assert result.unmatched[0] == {"b"}


def test_a_tie_is_decided_once_one_of_its_rows_is_taken() -> None:
    billed = [{"row_id": "a", "amount": 10}, {"row_id": "b", "amount": 11}]
    expected = [{"row_id": "x", "amount": 9}, {"row_id": "y", "amount": 11}]
    result = found(billed, expected, [{"absolute_tolerance": 2}])
    assert pairs(result) == {("a", "x"), ("b", "y")}


def test_of_a_group_an_unknown_amount_has_no_sum() -> None:
    rule = {"cardinality": "one_to_many", "absolute_tolerance": 10}
    assert not found([{"amount": 3}], [{"amount": 3}, {"amount": None}], [rule]).pairs


def test_groups_are_of_one_currency_and_one_set_of_keys() -> None:
    rule = {
        "cardinality": "many_to_one",
        "keys": "account_id;currency",
        "absolute_tolerance": 0,
    }
    billed = [
        {"account_id": 1, "currency": "EUR", "amount": 1},
        {"account_id": 1, "currency": "EUR", "amount": 2},
        {"account_id": 1, "currency": "USD", "amount": 1},
        {"account_id": 2, "currency": "EUR", "amount": 1},
    ]
    result = found(billed, [{"account_id": 1, "currency": "EUR", "amount": 3}], [rule])
    assert result.pairs == {(frozenset({"0000", "0001"}), frozenset({"0000"}))}


@pytest.mark.parametrize(
    ("row", "is_seen"),
    [
        ({}, True),
        ({"direction": "receivable"}, False),
        ({"billing_period": date(2025, 12, 1)}, False),
        ({"billing_period": date(2026, 2, 1)}, False),
    ],
)
def test_a_rule_sees_rows_of_its_direction_and_time(row: dict[str, Any], is_seen: bool) -> None:
    rule = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 2, 1)}
    assert bool(found([row], [row], [rule]).pairs) == is_seen


# --- What is refused


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"direction": "both"}, "direction 'both' is not one of payable, receivable."),
        ({"cardinality": "many"}, "cardinality 'many' is not one of one_to_one"),
        ({"compared": None}, "compared None is not one of amount, quantity."),
        ({"keys": ""}, "it has no keys: an empty rule would match anything."),
        ({"keys": "account_id"}, "currency is not among its keys"),
        ({"compared": "quantity"}, "it compares quantities, and unit is not among its keys"),
        ({"keys": "currency;colour"}, "the billed rows have no column colour."),
        ({"criteria": "colour equals"}, "the billed rows have no column colour."),
        ({"criteria": "usage_at equals"}, "equals is not for usage_at."),
        ({"criteria": "reference less_than"}, "less_than is not for reference."),
        ({"criteria": "reference like"}, "'like' is not one of equals, contains"),
        ({"criteria": "reference"}, "'' is not one of equals, contains"),
        ({"criteria": "reference equals loudly"}, "'loudly' is not one of any_case"),
        ({"criteria": "reference equals 100%"}, "edits of 100 % or more would fit any text."),
        ({"criteria": "amount less_than 5%"}, "5% is for texts."),
        ({"criteria": "billing_period equals"}, "billing_period of the billed rows is no text."),
        ({"mappings": "currency"}, "mapping 'currency' is not written column:pattern>value."),
        ({"mappings": "currency:a>*"}, "has no text for every * of its value."),
        ({"mappings": "sku_id:a>b"}, "it maps sku_id, which is no key of it."),
        (
            {"keys": "billing_period;currency", "mappings": "billing_period:a>b"},
            "billing_period of the billed rows is no text.",
        ),
        ({"window_hours": -1}, "its window is negative."),
        ({"absolute_tolerance": -1}, "its absolute tolerance is negative."),
        ({"percent_tolerance": 101}, "its percent tolerance is not between 0 and 100."),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule: dict[str, Any], sentence: str) -> None:
    with pytest.raises(MatchingError) as error:
        found([{}], [{}], [rule])
    assert str(error.value).startswith("Matching rule rule: ")
    assert sentence in str(error.value)


def test_no_rules_are_refused() -> None:
    with pytest.raises(MatchingError, match="There are no matching rules"):
        found([{}], [{}], [])


def test_rows_that_cannot_be_matched_are_refused() -> None:
    with pytest.raises(MatchingError, match="billed rows have the row_id 'a' more than once"):
        found([{"row_id": "a"}, {"row_id": "a"}], [], [{}])
    with duckdb.connect() as connection:
        billed, expected, rules = relations(connection, [{}], [{}], [{}])
        floats = expected.project("* replace (cast(amount as double) as amount)")
        with pytest.raises(MatchingError, match="expected rows have DOUBLE as amount: it must be"):
            match(connection, billed, floats, rules)
        assert not connection.sql("show all tables").filter("name like 'matching_%'").fetchall()


def test_it_runs_in_a_transaction_that_writes_tables(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        inputs = relations(connection, [{}], [{}], [{}])
        connection.execute("create table found (match_id uuid, side varchar)")
        connection.execute("begin")
        connection.execute("delete from found")
        matches = match(connection, *inputs).matches
        matches.project("match_id, side").insert_into("found")
        connection.execute("commit")
        assert len(connection.table("found").fetchall()) == 2


# --- The default rules


@pytest.mark.parametrize(
    ("rule", "billed", "expected"),
    [
        (
            "renamed-sku-2026",
            [{"sku_id": "new", "canonical_sku_id": "old", "quantity": "1.001", "amount": 9}],
            [{"sku_id": "old"}],
        ),
        (
            "next-day-2026",
            [{"usage_at": at(86_400), "amount": 9}],
            [{}],
        ),
        (
            "summed-line-2026",
            [{"sku_id": "all", "amount": "10.01", "quantity": 1}],
            [{"sku_id": "a", "amount": 3}, {"sku_id": "b", "amount": 7, "unit": "GB"}],
        ),
        (
            "split-line-2026",
            [{"sku_id": "a", "amount": 3}, {"sku_id": "b", "amount": 7}],
            [{"sku_id": "all", "amount": "10.01", "quantity": 1}],
        ),
    ],
)
def test_a_default_rule_matches_what_its_name_says(
    rule: str, billed: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> None:
    of_key = {"counterparty": "aws", "charge_kind": "usage", "sku_id": "a"}
    directions = [row["direction"] for row in default_rules() if row["match_rule_id"] == rule]
    assert "payable" in directions
    for direction in directions:
        sides = [[of_key | {"direction": direction} | row for row in rows]
                 for rows in (billed, expected)]  # fmt: skip
        for row in (*sides[0], *sides[1]):
            row.setdefault("canonical_sku_id", row["sku_id"])
        result = found(*sides, default_rules())
        assert list(result.rules.values()) == [rule]
        assert not any(result.unmatched)


def default_rules() -> list[dict[str, Any]]:
    """The rows of the seed."""
    with (PROJECT / "seeds" / "matching_rules.csv").open(encoding="utf-8", newline="") as file:
        rows = [{name: text or None for name, text in row.items()} for row in csv.DictReader(file)]
    for row in rows:
        row["priority"] = int(row["priority"] or 0)
        row["valid_from"] = date.fromisoformat(row["valid_from"] or "")
    return rows
