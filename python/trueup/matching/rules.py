"""Matching rules: rows of a table as checked values; what cannot be meant is refused in a sentence.

Columns of the table, as the seed `matching_rules` has them; an empty list is null or ''.

match_rule_id       name of the rule; matches carry it
priority            rules are tried from low to high; a row that is matched is not tried again
direction           payable or receivable: the rows of either side that the rule sees
cardinality         one_to_one; one_to_many: a billed row and all expected rows of its keys, summed;
                    many_to_one: an expected row and all billed rows of its keys, summed
keys                columns that must agree, `;` between them, a null with a null
mappings            `column:pattern>value`, `;` between them: how a billed key is written on the
                    expected side; `*` stands for any text and is carried over. The first pattern
                    that fits a value counts
criteria            `column operator [any_case] [trimmed] [N%]`, `;` between them. A text equals or
                    contains the other side's (either in the other), or is off it by edits of at
                    most N percent of the longer one's bytes; of a group, any member's. A number or
                    time is greater_than or less_than the expected one
window_hours        most time between the two rows, inclusive; of a group its earliest row counts.
                    To the microsecond; null does not look at time
compared            amount or quantity
absolute_tolerance  most difference of what is compared: the greater of a number of its unit and
percent_tolerance   a percentage of the expected one, inclusive, in both directions; null in both
                    does not look at it
valid_from          first billing period of rows that the rule sees; null: from the first
valid_to            first day after the last one; null: open
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

DIRECTIONS = ("payable", "receivable")
CARDINALITIES = ("one_to_one", "one_to_many", "many_to_one")
COMPARED = ("amount", "quantity")
MEASURES = ("usage_at", "quantity", "amount")
TEXT_OPERATORS = ("equals", "contains")
ORDER_OPERATORS = ("greater_than", "less_than")

ROWS = """
    select
        match_rule_id,
        priority,
        direction,
        cardinality,
        coalesce(keys, '') as keys,
        coalesce(mappings, '') as mappings,
        coalesce(criteria, '') as criteria,
        cast(cast(window_hours as decimal(24, 12)) * 3600000000 as hugeint) as window_microseconds,
        compared,
        cast(absolute_tolerance as decimal(38, 18)) as absolute_tolerance,
        cast(percent_tolerance as decimal(18, 6)) as percent_tolerance,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to
    from ({rules})
    order by priority, match_rule_id, valid_from
