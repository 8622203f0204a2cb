"""Measure the reconciliation of charges with what they should cost, against a full outer join.

Both read the same DuckDB file (`reconcile_inputs.sql`) and write one of their own. Ours are the
models of `models/reconciliation` as they stand, up to `reconciliation_diffs`, in the order in which
they refer to each other: tables where they are stored, else views. Plain SQL is
`plain_reconcile.sql`. Rows and sums must agree.

Example: python bench/reconcile.py --rows 10000000
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import jinja2
from measure import Measured, measure

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
MODELS = PROJECT / "models" / "reconciliation"
SETTINGS: dict[str, Any] = {"threads": 2, "memory_limit": "2GB"}
LAST = "reconciliation_diffs"
TARGET = 2
# Everything is built anew, so that no model asks which of its rows are there already.
MACROS = """
{% macro is_changed_partition(partitions, column, listed) %}true{% endmacro %}
{% macro is_narrowed(note, column) %}true{% endmacro %}
"""
DIFFS = {"ours": LAST, "plain": "diffs"}
# On one side only, billed otherwise than expected, and the sums.
FIGURES = """
    select
        count(*),
        count(*) filter (where billed_quantity is null),
        count(*) filter (where expected_quantity is null),
        count(*) filter (where variance_amount != 0),
        sum(billed_amount),
        sum(expected_amount),
        sum(variance_amount)
    from {diffs}
"""


def main() -> int:
    """Run both and print their figures as JSON; returns 0, or 1 where they differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000, help="charges (100000)")
    parser.add_argument("--rows-per-key", type=int, default=1, help="charges of a key (1)")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options.run[0], Path(options.run[1]))
        return 0
    with tempfile.TemporaryDirectory(prefix="trueup_bench_") as name:
        folder, load = Path(name), os.getloadavg()[0]
        generate(folder / "inputs.duckdb", options.rows, options.rows_per_key)
        runs = {name: measured(name, folder) for name in DIFFS}
    if any(run.code for run in runs.values()):
        return 1
    results = {name: json.loads(run.output) for name, run in runs.items()}
    figures = {
        "at": time.strftime("%Y-%m-%d"),
        "load_before": load,
        "rows": options.rows,
        "rows_per_key": options.rows_per_key,
        **{name: figures_of(run) | results[name] for name, run in runs.items()},
        "ratio": round(
            results["ours"]["seconds_in_process"] / results["plain"]["seconds_in_process"], 2
        ),
        "target": TARGET,
        "equal": results["ours"]["figures"] == results["plain"]["figures"],
    }
    print(json.dumps(figures, indent=2))
    return 0 if figures["equal"] else 1


def generate(file: Path, rows: int, rows_per_key: int) -> None:
    """Write what the models read; the number of a row decides it."""
    with duckdb.connect(file, config=SETTINGS) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set variable rows = ?", [rows])
        connection.execute("set variable rows_per_key = ?", [rows_per_key])
        connection.execute("set variable seeds = ?", [str(PROJECT / "seeds")])
        connection.execute((HERE / "reconcile_inputs.sql").read_text("utf-8"))


def measured(name: str, folder: Path) -> Measured:
    """Run one of the two in a process of its own."""
    return measure([sys.executable, __file__, "--run", name, str(folder)], PROJECT, {})


def figures_of(run: Measured) -> dict[str, Any]:
    """Seconds and bytes of a run."""
    return {
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "peak_bytes": run.peak_bytes,
    }


def run(name: str, folder: Path) -> None:
    """Reconcile into a new database and print seconds by table, and figures."""
    settings = SETTINGS | {"temp_directory": str(folder / "spill")}
    with duckdb.connect(folder / f"{name}.duckdb", config=settings) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach '{folder}/inputs.duckdb' as inputs (read_only)")
        inputs = {table for (table,) in connection.execute(TABLES).fetchall()}
        connection.execute(f"set search_path = '{name},inputs'")
        statements = ours(inputs) if name == "ours" else plain()
        seconds = {}
        begun = time.monotonic()
        for table, statement in statements:
            started = time.monotonic()
            connection.execute(statement)
            seconds[table] = round(time.monotonic() - started, 2)
        connection.execute("checkpoint")
        total = round(time.monotonic() - begun, 2)
        found = connection.execute(FIGURES.format(diffs=DIFFS[name])).fetchone() or ()
    figures = [f"{Decimal(number).normalize():f}" for number in found]
    by_table = {table: spent for table, spent in seconds.items() if spent >= 0.1}
    print(json.dumps({"seconds_in_process": total, "by_table": by_table, "figures": figures}))


TABLES = "select table_name from duckdb_tables() where database_name = 'inputs'"


def plain() -> list[tuple[str, str]]:
    """The baseline's name and statement."""
    return [("diffs", (HERE / "plain_reconcile.sql").read_text("utf-8"))]


def ours(inputs: set[str]) -> list[tuple[str, str]]:
    """Name and statement of each model that the last one needs, in order.

    Args:
        inputs: tables that are there; no model of these names is made.
    """
    files = [file.read_text("utf-8") for file in sorted((PROJECT / "macros").rglob("*.sql"))]
    macros = [text for text in files if "{% materialization" not in text]  # dbt's own tag
    statements: dict[str, str] = {}

    def add(model: str) -> str:
        """Add a model after those that it refers to."""
        if model in inputs or model in statements:
            return model
        config: dict[str, Any] = {}
        text = (MODELS / f"{model}.sql").read_text("utf-8")
        template = jinja2.Template("".join([*macros, MACROS, text]), extensions=["jinja2.ext.do"])
        query = template.render(ref=add, config=lambda **given: config.update(given) or "")
        kind = "table" if "materialized" in config else "view"
        statements[model] = f"create {kind} {model} as {query}"
        return model

    add(LAST)
    return list(statements.items())


if __name__ == "__main__":
    sys.exit(main())
