"""Oracle Cloud cost reports: CSV, one file a day, to which nothing is ever taken back.

The report bills what was used, by its contract, and knows no other cost: billed is effective.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from trueup.simulate.exports.rows import arrival, prepare_rows, write_query
from trueup.simulate.world import World

DAY = timedelta(days=1)


def write(world: World, payer_no: int, period: date, landing: Path) -> None:
    """Write a month's reports: each day's arrives the morning after."""
    prepare_rows(world, payer_no)
    days = world.connection.execute(
        "select day_start, day_end from days"
        " where payer_no = ? and billing_period = ? order by day_start",
        [payer_no, period],
    ).fetchall()
    for starts_at, ends_at in days:
        name = f"0001{starts_at.toordinal():012}.csv.gz"
        path = landing / "oci_cost" / "reports" / "cost-csv" / name
        arrives_at = arrival(starts_at.date() + DAY)
        write_query(world, "oci_cost.sql", path, arrives_at, starts_at=starts_at, ends_at=ends_at)
