"""Commands that read the books; only `trueup post` writes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import duckdb
import typer

from trueup.cli_base import AsJson, HomeDir, output, print_json, progress, told
from trueup.config import Exit, resolve
from trueup.ledger import books
from trueup.ledger.balances import balances
from trueup.summary import print_rows

Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], metavar="DATE")]
ledger = typer.Typer(help="Read the books.", no_args_is_help=True)


def verify(home: HomeDir = None, as_json: AsJson = False) -> None:
    """Check every entry of the ledger: numbers, hashes, balances, and the heads noted outside.

    Ends with code 1 and names the first entry that is not as it was written.

    Example: trueup verify --home /data/trueup
    """
    with told():
        settings = resolve(None, home, None)
    fault = books.verify(settings)
    with duckdb.connect() as connection:
        head = None if fault else books.store_of(settings).head(connection)
    if as_json:
        print_json({"fault": fault, "head": head and vars(head)})
    elif head is None:
        progress.print(f"failed: {fault}", markup=False, style="red", soft_wrap=True)
    else:
        output.print(f"{head.count:,} entries, all as they were written; head {head.entry_hash}")
    raise typer.Exit(Exit.REFUSED if fault else Exit.GOOD)


@ledger.command("as-of")
def as_of(
    day: Day,
    effective: Annotated[
        bool, typer.Option("--effective", help="What is known now of that time, not then.")
    ] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Balances of all accounts as the books said at the end of a day.

    Example: trueup ledger as-of 2026-01-31
    """
    with told():
        store = books.store_of(resolve(None, home, None))
    recorded: date | None = None if effective else day.date()
    with duckdb.connect() as connection:
        rows = balances(connection, store, recorded, day.date() if effective else None)
    if as_json:
        print_json(rows)
    elif rows:
        print_rows(output, f"Balances as of {day:%Y-%m-%d}", rows)
    else:
        output.print("no entries")
