"""What writers of cloud exports share: the rows of a payer, and the days on which files arrive."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from trueup.simulate.files import write_rows
from trueup.simulate.world import World

HERE = Path(__file__).parent
ARRIVAL = time(6)  # of exports that come daily or weekly, UTC


def prepare_rows(world: World, payer_no: int) -> None:
    """Make `charge_rows` the lines of a payer, with all that is known of them."""
    world.run("exports/charge_rows.sql")
    world.connection.execute("set variable payer_no = ?", [payer_no])


def write_query(world: World, file: str, path: Path, arrives_at: datetime, **values: Any) -> int:
    """Write the rows of a query beside this module, which asks for `values` by getvariable."""
    for name, value in values.items():
        world.connection.execute(f"set variable {name} = ?", [value])
    query = (HERE / file).read_text(encoding="utf-8")
    return write_rows(world.connection, query, path, arrives_at)


def month_end(period: date) -> date:
    """First day of the month after a period."""
    return (period + timedelta(days=31)).replace(day=1)


def arrival(day: date) -> datetime:
    """When a file arrives on a day, UTC."""
    return datetime.combine(day, ARRIVAL)
