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
import re
import runpy
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
from measure import Measured, measure

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
MODELS = PROJECT / "models" / "reconciliation"
SETTINGS: dict[str, Any] = {"threads": 2, "memory_limit": "2GB"}
LAST = "reconciliation_diffs"
# Models of the room that reconcile_inputs.sql makes up with what they would read.
GIVEN = {"reconciliation_partitions"}
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
    command = [sys.executable, __file__, "--run", name, str(folder)]
    return measure(command, PROJECT, {"PYTHONPATH": str(PROJECT / "python")})


def figures_of(run: Measured) -> dict[str, Any]:
    """Seconds and bytes of a run."""
    return {
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "peak_bytes": run.peak_bytes,
    }


def run(name: str, folder: Path) -> None:
    """Reconcile into a new database; print seconds by table and of reading it, and figures."""
    settings = SETTINGS | {"temp_directory": str(folder / "spill")}
    seconds: dict[str, float] = {}
    with duckdb.connect(folder / f"{name}.duckdb", config=settings) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach '{folder}/inputs.duckdb' as inputs (read_only)")
        connection.execute(f"set search_path = '{name},inputs'")
        if name == "ours":
            build(connection, LAST, seconds)
        begun = time.monotonic()
        if name == "plain":
            connection.execute((HERE / "plain_reconcile.sql").read_text("utf-8"))
        connection.execute("checkpoint")
        total = round(time.monotonic() - begun + sum(seconds.values()), 2)
        begun = time.monotonic()
        found = connection.execute(FIGURES.format(diffs=DIFFS[name])).fetchone() or ()
        read = round(time.monotonic() - begun, 2)
    figures = [f"{Decimal(number).normalize():f}" for number in found]
    by_table = {table: spent for table, spent in seconds.items() if spent >= 0.1}
    spent = {"seconds_in_process": total, "read_seconds": read, "by_table": by_table}
    print(json.dumps(spent | {"figures": figures}))


def build(connection: duckdb.DuckDBPyConnection, model: str, seconds: dict[str, float]) -> None:
    """Make a model after those that it refers to, if it is of this room and not there yet.

    Args:
        connection: where it is made.
        model: its name.
        seconds: those that each model took; the model's are added.
    """
    files = [MODELS / f"{model}.{kind}" for kind in ("sql", "py")]
    file = next((file for file in files if file.exists() and model not in GIVEN), None)
    if file is None or model in seconds:
        return
    text = file.read_text("utf-8")
    for name in re.findall(r"""ref\(['"](\w+)['"]\)""", text):
        build(connection, name, seconds)
    if file.suffix == ".py":
        dbt = SimpleNamespace(config=lambda **_: None, ref=connection.table)
        make = runpy.run_path(str(file))["model"]
        begun = time.monotonic()
        make(dbt, connection).create(model)
    else:
        statement = rendered(model, text)
        begun = time.monotonic()
        connection.execute(statement)
    seconds[model] = round(time.monotonic() - begun, 2)


def rendered(model: str, text: str) -> str:
    """A model's statement: a table where it is stored, else a view."""
    files = [file.read_text("utf-8") for file in sorted((PROJECT / "macros").rglob("*.sql"))]
    macros = [macro for macro in files if "{% materialization" not in macro]  # dbt's own tag
    config: dict[str, Any] = {}
    template = jinja2.Template("".join([*macros, MACROS, text]), extensions=["jinja2.ext.do"])
    query = template.render(ref=str, config=lambda **given: config.update(given) or "")
    return f"create {'table' if 'materialized' in config else 'view'} {model} as {query}"


if __name__ == "__main__":
    sys.exit(main())
