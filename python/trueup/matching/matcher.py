"""The rules in their order, set-based: units of rows, candidate pairs, rounds of nearest pairs.

A unit is what a rule pairs: rows that it cannot tell apart, as often as they are there, or the sum
of a group. Candidates are all pairs of units whose keys agree and that pass every test of the rule;
nothing but the keys narrows them before the tests, so no pair that passes is ever missed. A round
takes each pair that is strictly nearer, by time and then by what is compared, than any other pair
of either unit. What is left when a round takes none hangs on a tie: it is shown, and its rows are
kept from later rules.

What holds, whatever the rows (`test_matching.py` shows each):

- A row is in one match at most; the order of rows changes nothing.
- Another rule after the others takes nothing from their matches.
- A wider window takes nothing from the matches of a one-to-one rule: what it adds is farther.
- A wider tolerance adds candidates and loses none. A match gives way only to another match of one
  of its rows, with a row as near, or to a tie that is shown. More cannot be had: a wider window and
  a wider tolerance may each add a pair of one row, and with both one of the two has to go.

There are as many rounds as the longest chain of ever nearer pairs, of which one round takes the
last: few among rows of one key.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from trueup.matching.criteria import gap, literal, mapped, quoted, tests
from trueup.matching.rules import MEASURES, MatchingError, Rule, read_rules, refused

SIDES = ("billed", "expected")
TABLES = (
    "billed_rows", "expected_rows", "billed", "expected", "pairs", "decided", "matches",
    "candidates",
)  # fmt: skip
TYPES = {
    "direction": ("VARCHAR",),
    "billing_period": ("DATE",),
    "currency": ("VARCHAR",),
    "usage_at": ("DATE", "TIMESTAMP"),
    "quantity": ("DECIMAL", "BIGINT", "INTEGER"),
    "amount": ("DECIMAL", "BIGINT", "INTEGER"),
}
# The side of which a rule sums many rows.
GROUPED = {"one_to_many": "expected", "many_to_one": "billed"}

ROWS = """
    create or replace temp table matching_{side}_rows as
    select * replace (
        cast(row_id as varchar) as row_id,
        epoch_us(cast(usage_at as timestamp)) as usage_at,
        cast(quantity as decimal(38, 18)) as quantity,
        cast(amount as decimal(38, 18)) as amount
    )
    from ({rows})
"""
TWINS = """
    select row_id from matching_{side}_rows
    group by row_id
    having count(*) > 1 or row_id is null
    limit 1
"""
RESULTS = """
    create or replace temp table matching_matches
        (match_id uuid, match_rule_id varchar, side varchar, row_id varchar);
    create or replace temp table matching_candidates
        (match_rule_id varchar, billed_row_id varchar, expected_row_id varchar, reason varchar)
"""
# Members of a unit: the rows of each of its copies. Copies are taken in the order of their ids.
UNITS = """
    create or replace temp table matching_{side} as
    with open_rows as (
        select {keys}, {texts} usage_at, quantity, amount, row_id
        from matching_{side}_rows
        where
            direction = '{direction}'
            and billing_period >= {valid_from}
            and billing_period < {valid_to}
            and row_id not in (select row_id from matching_matches where side = '{side}')
            and row_id not in (select {side}_row_id from matching_candidates)
    )
    select min(row_id) as unit_id, {unit}, 0 as taken
    from open_rows
    group by {groups}
"""
PAIRS = """
    create or replace temp table matching_pairs as
    select
        billed.unit_id as billed_unit,
        expected.unit_id as expected_unit,
        {time_gap} as time_gap,
        {value_gap} as value_gap
    from matching_billed as billed
    inner join matching_expected as expected on {keys}
    where {tests}
