"""What both AWS reports share: the line items of a payer's month, and their delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from trueup.simulate.draw import uuids
from trueup.simulate.files import final_export_arrives_at, write_rows
from trueup.simulate.world import World

BUCKET = "billing-exports"


@dataclass(frozen=True)
class Report:
    """One delivery of a payer's month."""

    name: str
    payer_id: str
    delivery_id: str
    arrives_at: datetime
    query: str  # its rows, in the columns of its format
    columns: list[str]


def prepare(world: World, payer_no: int, period: date, query: str, **values: bool) -> Report:
    """Make table `aws_lines` of a payer's month; values are those of aws_items.sql."""
    connection = world.connection
    world.run("exports/aws_items.sql", payer_no=payer_no, **values)
    world.run("exports/aws_lines.sql", payer_no=payer_no, period=period, seed=world.plan.seed)
    payer_id, payer_name = connection.execute(
        "select payer_id, payer_name from payers where payer_no = ?", [payer_no]
    ).fetchall()[0]
    return Report(
        name=f"{payer_name.lower()}-costs",
        payer_id=payer_id,
        delivery_id=uuids(world.plan.stream("aws delivery", payer_no, period), 1)[0],
        arrives_at=final_export_arrives_at(period),
        query=query,
        columns=[row[0] for row in connection.execute(f"describe {query}").fetchall()],
    )


def write_files(world: World, report: Report, paths: list[Path]) -> None:
    """Write the rows into the files, about as many into each.

    They need no sorting: a table is read in the order in which it was made.
    """
    for number, path in enumerate(paths):
        share = f"rowid * {len(paths)} // (select count(*) from aws_lines) = {number}"
        write_rows(world.connection, f"{report.query} where {share}", path, report.arrives_at)
