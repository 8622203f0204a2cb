"""FOCUS exports: 1.2 is one file of charges a month, 1.4 has its four datasets."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from trueup.simulate.exports.rows import prepare_rows
from trueup.simulate.files import final_export_arrives_at, write_rows
from trueup.simulate.world import World

# Columns that only one of the two versions has.
ONLY_1_2 = ("ProviderName", "PublisherName")
ONLY_1_4 = ("ContractApplied", "HostProviderName", "InvoiceDetailId", "ServiceProviderName")


def write(world: World, payer_no: int, period: date, landing: Path) -> None:
    """Write what a FOCUS payer is billed for the month that `lines` holds."""
    arrives_at = final_export_arrives_at(period)
    prepare_rows(world, payer_no)
    world.run("exports/focus.sql", payer_no=payer_no, period=period, arrives_at=arrives_at)
    export, payer_id = world.connection.execute(
        "select export, payer_id from payers where payer_no = ?", [payer_no]
    ).fetchall()[0]
    folder = landing / "focus" / payer_id
    month = folder / f"{period:%Y-%m}"
    is_1_2 = export == "focus_1_2"
    charges = {"focus_charges": month / f"cost_and_usage{_suffix(world, payer_no, is_1_2)}"}
    # Billing periods and commitments are references: each delivery states all of them again.
    references = {
        "focus_invoice_details": month / "invoice_detail.csv.gz",
        "focus_periods": folder / "billing_period.csv.gz",
        "focus_commitments": folder / "contract_commitment.csv.gz",
    }
    for table, path in charges.items() if is_1_2 else (charges | references).items():
        write_rows(
            world.connection, _query(world, table, path, ONLY_1_4 if is_1_2 else ONLY_1_2), path,
            arrives_at,
        )  # fmt: skip


def _suffix(world: World, payer_no: int, is_1_2: bool) -> str:
    """Format of the charges; an export keeps the one that it began with."""
    formats = (".csv.gz", ".parquet") if is_1_2 else (".csv.gz",)
    return str(world.plan.stream("focus format", payer_no).choice(formats))


def _query(world: World, table: str, path: Path, left_out: tuple[str, ...]) -> str:
    """Rows of a table in order: typed in Parquet, in CSV with times and maps as FOCUS text."""
    columns = []
    for name, kind, *_ in world.connection.execute(f"describe {table}").fetchall():
        if name in (*left_out, "row_no"):
            continue
        expression = f'"{name}"'
        if kind == "TIMESTAMP" and path.suffix != ".parquet":
            expression = f"strftime({expression}, '%Y-%m-%dT%H:%M:%SZ')"
        elif kind.startswith("MAP") and path.suffix != ".parquet":
            expression = f"cast(to_json({expression}) as varchar)"
        columns.append(f'{expression} as "{name}"')
    return f"select {', '.join(columns)} from {table} order by row_no"
