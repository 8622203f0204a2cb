"""How much of what rules take up each target bears: the weights of a step.

Stated weights are a driver's values, what targets cost, parts alike or fixed shares. A driver
counts by the day, else by the month, else by its fallback, at last by what targets cost: estimated,
all of it. Only targets that the rule may reach count, and only weights above zero.
"""

from __future__ import annotations

from typing import Any

from trueup.allocation.split import leading_units, weight_units

# Values of a driver by day, and by month for days without any.
DRIVERS = """
    create or replace temp table allocation_drivers as
    with days as (
        select
            driver_id, driver_date, owner, tenant,
            cast(sum(value) as decimal(38, 18)) as value,
            bool_or(coalesce(is_estimated, false)) as is_estimated
        from ({drivers})
        group by all
    ),

    months as (
        select
            driver_id, date_trunc('month', driver_date) as driver_month, owner, tenant,
            cast(sum(value) as decimal(38, 18)) as value,
            bool_or(is_estimated) as is_estimated
        from days
        group by all
    ),

    paces as (
        select
            driver_id, date_trunc('month', driver_date) as driver_month,
            count(distinct driver_date) > 1 as is_daily
        from days
        group by all
    )

    select driver_id, driver_date, null::date as driver_month, owner, tenant, value, is_estimated
    from days
    union all
    -- a day that a daily driver leaves out is estimated by the month
    select driver_id, null, driver_month, owner, tenant, value, is_estimated or is_daily
    from months
    inner join paces using (driver_id, driver_month)
"""
# What owners' own charges cost, before anything is passed on; negative sums weigh nothing.
DIRECT = """
    create or replace temp table allocation_direct as
    select billing_period, currency, owner,
        cast(sum(billed_cost) as decimal(38, 18)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 18)) as effective_cost
    from allocation_flows
    group by all
"""
# Whom a rule may reach: those that it names, and those that its globs find, but for pools.
REACH = """
    create or replace temp table allocation_reach as
    with step_rules as (
        select * from allocation_rules where step = {step} and fault is null
    ),

    owners as (
        select owner from allocation_flows
        union
        select owner from allocation_drivers where owner is not null
    ),

    pools as (
        select flows.owner
        from (select distinct owner from allocation_flows) as flows
        inner join allocation_rules as rules on flows.owner glob rules.pool
        where rules.step <= {step} and rules.fault is null
    ),

    patterns as (
        select number, unnest(target_globs) as pattern from step_rules
    )

    select number, target, bool_or(is_named) as is_named
    from (
        select number, unnest(targets) as target, true as is_named from step_rules
        union all
        select patterns.number, owners.owner, false
        from patterns
        inner join owners on owners.owner glob patterns.pattern
        where owners.owner not in (from pools)
    )
    group by number, target
"""
# Weights by rule, day, currency and pool.
TARGETS = """
    create or replace temp table allocation_targets as
    with wanted as (
        select distinct
            taken.number, taken.billing_period, taken.charge_date, taken.currency,
            taken.owner as pool, rules.method, rules.driver_id, rules.fallback_driver_id,
            rules.shares, rules.weight_by
        from allocation_taken as taken
        inner join allocation_rules as rules using (number)
    ),

    bearing as (
        select billing_period, currency, owner,
            cast(sum(billed_cost) as decimal(38, 18)) as billed_cost,
            cast(sum(effective_cost) as decimal(38, 18)) as effective_cost
        from allocation_flows
        group by all
    ),

    asked as (
        select *, driver_id as asked_id, 1 as asked_as from wanted where method = 'driver'
        union all by name
        select *, fallback_driver_id as asked_id, 3 as asked_as from wanted
        where method = 'driver'
    ),

    found as (
        select asked.*, drivers.* exclude (driver_id, driver_date, driver_month), 0 as is_month
        from asked
        inner join allocation_drivers as drivers
            on asked.asked_id = drivers.driver_id and asked.charge_date = drivers.driver_date
        union all
        select asked.*, drivers.* exclude (driver_id, driver_date, driver_month), 1
        from asked
        inner join allocation_drivers as drivers
            on asked.asked_id = drivers.driver_id and asked.billing_period = drivers.driver_month
    ),

    driven as (
        select
            * exclude (asked_id, asked_as, driver_id, owner, tenant, value, is_estimated, is_month),
            asked_id as driver_id, coalesce(owner, pool) as target, tenant as to_tenant,
            value as weight, is_estimated or asked_as > 1 as is_guessed,
            asked_as + is_month as preference
        from found
    ),

    costing as (
        select
            wanted.*, costs.owner as target,
            case wanted.weight_by
                when 'billed_cost' then costs.billed_cost else costs.effective_cost
            end as weight,
            false as is_guessed, 5 as preference
        from wanted
        inner join allocation_direct as costs using (billing_period, currency)
        where wanted.method = 'proportional'
        union all
        select
            wanted.*, costs.owner,
            case wanted.weight_by
                when 'billed_cost' then costs.billed_cost else costs.effective_cost
            end,
            false, 5
        from wanted
        inner join bearing as costs using (billing_period, currency)
        where wanted.method = 'residual'
    ),

    listed as (
        select
            wanted.*, reach.target,
            case when wanted.method = 'fixed' then wanted.shares[reach.target] else 1 end as weight,
            false as is_guessed, 5 as preference
        from wanted
        inner join allocation_reach as reach using (number)
        left join (select distinct billing_period, owner from allocation_direct) as costs
            on wanted.billing_period = costs.billing_period and reach.target = costs.owner
        where
            wanted.method in ('direct', 'even', 'fixed')
            and (reach.is_named or costs.owner is not null)
        union all
        -- what fixed shares leave stays
        select *, pool, 100 - list_sum(map_values(shares)), false, 5
        from wanted
        where method = 'fixed'
    ),

    weighed as (
        {weighed}
    ),

    guessed as (
        select
            wanted.*, costs.owner as target,
            case wanted.weight_by
                when 'billed_cost' then costs.billed_cost else costs.effective_cost
            end as weight,
            true as is_guessed, 5 as preference
        from wanted
        anti join weighed using (number, charge_date, currency, pool)
        inner join allocation_direct as costs using (billing_period, currency)
        where wanted.method = 'driver'
    ),

    preferred as (
        select *, min(preference) over (partition by number, charge_date, currency, pool) as best
        from (from weighed union all by name {guessed})
    ),

    counted as (
        select
            number, charge_date, currency, pool, target, to_tenant, max(driver_id) as driver_id,
            bool_or(is_guessed) as is_guessed, sum(({units}) * multiplier) as units
        from preferred
        where preference = best
        group by number, charge_date, currency, pool, target, to_tenant
    ),

    totals as (
        select *, sum(units) over (partition by number, charge_date, currency, pool) as total_units
        from counted
    ),

    cut as (
        select * exclude (units, total_units), {leading} as weight from totals
    )

    select *, sum(weight) over (partition by number, charge_date, currency, pool) as total_weight
    from cut
"""
STATED = "from driven union all by name from costing union all by name from listed"
# Those of them that a rule may reach.
WEIGHED = """
    select
        possible.*,
        case
            when possible.method = 'fixed' then 1
            else cast(coalesce(possible.shares[possible.target], 1) * 1000000 as hugeint)
        end as multiplier
    from ({possible}) as possible
    left join allocation_reach as reach
        on possible.number = reach.number and possible.target = reach.target
    where
        possible.weight > 0 and multiplier > 0
        and (
            reach.is_named
            or possible.target = possible.pool
            and (possible.to_tenant is not null or possible.method = 'fixed')
            or possible.target != possible.pool and reach.number is not null
        )
"""


def prepare_weights(connection: Any, drivers: Any) -> None:
    """What weights are taken from before the first step: drivers' values and owners' own costs.

    Args:
        connection: where `allocation_flows` is as it begins.
        drivers: relation with driver_id, driver_date, owner, tenant, value and is_estimated.
    """
    connection.execute(DRIVERS.format(drivers=drivers.sql_query()))
    connection.execute(DIRECT)


def weigh(connection: Any, step: int) -> None:
    """Table `allocation_targets`: who gets how much of what the step's rules took up.

    By rule (number), charge_date, currency and pool: target and to_tenant; weight, whole, and the
    total_weight of all of them; driver_id that was counted and is_guessed, whether it had to be.
    """
    connection.execute(REACH.format(step=step))
    connection.execute(
        TARGETS.format(
            weighed=WEIGHED.format(possible=STATED),
            guessed=f"({WEIGHED.format(possible='select *, null as to_tenant from guessed')})",
            units=weight_units("weight"),
            leading=leading_units("units", "total_units"),
        )
    )