"""
# A pair counts itself and the pairs of its unit that are as near or nearer: 1 is strictly nearest.
DECIDED = """
    create or replace temp table matching_decided as
    with counted as (
        select
            *,
            count(*) over (partition by billed_unit order by time_gap, value_gap) as of_billed,
            count(*) over (partition by expected_unit order by time_gap, value_gap) as of_expected
        from matching_pairs
    )
    select
        billed_unit,
        expected_unit,
        least(len(billed.members) - billed.taken, len(expected.members) - expected.taken) as copies,
        billed.members[billed.taken + 1 : billed.taken + copies] as billed_members,
        expected.members[expected.taken + 1 : expected.taken + copies] as expected_members
    from counted
    inner join matching_billed as billed on counted.billed_unit = billed.unit_id
    inner join matching_expected as expected on counted.expected_unit = expected.unit_id
    where of_billed = 1 and of_expected = 1
"""
MATCHED = """
    insert into matching_matches
    with pairs as (
        select unnest(billed_members) as billed, unnest(expected_members) as expected
        from matching_decided
    ),
    named as (
        select *, cast(md5(concat_ws('|', {rule}, billed[1], expected[1])) as uuid) as match_id
        from pairs
    )
    select match_id, {rule}, 'billed', unnest(billed) from named
    union all
    select match_id, {rule}, 'expected', unnest(expected) from named
"""
TAKEN = """
    update matching_{side} as units
    set taken = taken + decided.copies
    from matching_decided as decided
    where units.unit_id = decided.{side}_unit
"""
LEFT = """
    create or replace temp table matching_pairs as
    select pairs.*
    from matching_pairs as pairs
    inner join matching_billed as billed
        on pairs.billed_unit = billed.unit_id and billed.taken < len(billed.members)
    inner join matching_expected as expected
        on pairs.expected_unit = expected.unit_id and expected.taken < len(expected.members)
"""
TIED = """
    insert into matching_candidates
    with ranked as (
        select
            *,
            rank() over (partition by billed_unit order by time_gap, value_gap) as billed_rank,
            rank() over (partition by expected_unit order by time_gap, value_gap) as expected_rank,
            count(*) over (partition by billed_unit, time_gap, value_gap) as billed_ties,
            count(*) over (partition by expected_unit, time_gap, value_gap) as expected_ties
        from matching_pairs
    )
    select
        {rule},
        billed_row.row_id,
        expected_row.row_id,
        case
            when billed_rank = 1 and billed_ties > 1 then 'equally_near'
            when expected_rank = 1 and expected_ties > 1 then 'equally_near'
            else 'nearer_row_undecided'
        end
    from ranked
    inner join matching_billed as billed on ranked.billed_unit = billed.unit_id
    inner join matching_expected as expected on ranked.expected_unit = expected.unit_id
    cross join unnest(flatten(billed.members[billed.taken + 1 :])) as billed_row (row_id)
    cross join unnest(flatten(expected.members[expected.taken + 1 :])) as expected_row (row_id)
"""
UNMATCHED = """
    select '{side}' as side, row_id
    from matching_{side}_rows
    where row_id not in (select row_id from matching_matches where side = '{side}')