"""


class MatchingError(ValueError):
    """A rule, or rows, that cannot be matched by."""


@dataclass(frozen=True)
class Mapping:
    """How a value of a billed key is written on the expected side."""

    column: str
    pattern: str
    value: str


@dataclass(frozen=True)
class Criterion:
    """What a column of both rows must fulfil."""

    column: str
    operator: str
    any_case: bool = False
    trimmed: bool = False
    edits_percent: int = 0


@dataclass(frozen=True)
class Rule:
    """A checked rule; see the module for what its fields mean."""

    match_rule_id: str
    priority: int
    direction: str
    cardinality: str
    keys: tuple[str, ...]
    mappings: tuple[Mapping, ...]
    criteria: tuple[Criterion, ...]
    window_microseconds: int | None
    compared: str
    absolute_tolerance: Decimal | None
    percent_tolerance: Decimal | None
    valid_from: date | None
    valid_to: date | None

    @property
    def columns(self) -> set[str]:
        """Columns that rows of both sides must have."""
        return {*self.keys, *(criterion.column for criterion in self.criteria)}

    @property
    def texts(self) -> tuple[str, ...]:
        """Columns of text criteria, each once, in order."""
        columns = {each.column for each in self.criteria if each.operator in TEXT_OPERATORS}
        return tuple(sorted(columns))


def read_rules(connection: Any, rules: Any) -> tuple[Rule, ...]:
    """The rules of a relation, in the order in which they are tried.

    Raises:
        MatchingError: there is none, or one that cannot be meant.
    """
    rows = connection.execute(ROWS.format(rules=rules.sql_query()))
    names = [column[0] for column in rows.description]
    found = tuple(_rule(dict(zip(names, row, strict=True))) for row in rows.fetchall())
    if not found:
        raise MatchingError("There are no matching rules: without one, nothing could ever match.")
    return found


def refused(match_rule_id: str, found: str) -> MatchingError:
    """The error that names the rule and what is wrong with it."""
    return MatchingError(f"Matching rule {match_rule_id}: {found}")


def _rule(row: dict[str, Any]) -> Rule:
    lists = {
        "keys": tuple(_split(row["keys"])),
        "mappings": tuple(_mapping(row["match_rule_id"], text) for text in _split(row["mappings"])),
        "criteria": tuple(
            _criterion(row["match_rule_id"], text) for text in _split(row["criteria"])
        ),
    }
    rule = Rule(**(row | lists))
    for is_wrong, found in _checks(rule):
        if is_wrong:
            raise refused(rule.match_rule_id, found)
    return rule


def _checks(rule: Rule) -> Iterator[tuple[bool, str]]:
    """What a rule may not mean, each with its sentence."""
    for name, known in (
        ("direction", DIRECTIONS),
        ("cardinality", CARDINALITIES),
        ("compared", COMPARED),
    ):
        value = getattr(rule, name)
        yield value not in known, f"{name} {value!r} is not one of {_listed(known)}."
    yield not rule.keys, "it has no keys: an empty rule would match anything."
    yield (
        "currency" not in rule.keys,
        "currency is not among its keys: a group of several has no sum.",
    )
    yield (
        rule.compared == "quantity" and "unit" not in rule.keys,
        "it compares quantities, and unit is not among its keys: several units have no sum.",
    )
    yield (rule.window_microseconds or 0) < 0, "its window is negative."
    yield (rule.absolute_tolerance or 0) < 0, "its absolute tolerance is negative."
    percent = rule.percent_tolerance or 0
    yield not 0 <= percent <= 100, "its percent tolerance is not between 0 and 100."
    for mapping in rule.mappings:
        yield mapping.column not in rule.keys, f"it maps {mapping.column}, which is no key of it."


def _mapping(rule: str, text: str) -> Mapping:
    found = re.fullmatch(r"([^:]+):([^>]+)>([^>]+)", text)
    if found is None:
        raise refused(rule, f"mapping {text!r} is not written column:pattern>value.")
    mapping = Mapping(*found.groups())
    if mapping.value.count("*") > mapping.pattern.count("*"):
        raise refused(rule, f"mapping {text!r} has no text for every * of its value.")
    return mapping


def _criterion(rule: str, text: str) -> Criterion:
    column, _, rest = text.partition(" ")
    operator, *options = rest.split() or [""]
    _known(rule, text, operator, (*TEXT_OPERATORS, *ORDER_OPERATORS))
    if (column in MEASURES) != (operator in ORDER_OPERATORS):
        raise refused(rule, f"criterion {text!r}: {operator} is not for {column}.")
    edits = [int(option[:-1]) for option in options if re.fullmatch(r"\d+%", option)]
    words = [option for option in options if not re.fullmatch(r"\d+%", option)]
    for word in words:
        _known(rule, text, word, ("any_case", "trimmed", "N%"))
    if options and operator in ORDER_OPERATORS:
        raise refused(rule, f"criterion {text!r}: {_listed(options)} is for texts.")
    if len(edits) > 1 or any(percent >= 100 for percent in edits):
        raise refused(rule, f"criterion {text!r}: edits of 100 % or more would fit any text.")
    return Criterion(column, operator, "any_case" in words, "trimmed" in words, sum(edits))


def _known(rule: str, text: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise refused(rule, f"criterion {text!r}: {word!r} is not one of {_listed(words)}.")


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
