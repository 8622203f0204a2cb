"""The Python model of `models/allocation` that passes costs on."""

from __future__ import annotations

from typing import Any

from trueup.allocation.engine import allocate

# What rules can no longer tell apart is one row.
ALLOCATED = """
    select
        partitions.partition_version, flows.billing_period, flows.charge_date, flows.currency,
        flows.source_owner, flows.owner, flows.product, flows.cost_center, flows.tenant, flows.step,
        flows.rule_id, flows.method, flows.driver_id, flows.share, flows.is_estimated, flows.path,
        flows.held_because, flows.held_rules,
        cast(sum(flows.billed_cost) as decimal(38, 18)) as allocated_billed_cost,
        cast(sum(flows.effective_cost) as decimal(38, 18)) as allocated_effective_cost
    from allocation_flows as flows
    inner join allocation_months as partitions using (billing_period)
    group by all
"""


def allocated_costs(session: Any, costs: Any, rules: Any, drivers: Any, partitions: Any) -> Any:
    """Costs with who bears them, of the months that are passed on anew.

    Args:
        session: connection of the model.
        costs: relation of those months' costs, `allocatable_costs`.
        rules: relation of the landed rules.
        drivers: relation of the drivers' landed values.
        partitions: relation of the months with their version, `allocation_partitions`.
    """
    allocate(session, costs, rules, drivers)
    session.execute(
        "create or replace temp table allocation_months as"
        f" select billing_period, partition_version from ({partitions.sql_query()})"
    )
    return session.sql(ALLOCATED)
