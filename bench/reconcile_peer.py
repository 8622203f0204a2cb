"""Measure the reconciliation side by side with datacompy, a library that compares data frames.

Both get the same charges and the same expected rows, a key each (`reconcile_inputs.sql`). Ours are
the models of `models/reconciliation`, which write every difference with its parts; datacompy joins
two Polars frames of the key, quantity and amount, and keeps what it finds in memory. Both must find
as many rows on one side only, and as many whose quantity or amount differ. datacompy is installed
from the package index for the run alone, into the temporary folder, and runs in a process of its
own.

Example: python bench/reconcile_peer.py --rows 1000000
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
from measure import measure
from reconcile import LAST, PROJECT, SETTINGS, figures_of, generate, measured

PEER = "datacompy==1.1.0"
KEY = ["counterparty", "billing_period", "account_id", "sku_id", "charge_kind", "usage_date",
       "unit", "currency"]  # fmt: skip
BILLED = """
    select
        provider as counterparty, billing_period, sub_account_id as account_id, sku_id, charge_kind,
        cast(charge_period_start as date) as usage_date, pricing_unit as unit,
        billing_currency as currency, pricing_quantity as quantity, billed_cost as amount
    from charges
"""
EXPECTED = """
    select
        counterparty, billing_period, account_id, sku_id, charge_kind,
        cast(charge_period_start as date) as usage_date, unit, currency, quantity,
        expected_amount as amount
    from due_charges
"""
FOUND = f"""
    select
        count(*) filter (where expected_rows = 0),
        count(*) filter (where billed_rows = 0),
        count(*) filter (where billed_quantity != expected_quantity),
        count(*) filter (where billed_rows > 0 and expected_rows > 0 and variance_amount != 0)
    from {LAST}
"""


def main() -> int:
    """Run both and print their figures as JSON; returns 0, or 1 where they differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000, help="charges (100000)")
    parser.add_argument("--compare", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.compare:
        print(json.dumps(compared(options.compare)))
        return 0
    with tempfile.TemporaryDirectory(prefix="trueup_bench_") as name:
        folder, load = Path(name), os.getloadavg()[0]
        install(folder / "peer")
        generate(folder / "inputs.duckdb", options.rows, rows_per_key=1)
        command = [sys.executable, __file__, "--compare", str(folder / "inputs.duckdb")]
        runs = {
            "ours": measured("ours", folder),
            "datacompy": measure(command, PROJECT, {"PYTHONPATH": str(folder / "peer")}),
        }
        if any(run.code for run in runs.values()):
            return 1
        with duckdb.connect(folder / "ours.duckdb", read_only=True) as connection:
            connection.execute(f"attach '{folder}/inputs.duckdb' as inputs (read_only)")
            connection.execute("set search_path = 'ours,inputs'")
            found = list(connection.execute(FOUND).fetchone() or ())
    results = {name: json.loads(run.output) for name, run in runs.items()}
    figures = {
        "at": time.strftime("%Y-%m-%d"),
        "load_before": load,
        "rows": options.rows,
        **{name: figures_of(run) | results[name] for name, run in runs.items()},
        "found": found,
        "equal": found == results["datacompy"]["found"],
    }
    print(json.dumps(figures, indent=2))
    return 0 if figures["equal"] else 1


def install(folder: Path) -> None:
    """Fetch datacompy with what it needs; DuckDB is that of this environment."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--target", str(folder), PEER], check=True)


def compared(file: Path) -> dict[str, Any]:
    """Compare by datacompy: seconds of reading rows and of comparing them, and what it found."""
    datacompy: Any = importlib.import_module("datacompy")
    begun = time.monotonic()
    with duckdb.connect(file, read_only=True, config=SETTINGS) as connection:
        billed, expected = (connection.execute(query).pl() for query in (BILLED, EXPECTED))
    read = time.monotonic()
    comparison = datacompy.PolarsCompare(billed, expected, join_columns=KEY)
    ended = time.monotonic()
    unequal = {each["column"]: each["unequal_cnt"] for each in comparison.column_stats}
    return {
        "read_seconds": round(read - begun, 2),
        "compare_seconds": round(ended - read, 2),
        "found": [
            len(comparison.df1_unq_rows),
            len(comparison.df2_unq_rows),
            unequal["quantity"],
            unequal["amount"],
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
