"""Rows and rules for the matcher, with what a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from trueup.matching import Matching, match

BASE = datetime(2026, 1, 15, 12)
DECIMAL = pa.decimal128(38, 18)
ROW = {
    "row_id": pa.string(),
    "direction": pa.string(),
    "billing_period": pa.date32(),
    "account_id": pa.string(),
    "sku_id": pa.string(),
    "unit": pa.string(),
    "currency": pa.string(),
    "usage_at": pa.timestamp("us"),
    "quantity": DECIMAL,
    "amount": DECIMAL,
    "reference": pa.string(),
    "description": pa.string(),
}
OF_ROW = {
    "direction": "payable", "billing_period": date(2026, 1, 1), "account_id": "1", "sku_id": "a",
    "unit": "h", "currency": "USD", "usage_at": BASE, "quantity": "1", "amount": "1",
    "reference": "", "description": "",
}  # fmt: skip
RULE = {
    "match_rule_id": pa.string(),
    "priority": pa.int64(),
    "direction": pa.string(),
    "cardinality": pa.string(),
    "keys": pa.string(),
    "mappings": pa.string(),
    "criteria": pa.string(),
    "window_hours": DECIMAL,
    "compared": pa.string(),
    "absolute_tolerance": DECIMAL,
    "percent_tolerance": DECIMAL,
    "valid_from": pa.date32(),
    "valid_to": pa.date32(),
}
OF_RULE = {
    "match_rule_id": "rule", "priority": 1, "direction": "payable", "cardinality": "one_to_one",
    "keys": "currency", "compared": "amount",
}  # fmt: skip

Row = Mapping[str, Any]


def at(seconds: Any) -> datetime:
    """A time so many seconds after the usual one, to the microsecond."""
    return BASE + timedelta(microseconds=int(Decimal(seconds) * 10**6))


def hours(seconds: Any) -> Decimal:
    """Seconds as a window's hours."""
    return round(Decimal(seconds) / 3600, 12)


def table(rows: Iterable[Row], schema: Mapping[str, pa.DataType], usual: Row) -> pa.Table:
    """Rows as a table; a column that a row does not name has its usual value, or is null.

    Columns beyond the schema are texts.
    """
    filled = [{**usual, **row} for row in rows]
    beyond = {name for row in filled for name in row} - schema.keys()
    types = {**schema, **dict.fromkeys(sorted(beyond), pa.string())}
    return pa.table(
        {
            name: pa.array([value(row.get(name), kind) for row in filled], kind)
            for name, kind in types.items()
        }
    )


def value(given: Any, kind: pa.DataType) -> Any:
    """A value as its column stores it."""
    if given is None or kind not in (DECIMAL, pa.string()):
        return given
    return Decimal(given) if kind == DECIMAL else str(given)


class Found(NamedTuple):
    """A matching's rows as Python values."""

    matches: dict[str, tuple[frozenset[str], frozenset[str]]]  # billed and expected rows by match
    rules: dict[str, str]  # rule by match
    candidates: set[tuple[str, str]]  # billed and expected row
    reasons: dict[tuple[str, str], str]
    unmatched: tuple[frozenset[str], frozenset[str]]  # billed and expected rows

    @property
    def pairs(self) -> set[tuple[frozenset[str], frozenset[str]]]:
        """Matches without their names."""
        return set(self.matches.values())


def found(billed: Iterable[Row], expected: Iterable[Row], rules: Iterable[Row]) -> Found:
    """Match rows in a database of their own. Rows without an id get their number."""
    with duckdb.connect() as connection:
        matching = match(connection, *relations(connection, billed, expected, rules))
        return read(matching)


def relations(
    connection: duckdb.DuckDBPyConnection,
    billed: Iterable[Row],
    expected: Iterable[Row],
    rules: Iterable[Row],
) -> list[duckdb.DuckDBPyRelation]:
    """The three inputs of the matcher as tables."""
    inputs = {
        "billed": table(numbered(billed), ROW, OF_ROW),
        "expected": table(numbered(expected), ROW, OF_ROW),
        "rules": table(rules, RULE, OF_RULE),
    }
    for name, rows in inputs.items():
        connection.register("given", rows)
        connection.execute(f"create table {name} as from given")
    return [connection.table(name) for name in inputs]


def numbered(rows: Iterable[Row]) -> list[Row]:
    """Rows with their number as id, where they have none."""
    return [{"row_id": f"{number:04}", **row} for number, row in enumerate(rows)]


def read(matching: Matching) -> Found:
    """A matching as Python values; it fails where a row stands twice."""
    members: dict[str, dict[str, list[str]]] = {}
    rules = {}
    for match_id, rule, side, row_id in matching.matches.fetchall():
        members.setdefault(str(match_id), {"billed": [], "expected": []})[side].append(row_id)
        rules[str(match_id)] = rule
    for side in ("billed", "expected"):
        listed = [row for match in members.values() for row in match[side]]
        assert len(listed) == len(set(listed)), f"a {side} row is in two matches"
    reasons = {(one, other): why for _, one, other, why in matching.candidates.fetchall()}
    unmatched = matching.unmatched.fetchall()
    return Found(
        matches={
            name: (frozenset(sides["billed"]), frozenset(sides["expected"]))
            for name, sides in members.items()
        },
        rules=rules,
        candidates=set(reasons),
        reasons=reasons,
        unmatched=(
            frozenset(row for side, row in unmatched if side == "billed"),
            frozenset(row for side, row in unmatched if side == "expected"),
        ),
    )
