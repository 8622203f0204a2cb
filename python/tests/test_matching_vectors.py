"""Worked answers that other systems state, replayed by the matcher.

`data/reconciliation/cases.jsonl` holds inputs, answers and citations. Where ours is another answer,
`differences.csv` says which and why; nothing else may differ.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from matching_helpers import Found, Row, at, found, hours, relations

from trueup.matching import MatchingError, match, read_rules

DATA = Path(__file__).parent / "data" / "reconciliation"
CASES = [json.loads(line) for line in (DATA / "cases.jsonl").read_text("utf-8").splitlines()]
with (DATA / "differences.csv").open(encoding="utf-8", newline="") as file:
    DIFFERENCES = {row["id"]: row for row in csv.DictReader(file)}
# Stated by the systems, and no answer at all: a rule that fits anything, and sums of currencies.
SUSPECT = {"blnk-r059", "blnk-r063"}
REFUSED = "refused"
Case = dict[str, Any]


def test_every_case_is_replayed_and_every_difference_has_a_reason() -> None:
    cases = {case["id"] for case in CASES}
    assert len(cases) == len(CASES) == 127
    assert cases >= DIFFERENCES.keys()
    assert all(row["reason"] for row in DIFFERENCES.values())
    assert {case["kind"] for case in CASES} == REPLAYS.keys()
    assert all(json.loads(DIFFERENCES[case]["ours"]) == REFUSED for case in SUSPECT)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case: Case) -> None:
    stated, answer = unordered(case["expected"]), unordered(replayed(case))
    if case["id"] not in DIFFERENCES:
        assert answer == stated
    else:
        assert answer == json.loads(DIFFERENCES[case["id"]]["ours"])
        assert answer != stated


def unordered(answer: Any) -> Any:
    """An answer whose rows, if it has some, are in one order."""
    if isinstance(answer, list) and answer and isinstance(answer[0], dict):
        return sorted(answer, key=lambda row: str(sorted(row.items())))
    return answer


def replayed(case: Case) -> Any:
    """Our answer, or that ours refuses to give one."""
    try:
        return REPLAYS[case["kind"]](case["input"])
    except (MatchingError, duckdb.Error):
        return REFUSED


def holds(billed: Row | list[Row], expected: Row | list[Row], *rules: Row) -> bool:
    """Whether all rows are matched, by any of the rules."""
    sides = (one if isinstance(one, list) else [one] for one in (billed, expected))
    return not any(found(*sides, rules).unmatched)


def percent(fraction: Any) -> Decimal:
    return Decimal(fraction) * 100


# --- One row with one other


def amount_tolerance(case: Case) -> bool:
    rule: Row = {"percent_tolerance": percent(case.get("relative_tolerance_fraction", 0))}
    if case["op"] != "equals":
        rule = {"criteria": f"amount {case['op']}"}
    return holds({"amount": case["external"]}, {"amount": case["internal"]}, rule)


def value_tolerance(case: Case) -> Any:
    """Each pair of values is a row of its own account."""
    one, other = (side if isinstance(side, list) else [side] for side in (case["a"], case["b"]))
    sides = [
        [{"account_id": number, "amount": value} for number, value in enumerate(values)]
        for values in (one, other)
    ]
    rule = {
        "keys": "account_id;currency",
        "absolute_tolerance": case["abs_tol"],
        "percent_tolerance": percent(case["rel_tol"]),
    }
    left, _ = found(*sides, [rule]).unmatched
    equal = [f"{number:04}" not in left for number in range(len(one))]
    return equal if isinstance(case["a"], list) else equal[0]


def date_window(case: Case) -> bool:
    rule: Row = {"window_hours": hours(case.get("window_seconds", 0))}
    if case["op"] != "equals":
        rule = {"criteria": f"usage_at {case['op']}"}
    return holds({"usage_at": at(case["offset_seconds"])}, {}, rule)


def date_match(case: Case) -> bool:
    days = [case[side] and datetime.fromisoformat(case[side]) for side in ("a", "b")]
    return holds({"usage_at": days[0]}, {"usage_at": days[1]}, {"window_hours": 0})


def string_match(case: Case) -> bool:
    """Blnk reads texts in any case, and a group's texts one by one; datacompy may trim them."""
    if "a" in case:
        rule = {"criteria": "reference equals" + " trimmed" * case["ignore_spaces"]}
        return holds({"reference": case["a"]}, {"reference": case["b"]}, rule)
    edits = f" {case['edit_distance_percent']}%" if case["edit_distance_percent"] else ""
    members = [{"reference": text} for text in case["internal"].split(" | ")]
    rule = {
        "cardinality": "one_to_many",
        "criteria": f"reference {case['op']} any_case{edits}",
    }
    return holds({"reference": case["external"]}, members, rule)


