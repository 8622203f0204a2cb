"""What the matcher should find, one row after the other: slow, and simple enough to read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

Pair = tuple[str, str]
Gap = tuple[Fraction, Fraction]


class Row(NamedTuple):
    """A row as far as the rules of the tests see it."""

    row_id: str
    account_id: str
    usage_at: datetime
    amount: int


class Rule(NamedTuple):
    """A one-to-one rule by account; seconds, units of the amount, percent."""

    match_rule_id: str
    priority: int
    window: int
    absolute: int
    percent: int


def near(billed: Row, expected: Row, rule: Rule) -> Gap | None:
    """How far two rows are apart; none if the rule does not allow it."""
    gap = apart(billed, expected)
    limit = max(Fraction(rule.absolute), Fraction(rule.percent, 100) * abs(expected.amount))
    is_near = gap[0] <= rule.window and gap[1] <= limit
    return gap if is_near and billed.account_id == expected.account_id else None


def apart(billed: Row, expected: Row) -> Gap:
    """How far two rows are apart in time, then in amount."""
    seconds = abs((billed.usage_at - expected.usage_at).total_seconds())
    return Fraction(seconds), Fraction(abs(billed.amount - expected.amount))


def referred(
    billed: Iterable[Row], expected: Iterable[Row], rules: Iterable[Rule]
) -> tuple[set[Pair], set[Pair]]:
    """The pairs that rules match, and those that they cannot decide."""
    matched: set[Pair] = set()
    undecided: set[Pair] = set()
    for rule in sorted(rules, key=lambda rule: rule.priority):
        settled = matched | undecided
        taken, left = by_rule(
            [row for row in billed if row.row_id not in {pair[0] for pair in settled}],
            [row for row in expected if row.row_id not in {pair[1] for pair in settled}],
            rule,
        )
        matched |= taken
        undecided |= left
    return matched, undecided


def by_rule(billed: list[Row], expected: list[Row], rule: Rule) -> tuple[set[Pair], set[Pair]]:
    """The same of one rule: rows alike are one unit, used up in the order of their ids."""
    ones, others = units(billed), units(expected)
    gaps = {
        (one, other): gap
        for one in ones
        for other in others
        if (gap := near(one, other, rule)) is not None
    }
    matched: set[Pair] = set()
    while True:
        gaps = {pair: gap for pair, gap in gaps.items() if ones[pair[0]] and others[pair[1]]}
        nearest = next((pair for pair in gaps if is_nearest(pair, gaps)), None)
        if nearest is None:
            return matched, {
                (one_id, other_id)
                for one, other in gaps
                for one_id in ones[one]
                for other_id in others[other]
            }
        one, other = ones[nearest[0]], others[nearest[1]]
        for _ in range(min(len(one), len(other))):
            matched.add((one.pop(0), other.pop(0)))


def units(rows: list[Row]) -> dict[Row, list[str]]:
    """The ids of rows alike."""
    found: dict[Row, list[str]] = {}
    for row in sorted(rows):
        found.setdefault(row._replace(row_id=""), []).append(row.row_id)
    return found


def is_nearest(pair: tuple[Any, Any], gaps: dict[tuple[Any, Any], Gap]) -> bool:
    """Whether a pair is strictly nearer than all others of either of its units."""
    return all(
        gaps[pair] < gap
        for other, gap in gaps.items()
        if other != pair and (other[0] == pair[0] or other[1] == pair[1])
    )
