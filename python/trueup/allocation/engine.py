"""The rules in their steps: what each takes up, who gets how much, what stays and why.

A step sees what the steps before it left. Of its rules that fit a cost, the one of lowest priority
takes it; of two with the same priority neither may, for the cost would be charged twice. All that
a rule takes is shared out by weights that are taken once, when the step begins. A cost stays with
its owner where no rule fits, where the one that does has a fault, where rules contradict each other
and where no target has any weight. Every row says so, and the sum of all rows never changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from trueup.allocation.rules import Rule, is_glob, read_rules
from trueup.allocation.split import split
from trueup.allocation.weights import prepare_weights, weigh

RULES = """
    create or replace temp table allocation_rules (
        number integer, rule_id varchar, step integer, priority integer, pool varchar,
        match_category varchar[], match_service varchar[], method varchar, driver_id varchar,
        fallback_driver_id varchar, targets varchar[], target_globs varchar[],
        shares map(varchar, decimal(18, 6)), weight_by varchar, valid_from date, valid_to date,
        fault varchar
    )
"""
FLOWS = """
    create or replace temp table allocation_flows as
    select
        billing_period, charge_date, currency, owner as source_owner, owner, product, cost_center,
        tenant, charge_category, service_name, 0 as step, null::varchar as rule_id,
        'direct' as method, null::varchar as driver_id,
        cast(1 as decimal(18, 15)) as share, false as is_estimated,
        '' as path, null::varchar as held_because, null::varchar as held_rules,
        cast(sum(billed_cost) as decimal(38, 18)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 18)) as effective_cost
    from ({costs})
    group by all
"""
FITTING = """
    create or replace temp table allocation_fitting as
    with step_rules as (
        select * from allocation_rules where step = {step}
    ),

    owners as (
        select owners.owner, rules.number
        from (select distinct owner from allocation_flows) as owners
        inner join step_rules as rules on owners.owner glob rules.pool
    ),

    costs as (
        select distinct owner, charge_category, service_name, charge_date
        from allocation_flows
        semi join owners using (owner)
    ),

    fitting as (
        select
            costs.*, rules.number, rules.rule_id, rules.valid_from, rules.fault,
            rank() over (
                partition by
                    costs.owner, costs.charge_category, costs.service_name, costs.charge_date
                order by rules.priority
            ) as place
        from costs
        inner join owners using (owner)
        inner join step_rules as rules using (number)
        where
            costs.charge_date >= coalesce(rules.valid_from, date '0001-01-01')
            and costs.charge_date < coalesce(rules.valid_to, date '9999-12-31')
            and (len(rules.match_category) = 0 or list_bool_or(list_transform(
                rules.match_category, pattern -> coalesce(costs.charge_category, '') glob pattern
            )))
            and (len(rules.match_service) = 0 or list_bool_or(list_transform(
                rules.match_service, pattern -> coalesce(costs.service_name, '') glob pattern
            )))
    )

    select
        owner, charge_category, service_name, charge_date,
        min(number) as number,
        string_agg(rule_id, ', ' order by valid_from nulls first, rule_id) as rule_ids,
        case when count(*) > 1 then 'two rules take it' else min(fault) end as held_because
    from fitting
    where place = 1
    group by owner, charge_category, service_name, charge_date
"""
TAKEN = """
    create or replace temp table allocation_taken as
    select
        row_number() over () as split_id,
        fitting.number, flows.billing_period, flows.charge_date, flows.currency,
        flows.source_owner, flows.owner, flows.product, flows.cost_center, flows.tenant,
        case when {needs_attributes} then flows.charge_category end as charge_category,
        case when {needs_attributes} then flows.service_name end as service_name,
        flows.is_estimated, flows.path, flows.held_because, flows.held_rules,
        cast(sum(flows.billed_cost) as decimal(38, 18)) as billed_cost,
        cast(sum(flows.effective_cost) as decimal(38, 18)) as effective_cost
    from allocation_flows as flows
    inner join allocation_fitting as fitting on {same_cost}
    where fitting.held_because is null
    group by all
"""
SAME_COST = """
    flows.owner = fitting.owner
    and flows.charge_category is not distinct from fitting.charge_category
    and flows.service_name is not distinct from fitting.service_name
    and flows.charge_date = fitting.charge_date