def currency_match(case: Case) -> bool:
    """Codes are of any case where a mapping says so. MIXED is a group of several currencies."""
    external, internal = case["external"], case["internal"]
    if internal == "MIXED":
        members = [{"currency": external}, {"currency": "USD"}]
        rule = {"cardinality": "one_to_many", "keys": "account_id"}
        return holds({"currency": external}, members, rule)
    rule = {"mappings": f"currency:{external}>{external.upper()}"}
    return holds({"currency": external}, {"currency": internal}, rule)


def candidate_bounds(case: Case) -> list[str]:
    """Least and most expected amount, to the cent, that is a candidate for the billed one."""
    cents = range(10_000, 45_000)
    amounts = [Decimal(cent) / 100 for cent in cents]
    rules = [
        {
            "match_rule_id": fraction,
            "priority": number,
            "keys": "account_id;currency",
            "percent_tolerance": percent(fraction),
        }
        for number, fraction in enumerate(case["rules_relative_tolerance"])
    ]
    _, left = found(
        [{"account_id": number, "amount": case["external"]} for number in cents],
        [
            {"row_id": str(amount), "account_id": number, "amount": amount}
            for number, amount in zip(cents, amounts, strict=True)
        ],
        rules,
    ).unmatched
    matched = [amount for amount in amounts if str(amount) not in left]
    return [f"{bound.normalize():f}" for bound in (min(matched), max(matched))]


# --- Rules


LIMITS: dict[str, Callable[[str], Row]] = {
    "amount": lambda limit: {"percent_tolerance": percent(limit)},
    "date": lambda limit: {"window_hours": hours(limit)},
}
CHANGED = {"reference": "another"}


def rule_logic(case: Case) -> bool:
    if "rules" not in case:
        external, internal = (
            {
                "amount": row["amount"],
                "usage_at": at(row["offset_s"]),
                "currency": row["currency"],
                "description": row["description"],
            }
            for row in (case["external"], case["internal"])
        )
        rule: Row = {}
        for name, *limit in case["criteria"]:
            rule |= criterion(name, *limit)
        return holds(external, internal, rule)
    rules = [
        {"match_rule_id": str(number), "priority": number, "keys": "account_id;currency"}
        | criteria(names)
        for number, names in enumerate(case["rules"])
    ]
    failing = {name[:-1] for names in case["rules"] for name in names if name.endswith("!")}
    return holds({}, {name: CHANGED[name] for name in failing}, *rules)


def criteria(names: Iterable[str]) -> Row:
    """What a rule says that has all criteria of these names."""
    found = [criterion(name.rstrip("!")) for name in names]
    texts = ";".join(each["criteria"] for each in found if "criteria" in each)
    return {name: value for each in found for name, value in each.items()} | {"criteria": texts}


def criterion(name: str, limit: str = "0") -> Row:
    """What a rule says for one of Blnk's criteria, whose texts are of any case."""
    if name in LIMITS:
        return LIMITS[name](limit)
    column, _, operator = name.partition(" ")
    return {} if column == "currency" else {"criteria": f"{column} {operator or 'equals'} any_case"}


