"""What a rule says as SQL over two rows, `billed` and `expected`; names and values are quoted."""

from __future__ import annotations

import re
from decimal import Decimal

from trueup.matching.rules import TEXT_OPERATORS, Criterion, Mapping, Rule

# Percent of the magnitude of a decimal(38, 18), cut off to 18 decimals, where no step is inexact:
# whole units in decimals, the part behind the point in integers. What differs from it is of 18
# decimals too, so that cutting off takes nothing from an inclusive test.
PERCENT_OF = """
    cast(trunc(abs({value})) as decimal(20, 0)) * cast({share} as decimal(9, 8))
    + cast(
        cast((abs({value}) - trunc(abs({value}))) * 1000000000000000000 as hugeint)
        * {millionths} // 100000000 as decimal(19, 0)
    ) * cast(0.000000000000000001 as decimal(18, 18))
"""


def quoted(name: str) -> str:
    """A column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def mapped(column: str, mappings: tuple[Mapping, ...]) -> str:
    """A key, with the mappings of its column applied to it."""
    name = quoted(column)
    cases = [
        f"when regexp_full_match({name}, {literal(_pattern(mapping.pattern))}, 's') then"
        f" regexp_replace({name}, {literal(f'^{_pattern(mapping.pattern)}$')},"
        f" {literal(_replacement(mapping.value))}, 's')"
        for mapping in mappings
        if mapping.column == column
    ]
    return f"case {' '.join(cases)} else {name} end" if cases else name


def _pattern(glob: str) -> str:
    return "(.*)".join(re.escape(part) for part in glob.split("*"))


def _replacement(glob: str) -> str:
    first, *others = (part.replace("\\", "\\\\") for part in glob.split("*"))
    return first + "".join(f"\\{number}{part}" for number, part in enumerate(others, start=1))


def gap(column: str) -> str:
    """How far two rows are apart; none where neither knows, null where one does not."""
    billed, expected = f"billed.{column}", f"expected.{column}"
    return (
        f"case when {billed} is null and {expected} is null then 0"
        f" else abs({billed} - {expected}) end"
    )


def tests(rule: Rule) -> list[str]:
    """All that two rows must fulfil beside their keys."""
    found = [_of_texts(each) for each in rule.criteria if each.operator in TEXT_OPERATORS]
    found += [
        f"billed.{each.column} {'>' if each.operator == 'greater_than' else '<'} "
        f"expected.{each.column}"
        for each in rule.criteria
        if each.operator not in TEXT_OPERATORS
    ]
    if rule.window_microseconds is not None:
        found.append(f"time_gap <= {rule.window_microseconds}")
    if rule.absolute_tolerance is not None or rule.percent_tolerance is not None:
        found.append(f"value_gap <= {_tolerance(rule)}")
    return found


def _tolerance(rule: Rule) -> str:
    percent = rule.percent_tolerance or Decimal(0)
    share = PERCENT_OF.format(
        value=f"expected.{rule.compared}",
        share=percent.scaleb(-2),
        millionths=int(percent.scaleb(6)),
    )
    absolute = f"cast({rule.absolute_tolerance or 0:f} as decimal(38, 18))"
    return f"greatest({absolute}, {share})"


def _of_texts(criterion: Criterion) -> str:
    """Whether any text of the one unit fits any of the other; a group may have several."""
    column = quoted(criterion.column)
    return (
        f"list_bool_or(list_transform(billed.{column}, lambda one:"
        f" list_bool_or(list_transform(expected.{column}, lambda other:"
        f" {_fits(criterion)}))))"
    )


def _fits(criterion: Criterion) -> str:
    one, other = (_read(name, criterion) for name in ("one", "other"))
    fits = f"{one} = {other}"
    if criterion.operator == "contains":
        fits += (
            f" or ({one} <> '' and {other} <> ''"
            f" and (contains({one}, {other}) or contains({other}, {one})))"
        )
    if criterion.edits_percent:
        longer = f"greatest(strlen({one}), strlen({other}))"
        fits += f" or levenshtein({one}, {other}) * 100 <= {criterion.edits_percent} * {longer}"
    return fits


def _read(name: str, criterion: Criterion) -> str:
    """A text as the criterion reads it."""
    text = f"trim({name})" if criterion.trimmed else name
    return f"lower({text})" if criterion.any_case else text