"""
SHARED = """
    select taken.*, targets.target, targets.to_tenant, targets.driver_id, targets.is_guessed,
        targets.weight, targets.total_weight, rules.rule_id, rules.method
    from allocation_taken as taken
    inner join allocation_rules as rules using (number)
    inner join allocation_targets as targets
        on
            taken.number = targets.number and taken.charge_date = targets.charge_date
            and taken.currency = targets.currency and taken.owner = targets.pool
"""
MOVED = """
    billing_period, charge_date, currency, source_owner, target as owner, product,
    case when target = owner then cost_center end as cost_center,
    coalesce(to_tenant, tenant) as tenant, charge_category, service_name, {step} as step, rule_id,
    method, driver_id, cast(weight * 1000000000000000 // total_weight as decimal(18, 0))
    * cast(0.000000000000001 as decimal(15, 15)) as share,
    is_estimated or is_guessed as is_estimated,
    concat_ws(' > ', nullif(path, ''), owner || ' (' || rule_id || ')') as path,
    held_because, held_rules
"""
# What is not passed on stays, with the reason, where there is one.
STEP = """
    create or replace temp table allocation_next as
    select
        flows.* replace (
            coalesce(flows.held_because, fitting.held_because, case
                when fitting.number is not null then 'no target has a weight'
            end) as held_because,
            coalesce(flows.held_rules, fitting.rule_ids) as held_rules
        )
    from allocation_flows as flows
    left join allocation_fitting as fitting on {same_cost}
    where
        fitting.number is null
        or fitting.held_because is not null
        or (fitting.number, flows.charge_date, flows.currency, flows.owner) not in (
            select (number, charge_date, currency, pool) from allocation_targets
        )
    union all by name
    {moved}
"""


def allocate(connection: Any, costs: Any, rules: Any, drivers: Any) -> Any:
    """Every cost with who bears it after all steps; billed and effective cost each keep their sum.

    Args:
        connection: what the relations are of; tables of its own are made there.
        costs: relation with billing_period, charge_date, currency, owner, product, cost_center,
            tenant, charge_category, service_name, billed_cost and effective_cost. Who is given a
            cost of another has no cost_center yet.
        rules: relation with the columns of `rules`.
        drivers: relation with driver_id, driver_date, owner, tenant, value and is_estimated. One
            by tenant alone, without an owner, leaves the cost with its owner.

    Returns:
        The relation of table `allocation_flows`: the costs' columns; source_owner, whose charges
        they are; step, rule_id, method, driver_id and share of the rule that passed the row on
        last, `direct` and 1 without; is_estimated, where a driver's values are or had to be; path,
        the owners and rules on the way; held_because and held_rules, why a rule that fits was not
        applied.
    """
    checked = read_rules(connection, rules)
    connection.execute(RULES)
    if checked:
        marks = ", ".join("?" * 17)
        connection.executemany(f"insert into allocation_rules values ({marks})", map(_row, checked))
    connection.execute(FLOWS.format(costs=costs.sql_query()))
    prepare_weights(connection, drivers)
    steps = [(step, list(group)) for step, group in groupby(checked, lambda rule: rule.step)]
    for step, _ in steps:
        _pass_on(connection, step, checked)
    return connection.table("allocation_flows")


def _row(rule: Rule) -> list[Any]:
    return [
        rule.number, rule.rule_id, rule.step, rule.priority, rule.pool, list(rule.match_category),
        list(rule.match_service), rule.method, rule.driver_id, rule.fallback_driver_id,
        [target for target in rule.targets if not is_glob(target)],
        [target for target in rule.targets or ["*"] if is_glob(target)],
        rule.shares, rule.weight_by, rule.valid_from, rule.valid_to, rule.fault,
    ]  # fmt: skip


def _pass_on(connection: Any, step: int, rules: Iterable[Rule]) -> None:
    """One step: `allocation_flows` as it is after it."""
    later = any(r.step > step and (r.match_category or r.match_service) for r in rules)
    connection.execute(FITTING.format(step=step))
    connection.execute(TAKEN.format(same_cost=SAME_COST, needs_attributes=str(later).lower()))
    weigh(connection, step)
    amounts = {"billed_cost": "billed_part", "effective_cost": "effective_part"}
    parts = split(SHARED, amounts, MOVED.format(step=step), "target, to_tenant")
    moved = (
        "select * rename (billed_part as billed_cost, effective_part as effective_cost)"
        f" from ({parts})"
    )
    connection.execute(STEP.format(same_cost=SAME_COST, moved=moved))
    connection.execute("drop table allocation_flows")
    connection.execute("alter table allocation_next rename to allocation_flows")
