"""Allocation rules: rows of a table as checked values; what cannot be meant has a fault.

Columns of the table, as the input `allocation_rules` has them; an empty list is null or ''.

rule_id             name of the rule; allocations carry it
step                steps run in order, and a later one passes on what an earlier one gave (1)
priority            of the rules of a step that fit a cost, the one with the lowest number takes it
pool                glob of the owners whose costs are passed on
match_category      globs of charge categories, `;` between them; empty: all
match_service       globs of services, likewise
method              direct: all to the one target; even; fixed: by `fixed_shares`; proportional: to
                    what each target's own charges cost in the month; driver: by its values;
                    residual: to all that each target bears once the steps before are done
driver_id           of method driver
fallback_driver_id  driver instead of one without values; without it, what targets cost themselves
targets             owners or globs, `;` between them; empty: all that the method knows of. A glob
                    reaches no owner that is a pool of this step or of an earlier one
fixed_shares        `owner=percent`, `;` between them: shares of method fixed, of at most 100 in
                    all, the rest stays; of any other method, the weight of a target (1)
weight_by           what methods proportional and residual count: effective_cost or billed_cost
valid_from          first day of charges that the rule sees; null: from the first
valid_to            first day after the last one; null: open
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

METHODS = ("direct", "even", "fixed", "proportional", "driver", "residual")
MEASURES = ("effective_cost", "billed_cost")
GLOB = frozenset("*?[")
WHOLE = Decimal(100)

ROWS = """
    select
        rule_id, coalesce(step, 1) as step, coalesce(priority, 0) as priority,
        coalesce(pool, '') as pool, coalesce(match_category, '') as match_category,
        coalesce(match_service, '') as match_service,
        coalesce(method, '') as method, driver_id, fallback_driver_id,
        coalesce(targets, '') as targets, coalesce(fixed_shares, '') as fixed_shares,
        coalesce(weight_by, 'effective_cost') as weight_by,
        cast(valid_from as date) as valid_from, cast(valid_to as date) as valid_to
    from ({rules})
    order by step, priority, rule_id, valid_from
"""


@dataclass(frozen=True)
class Rule:
    """A rule; see the module for what its fields mean. `fault` says why it must not be applied."""

    number: int
    rule_id: str
    step: int
    priority: int
    pool: str
    match_category: tuple[str, ...]
    match_service: tuple[str, ...]
    method: str
    driver_id: str | None
    fallback_driver_id: str | None
    targets: tuple[str, ...]
    shares: dict[str, Decimal]
    weight_by: str
    valid_from: date | None
    valid_to: date | None
    fault: str | None


def read_rules(connection: Any, rules: Any) -> list[Rule]:
    """The rules of a relation, in the order in which they apply.

    Args:
        connection: what the relation is of.
        rules: relation with the columns of the module's text.
    """
    found = connection.sql(ROWS.format(rules=rules.sql_query()))
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    return without_cycles([_rule(number, row) for number, row in enumerate(rows, start=1)])


def _rule(number: int, row: dict[str, Any]) -> Rule:
    targets = _listed(row.pop("targets"))
    stated = row.pop("fixed_shares")
    try:
        shares, fault = _shares(stated), None
    except ValueError as error:
        shares, fault = {}, str(error)
    if row["method"] == "fixed":
        targets = tuple(shares)
    row |= {name: _listed(row[name]) for name in ("match_category", "match_service")}
    fault = fault or _fault(row["method"], row["driver_id"], row["weight_by"], targets, shares)
    return Rule(number=number, targets=targets, shares=shares, fault=fault, **row)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _shares(text: str) -> dict[str, Decimal]:
    """Percents, or weights, by owner.

    Raises:
        ValueError: one that is no number or below zero.
    """
    shares = {}
    for part in _listed(text):
        owner, _, share = part.rpartition("=")
        try:
            value = Decimal(share)
        except InvalidOperation:
            value = Decimal(-1)
        if not owner or not value.is_finite() or value < 0:
            raise ValueError(f"fixed_shares has {part!r}: owner=number of at least 0 is meant")
        shares[owner.strip()] = value
    return shares


def _fault(
    method: str,
    driver_id: str | None,
    weight_by: str,
    targets: tuple[str, ...],
    shares: dict[str, Decimal],
) -> str | None:
    """Why a rule cannot be applied, in a sentence."""
    if method not in METHODS:
        return f"method {method!r} is none of {', '.join(METHODS)}"
    if weight_by not in MEASURES:
        return f"weight_by {weight_by!r} is none of {', '.join(MEASURES)}"
    if method == "driver" and not driver_id:
        return "method driver needs a driver_id"
    if method == "fixed" and not shares:
        return "method fixed needs fixed_shares"
    if method == "fixed" and sum(shares.values()) > WHOLE:
        return f"fixed_shares are {sum(shares.values())} in all: at most 100 can be passed on"
    if method == "direct" and (len(targets) != 1 or is_glob(targets[0])):
        return "method direct needs one target, by name"
    if method == "even" and not targets:
        return "method even needs targets"
    return None


def is_glob(text: str) -> bool:
    """Whether a pattern stands for more than one name."""
    return not GLOB.isdisjoint(text)


def without_cycles(rules: list[Rule]) -> list[Rule]:
    """The rules, where those that send a cost back to its pool have a fault that names the way."""
    for day in sorted({rule.valid_from or date.min for rule in rules}):
        while cycle := _cycle(valid := [rule for rule in rules if _is_valid(rule, day)]):
            way = f"costs go in a circle: {' -> '.join(cycle)}"
            edges = set(pairwise(cycle))
            refused = {rule.number for rule in valid if edges & set(_edges(rule, valid))}
            rules = [replace(rule, fault=way) if rule.number in refused else rule for rule in rules]
    return rules


def _is_valid(rule: Rule, day: date) -> bool:
    starts, ends = rule.valid_from or date.min, rule.valid_to or date.max
    return rule.fault is None and starts <= day < ends


def _cycle(rules: list[Rule]) -> list[str] | None:
    """A way from a pool back to itself."""
    graph: dict[str, set[str]] = {}
    for rule in rules:
        for pool, target in _edges(rule, rules):
            graph.setdefault(target, set()).add(pool)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return None


def _edges(rule: Rule, rules: list[Rule]) -> list[tuple[str, str]]:
    """Pool and target of every passing on by name; a pool that keeps a part is no circle.

    What a rule for many pools passes among these themselves is passed on once, so no circle either.
    """
    targets = [name for name in rule.targets if not is_glob(name)]
    pools = {rule.pool}
    if is_glob(rule.pool):
        named = {name for each in rules for name in (each.pool, *each.targets)}
        pools = {name for name in named if not is_glob(name) and fnmatchcase(name, rule.pool)}
        pools -= set(targets)
    return [(pool, name) for pool in sorted(pools) for name in targets if name != pool]
