"""Google Cloud's detailed billing export: nested JSON Lines, extracted week by week as it grows.

A commitment takes Google's form. What it covers stands at its cost, with a credit of type
COMMITTED_USAGE_DISCOUNT that takes that off; the fee is one row of a commitment SKU. The export
states no effective cost: it is what a row nets to. So in a month the fee's row alone carries what
`lines` spreads over covered and unused hours, and the sums are equal; `unused` lines have no row.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from trueup.simulate.exports.rows import arrival, month_end, prepare_rows, write_query
from trueup.simulate.files import final_export_arrives_at
from trueup.simulate.world import World

WEEK = timedelta(days=7)


def write(world: World, payer_no: int, period: date, landing: Path) -> None:
    """Write a month's rows, each in the file of the week in which it was exported."""
    prepare_rows(world, payer_no)
    payer_id, starts_at, ends_at = world.connection.execute(
        """
        select payer_id, min(day_start), max(day_end)
        from days inner join payers using (payer_no)
        where payer_no = ? and billing_period = ?
        group by payer_id
        """,
        [payer_no, period],
    ).fetchall()[0]
    weeks = [arrival(period)]
    while weeks[-1] + WEEK < arrival(month_end(period)):
        weeks.append(weeks[-1] + WEEK)
    table = f"gcp_billing_export_resource_v1_{payer_id.replace('-', '_')}"
    for exported_from, exported_to in pairwise([*weeks, final_export_arrives_at(period)]):
        write_query(
            world,
            "gcp_billing.sql",
            landing / "gcp_billing" / table / f"{exported_to:%Y-%m-%d}.jsonl.gz",
            exported_to,
            month_starts_at=starts_at,
            month_ends_at=ends_at,
            exported_from=exported_from,
            exported_to=exported_to,
        )
