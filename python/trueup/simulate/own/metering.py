"""Our own metering, as usage events: of what vendors bill us, and of what customers use of ours.

`usage_events/infrastructure-weekly/partition=N/` holds an event for each step and resource of the
metered families: their sum is the quantity used, exactly, whatever the vendor then bills. Those of
functions also say how many calls it was, at which memory.
`usage_events/products-weekly/partition=N/` holds what customers used; a part of the calls is
sampled, and a few reports come again with a higher revision. Files are weekly and end with the
month. No feed has an hour without events, so that a missing hour is a fault.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from trueup.simulate.files import write_rows
from trueup.simulate.sales import OFFERS
from trueup.simulate.world import World

# Our figure counts, but for the last one: there the vendor's does, and ours is a check.
FAMILIES = ("requests", "function_seconds", "egress", "build_minutes")
INDICATIVE = "build_minutes"
PARTITIONS = 4
# Of so many charge lines there is at most about one report of a customer's use.
LINES_PER_REPORT = 20
METERS = {
    "meters/infrastructure.csv": f"""
        select
            'infrastructure-' || family || '-' || sku_no as meter_id,
            'infrastructure.' || family || '.' || sku_id as event_type,
            'sum' as aggregation, 'quantity' as value_property,
            case payers.export when 'gcp_billing' then replace(unit, 'GB', 'GiB') else unit end
                as unit,
            sku_id, 'resource;region;environment' as dimensions, 'hour' as "window",
            case when family = '{INDICATIVE}' then 'indicative' else 'authoritative' end
                as authority,
            case when family = '{INDICATIVE}' then 'check' else 'primary' end as role
        from skus
        inner join payers on skus.payer_no = payers.payer_no
        where family in {FAMILIES}
        union all
        select
            'calls-' || sku_no, 'infrastructure.function_seconds.' || sku_id, 'sum', 'calls',
            'Calls', null, 'resource;region;environment;memory_mb', 'hour', 'indicative', 'check'
        from skus
        where family = 'function_seconds'
        order by meter_id""",
    "meters/products.csv": """
        select
            'product-' || offer as meter_id, 'product.' || offer as event_type, aggregation,
            'value' as value_property, unit, sku_id, null as dimensions, 'month' as "window",
            'authoritative' as authority, 'primary' as role
        from offers
        where aggregation != ''
        order by offer_no""",
}
EVENTS = """
    select specversion, id, source, type, subject, time, data from {table}
    where partition_no = {partition} and week is not distinct from {week}
    order by time, id
"""


@dataclass(frozen=True)
class Rhythm:
    """How many days a customer's report covers, and into how many partitions reports go."""

    step_days: int
    partitions: int


def rhythm(world: World) -> Rhythm:
    """Reports as often as the number of lines allows, and always some each hour and partition."""
    (tenants,) = world.connection.execute("select count(*) from customers").fetchone() or (0,)
    meters = tenants * sum(offer.aggregation != "" for offer in OFFERS)
    daily = meters * world.plan.hours // 24
    step_days = min(1 + daily * LINES_PER_REPORT // world.plan.lines, meters // 24)
    return Rhythm(step_days, min(PARTITIONS, meters // (24 * step_days)))


def write(world: World, landing: Path) -> None:
    """Write the meters; they stay for the whole time."""
    for name, query in METERS.items():
        write_rows(world.connection, query, landing / name, world.plan.starts_at)


def measure(world: World, period: date) -> None:
    """Make the month's events, from what was used, and add to `customer_usage`."""
    reports = rhythm(world)
    world.run(
        "own/metering.sql",
        seed=world.plan.seed,
        period=period,
        starts_at=world.plan.starts_at,
        ends_at=world.plan.ends_at,
        families=list(FAMILIES),
        partitions=PARTITIONS,
        step_days=reports.step_days,
        report_partitions=reports.partitions,
    )


def write_month(world: World, period: date, landing: Path) -> None:
    """Write the month's events as they were made, a file a week and partition."""
    month = datetime(period.year, period.month, 1)
    month_end = (month + timedelta(days=32)).replace(day=1)
    for week in range(math.ceil((month_end - month) / timedelta(days=7))):
        week_end = min(month_end, month + timedelta(days=7 * week + 7))
        # late enough for a month that ends by Pacific time
        arrives_at = week_end + timedelta(hours=12)
        for kind in ("infrastructure", "products"):
            _write_events(world, kind, week, landing, f"{week_end:%Y-%m-%d}", arrives_at)
    for kind in ("infrastructure", "products"):
        arrives_at = month_end + timedelta(days=2)
        _write_events(world, kind, None, landing, f"{month:%Y-%m}-revised", arrives_at)


def _write_events(
    world: World, kind: str, week: int | None, landing: Path, name: str, arrives_at: datetime
) -> None:
    """Write the events of a week, or of none: those that came late; a file for each partition."""
    table = f"{kind}_events"
    partitions = world.connection.execute(
        f"select distinct partition_no from {table} where week is not distinct from ? order by all",
        [week],
    ).fetchall()
    for (partition,) in partitions:
        query = EVENTS.format(
            table=table, partition=partition, week="null" if week is None else week
        )
        path = (
            landing
            / "usage_events"
            / f"{kind}-weekly"
            / f"partition={partition}"
            / f"{name}.jsonl.gz"
        )
        write_rows(world.connection, query, path, arrives_at)