"""


class Matching(NamedTuple):
    """What the rules make of the rows, as relations of the connection."""

    matches: Any  # match_id, match_rule_id, side (billed, expected), row_id
    candidates: Any  # match_rule_id, billed_row_id, expected_row_id, reason: what no rule decides
    unmatched: Any  # side, row_id: rows in no match, those of candidates among them


def match(connection: Any, billed: Any, expected: Any, rules: Any) -> Matching:
    """Match the rows of two relations by the rules of a third.

    Args:
        connection: where it runs, in temporary tables that go again.
        billed: relation of rows: row_id (unique), direction, billing_period (day), currency,
            usage_at (day or time in UTC; null without), quantity and amount (decimals; null:
            not known), and what the rules name.
        expected: the same for the other side.
        rules: relation of rules, as `read_rules` takes them.

    Raises:
        MatchingError: rules or rows that cannot be matched by; nothing is matched then.
    """
    checked = read_rules(connection, rules)
    try:
        for side, rows in zip(SIDES, (billed, expected), strict=True):
            _check_columns(side, rows, checked)
            connection.execute(ROWS.format(side=side, rows=rows.sql_query()))
            _check_ids(connection, side)
        connection.execute(RESULTS)
        for rule in checked:
            _apply(connection, rule)
        return Matching(
            matches=_result(connection, "from matching_matches"),
            candidates=_result(connection, "from matching_candidates"),
            unmatched=_result(
                connection, " union all ".join(UNMATCHED.format(side=side) for side in SIDES)
            ),
        )
    finally:
        _drop_tables(connection)


def _check_columns(side: str, rows: Any, rules: tuple[Rule, ...]) -> None:
    types = {
        name: str(kind).partition("(")[0]
        for name, kind in zip(rows.columns, rows.types, strict=True)
    }
    for column, allowed in TYPES.items():
        if types.get(column) not in allowed:
            raise MatchingError(
                f"The {side} rows have {types.get(column, 'nothing')} as {column}:"
                f" it must be {' or '.join(allowed)}."
            )
    for rule in rules:
        for column in sorted(rule.columns - types.keys()):
            raise refused(rule.match_rule_id, f"the {side} rows have no column {column}.")
        for column in (*rule.texts, *(mapping.column for mapping in rule.mappings)):
            if types[column] != "VARCHAR":
                raise refused(rule.match_rule_id, f"{column} of the {side} rows is no text.")


def _check_ids(connection: Any, side: str) -> None:
    twins = connection.execute(TWINS.format(side=side)).fetchone()
    if twins:
        raise MatchingError(f"The {side} rows have the row_id {twins[0]!r} more than once.")


def _apply(connection: Any, rule: Rule) -> None:
    """Match what the rules before left open, and note what this one cannot decide."""
    for side in SIDES:
        connection.execute(_units(side, rule))
    connection.execute(_pairs(rule))
    name = {"rule": literal(rule.match_rule_id)}
    while connection.execute(DECIDED).fetchone() != (0,):
        connection.execute(MATCHED.format(**name))
        for side in SIDES:
            connection.execute(TAKEN.format(side=side))
        connection.execute(LEFT)
    connection.execute(TIED.format(**name))


def _units(side: str, rule: Rule) -> str:
    """Query of a side's units: groups on the side of which the rule sums many, else rows alike."""
    names = [f"key_{number}" for number in range(len(rule.keys))]
    texts = [quoted(column) for column in rule.texts]
    mappings = rule.mappings if side == "billed" else ()
    keys = [
        f"{mapped(column, mappings)} as {name}"
        for column, name in zip(rule.keys, names, strict=True)
    ]
    if GROUPED.get(rule.cardinality) == side:
        unit = [
            *names,
            "min(usage_at) as usage_at",
            *(f"cast(sum({name}) as decimal(38, 18)) as {name}" for name in ("quantity", "amount")),
            *(f"list(distinct {text}) as {text}" for text in texts),
            "[list(row_id order by row_id)] as members",
        ]
        # what is not known of a row is not known of the sum
        groups = f"{', '.join(names)} having count({rule.compared}) = count(*)"
    else:
        unit = [
            *names,
            *MEASURES,
            *(f"[{text}] as {text}" for text in texts),
            "list([row_id] order by row_id) as members",
        ]
        groups = ", ".join((*names, *MEASURES, *texts))
    return UNITS.format(
        side=side,
        keys=", ".join(keys),
        texts="".join(f"{text}, " for text in texts),
        direction=rule.direction,
        valid_from=f"date '{rule.valid_from or date.min}'",
        valid_to=f"date '{rule.valid_to or date.max}'",
        unit=", ".join(unit),
        groups=groups,
    )


def _pairs(rule: Rule) -> str:
    keys = [
        f"billed.key_{number} is not distinct from expected.key_{number}"
        for number in range(len(rule.keys))
    ]
    return PAIRS.format(
        time_gap=gap("usage_at"),
        value_gap=gap(rule.compared),
        keys=" and ".join(keys),
        tests=" and ".join(tests(rule)) or "true",
    )


def _result(connection: Any, query: str) -> Any:
    return connection.from_arrow(connection.execute(query).to_arrow_table())


def _drop_tables(connection: Any) -> None:
    for name in TABLES:
        connection.execute(f"drop table if exists temp.matching_{name}")
