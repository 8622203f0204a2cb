"""The command that stops spending: a gate for pipelines that cost money."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from trueup.cli_base import AsJson, HomeDir, output, print_json, release_of, told
from trueup.config import Exit
from trueup.summary import print_rows

# A budget of nothing is spent by the first cent.
BUDGETS = """
    select
        budget_id, owner, product, period_start, period_end, budget_amount, spent_amount,
        spent_percent, currency,
        100 * spent_amount > $percent * budget_amount as is_over
    from marts.fct_budget_burn
    where
        is_latest and is_running
        and ($owner is null or owner = $owner)
        and ($product is null or product = $product)
    order by is_over desc, spent_percent desc nulls first, budget_id, period_start
"""


def running_budgets(
    release: Path, owner: str | None, product: str | None, percent: Decimal
) -> list[dict[str, Any]]:
    """Budgets whose period goes on at the time of a release, and whether too much is spent.

    Args:
        release: file of the release.
        owner: only budgets of this owner; None: of all.
        product: only budgets of this product or repository; None: of all.
        percent: part of the budget that may be spent, in percent.

    Returns:
        A row per budget, those over it first, with exact amounts.
    """
    with duckdb.connect(str(release), read_only=True) as connection:
        found = connection.execute(
            BUDGETS, {"owner": owner, "product": product, "percent": percent}
        )
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def budgets(
    owner: Annotated[str | None, typer.Option("--owner", help="Only budgets of an owner.")] = None,
    product: Annotated[
        str | None, typer.Option("--product", help="Only budgets of a product or repository.")
    ] = None,
    percent: Annotated[
        int, typer.Option("--percent", min=0, help="Part of a budget that may be spent.")
    ] = 100,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Say what is spent of the budgets that run, as of the current release.

    Ends with code 1 when more than --percent of one is spent, so that a pipeline can stop.

    Example: trueup budgets --product shop-web && make integration-tests
    """
    with told():
        rows = running_budgets(release_of(home), owner, product, Decimal(percent))
    if as_json:
        print_json(rows)
    else:
        print_rows(output, "Budgets that run", rows)
        over = [row["budget_id"] for row in rows if row["is_over"]]
        output.print(f"over {percent} %: {', '.join(over) or 'none'}", markup=False, soft_wrap=True)
    raise typer.Exit(Exit.REFUSED if any(row["is_over"] for row in rows) else Exit.GOOD)