def rule_validation(case: Case) -> str:
    rule: Row = {"criteria": f"{case['field']} {case['op']}"}
    if case["op"] == "equals" and case["field"] in LIMITS:
        rule = LIMITS[case["field"]](case["tolerance"])
    elif case["field"] in LIMITS:
        rule = rule | LIMITS[case["field"]](case["tolerance"])
    else:
        rule = {"criteria": f"{rule['criteria']} {int(percent(case['tolerance']))}%"}
    try:
        with duckdb.connect() as connection:
            read_rules(connection, relations(connection, [], [], [rule])[2])
    except MatchingError:
        return "error"
    return "ok"


# --- Pairs and groups


def one_to_one(case: Case) -> Any:
    if "rules" not in case and case["internal"] != "query failed":
        rule = {"percent_tolerance": percent(case["relative_tolerance_fraction"])}
        return holds({"amount": case["external"]}, {"amount": case["internal"][0]}, rule)
    rows = [dict(zip(("row_id", "amount", "currency"), row, strict=True))
            for row in case["external"]]  # fmt: skip
    with duckdb.connect() as connection:
        billed, expected, rules = relations(connection, rows, [{}], case.get("rules", [{}]))
        if case["internal"] == "query failed":
            expected = expected.project("* replace (cast(error('failed') as varchar) as row_id)")
        return match(connection, billed, expected, rules).matches.fetchall()


def one_to_many_date(case: Case) -> bool:
    group = [{"usage_at": at(offset)} for offset in case["group_offsets"]]
    rule = {"cardinality": "one_to_many", "window_hours": hours(case["window_seconds"])}
    return holds({"usage_at": at(case["external_offset_seconds"])}, group, rule)


def one_to_many(case: Case) -> Any:
    if "claimants_per_group" in case:
        return claimed(case["groups"], case["claimants_per_group"])
    if "external" in case:
        single, groups = case["external"], case["groups"]
        matched = found([row_of(single)], rows_of(groups), [grouped("one_to_many")])
        sums = {row_id: Decimal(amount) for rows in groups.values() for row_id, amount in rows}
        members = [row for _, rows in matched.pairs for row in rows]
        return consumed(matched, 1) | {"matched_sum": str(sum(sums[row] for row in members))}
    same = {"description": "Rent", "reference": "REF-1"}
    rule = grouped("one_to_many") | {
        "percent_tolerance": percent(case["relative_tolerance_fraction"]),
        "criteria": "description contains any_case;reference contains any_case",
    }
    members = [{"amount": amount, **same} for amount in case["group"]]
    return holds({"amount": case["one"], **same}, members, rule)


def many_to_one(case: Case) -> Any:
    matched = found(rows_of(case["groups"]), [row_of(case["internal"])], [grouped("many_to_one")])
    return consumed(matched, 0)


def grouped(cardinality: str) -> Row:
    return {"cardinality": cardinality, "absolute_tolerance": 0}


def row_of(row: Iterable[str]) -> Row:
    return dict(zip(("row_id", "amount"), row, strict=True))


def rows_of(groups: dict[str, list[list[str]]]) -> list[Row]:
    return [row_of(row) for rows in groups.values() for row in rows]


def consumed(matched: Found, side: int) -> dict[str, Any]:
    """Rows of the group that are matched, and what is left of it."""
    records = sum(len(pair[side]) for pair in matched.pairs)
    return {"match_records": records, "groups_left": sorted(matched.unmatched[side])}


def claimed(groups: int, claimants: int) -> dict[str, int]:
    """Groups of one row, each wanted by several rows of its account."""
    members = [{"account_id": group} for group in range(groups)]
    rule = grouped("one_to_many") | {"keys": "account_id;currency"}
    matched = found(members * claimants, members, [rule])
    return {"claimed": groups - len(matched.unmatched[1]), "records": len(matched.pairs)}


def duplicate_keys(case: Case) -> dict[str, Any]:
    sides = [
        [{"account_id": row["a"], "amount": row["b"]} for row in case[name]]
        for name in ("a_rows", "b_rows")
    ]
    rule = {"keys": "account_id;currency", "absolute_tolerance": 0}
    matched = found(*sides, [rule])
    only = dict(zip(("only_a", "only_b"), map(len, matched.unmatched), strict=True))
    return {"matches": not any(only.values()), **only, "both": len(matched.pairs)}


# --- Whole relations


