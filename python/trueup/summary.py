"""What a run has to say at its end: from a release, as data and as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

QUERIES = {
    "files": """
        select
            source, count(*) as files, sum(rows_total) as rows, sum(rows_accepted) as accepted,
            sum(rows_duplicate) as duplicate, sum(rows_superseded) as superseded,
            sum(rows_quarantined) as quarantined_rows,
            count(*) filter (where status = 'quarantined') as quarantined_files
        from marts.fct_landed_files
        group by source
        order by source
    """,
    "billed": """
        select
            provider, billing_currency as currency, count(*) as charges,
            sum(billed_cost) as billed, sum(effective_cost) as effective
        from marts.fct_charges
        group by provider, billing_currency
        order by provider, currency
    """,
    "matched": """
        select
            counterparty as provider, currency,
            sum(abs(billed_amount)) as value,
            sum(abs(billed_amount)) filter (where status != 'exception') as matched,
            sum(abs(billed_amount)) filter (
                where status != 'exception' and assurance in ('independent', 'rate_checked')
            ) as matched_rate_checked,
            count(*) filter (where status = 'exception') as exceptions
        from marts.fct_reconciliation_diffs
        group by counterparty, currency
        order by counterparty, currency
    """,
    "differences": """
        select
            counterparty as provider, account_id as account, sku_id as sku,
            billing_period as period, cause, sum(billed_amount) as billed,
            sum(expected_amount) as expected, sum(variance_amount) as variance,
            currency, max(unpriced_reason) as reason
        from marts.fct_reconciliation_diffs
        where status = 'exception'
        group by all
        order by abs(sum(variance_amount)) desc, provider, sku
        limit 8
    """,
}
TITLES = {
    "files": "Files and rows",
    "billed": "Billed per provider and currency",
    "matched": "Matched share of value (rate checked: our own price; the rest proves only itself)",
    "differences": "Top differences, billed less expected",
}


def read_summary(release: Path) -> dict[str, list[dict[str, Any]]]:
    """The summary's figures from a published release, exact, by table."""
    with duckdb.connect(str(release), read_only=True) as connection:
        tables = {}
        for name, query in QUERIES.items():
            cursor = connection.execute(query)
            columns = [column[0] for column in cursor.description or []]
            tables[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    for row in tables["matched"]:
        row["matched_share"] = _share(row["matched"], row["value"])
        row["rate_checked_share"] = _share(row.pop("matched_rate_checked"), row["value"])
    return tables


def _share(part: Any, whole: Any) -> str:
    return f"{(part or 0) * 100 / whole:.1f} %" if whole else "-"


def print_summary(console: Console, tables: dict[str, list[dict[str, Any]]]) -> None:
    """Show the summary's tables on a terminal."""
    for name, rows in tables.items():
        print_rows(console, TITLES[name], rows)


def print_rows(console: Console, title: str, rows: list[dict[str, Any]]) -> None:
    """Show rows as a table on a terminal; nothing where there is none."""
    if not rows:
        return
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in rows[0]:
        is_text = isinstance(next((r[column] for r in rows if r[column] is not None), ""), str)
        table.add_column(
            column.replace("_", " "),
            justify="left" if is_text else "right",
            overflow="ellipsis",
            no_wrap=True,
            max_width=28,
        )
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    console.print(table)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "as_tuple"):  # exact amounts lose their trailing zeros only
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)