def balance_level(case: Case) -> dict[str, Any]:
    """Balances by currency; what is left on either side is drift."""
    expected = [{"row_id": code, "currency": code, "amount": str(amount)}
                for code, amount in case["ledger"].items()]  # fmt: skip
    billed = [{"row_id": code, "currency": code, "amount": str(-amount)}
              for code, amount in case["payments"].items()]  # fmt: skip
    matched = found(billed, expected, [{"absolute_tolerance": 0}])
    drift = dict.fromkeys({**case["ledger"], **case["payments"]}, 0)
    for code in matched.unmatched[0]:
        drift[code] += case["payments"][code]
    for code in matched.unmatched[1]:
        drift[code] += case["ledger"][code]
    drift = {code: abs(amount) for code, amount in drift.items()}
    return {"status": "NOT_OK" if any(drift.values()) else "OK", "drift": drift}


def compared(case: Case, *keys: str) -> Found:
    """Rows of both sides, matched by each list of columns in turn; `t_` keeps our names apart."""
    bounds = case["event_time_bounds"]
    sides = [
        [
            {"row_id": f"{row['id']}:{number}"} | {f"t_{name}": row[name] for name in row}
            for number, row in enumerate(case[name])
            if not bounds
            or bounds["min_event_time"] <= row[bounds["event_time"]] <= bounds["max_event_time"]
        ]
        for name in ("a_rows", "b_rows")
    ]
    rules = [
        {"match_rule_id": columns, "priority": number, "keys": f"currency;{columns}"}
        for number, columns in enumerate(keys)
    ]
    return found(*sides, rules)


def columns_of(case: Case) -> str:
    return ";".join(f"t_{name}" for name in case["columns"] or case["a_rows"][0])


def row_status(case: Case) -> list[dict[str, Any]]:
    """A row per version of a row: equal, equal in its primary key only, or on one side only."""
    key = case["primary_key"][0]
    equal, same = columns_of(case), f"t_{key}"
    equal_rows = f"{equal};{same}"
    matched = compared(case, equal_rows, same)
    names = {equal_rows: "identical", same: "modified"}
    rows = [
        (names[matched.rules[name]], key_of(next(iter(billed))))
        for name, (billed, _) in matched.matches.items()
    ]
    for status, left in zip(("removed", "added"), matched.unmatched, strict=True):
        rows += [(status, key_of(row)) for row in left]
    twins = {
        row[key]
        for side in ("a_rows", "b_rows")
        for row in case[side]
        if [other[key] for other in case[side]].count(row[key]) > 1
    }
    rows = [("nonunique_pk" if row in twins else status, row) for status, row in rows]
    counts = Counter(status for status, _ in rows)
    versions = [row for row in rows for _ in range(1 + (row[0] == "modified"))]
    return [
        {"dbt_audit_row_status": status, key: row, "dbt_audit_num_rows_in_status": counts[status]}
        for status, row in versions
    ]


def key_of(row_id: str) -> int | None:
    key = row_id.split(":")[0]
    return None if key == "None" else int(key)


def column_difference(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "column_name": name,
            "has_difference": any(compared(case, f"t_{case['primary_key'][0]};t_{name}").unmatched),
        }
        for name in case["columns"]
    ]


def set_equal(case: Case) -> list[dict[str, bool]]:
    return [{"are_tables_identical": not any(compared(case, columns_of(case)).unmatched)}]


REPLAYS: dict[str, Callable[[Case], Any]] = {
    "amount_tolerance": amount_tolerance,
    "value_tolerance": value_tolerance,
    "date_window": date_window,
    "date_match": date_match,
    "string_match": string_match,
    "currency_match": currency_match,
    "candidate_bounds": candidate_bounds,
    "rule_logic": rule_logic,
    "rule_validation": rule_validation,
    "one_to_one": one_to_one,
    "one_to_many_date": one_to_many_date,
    "one_to_many": one_to_many,
    "many_to_one": many_to_one,
    "duplicate_keys": duplicate_keys,
    "balance_level": balance_level,
    "row_status": row_status,
    "column_difference": column_difference,
    "set_equal": set_equal,
}
