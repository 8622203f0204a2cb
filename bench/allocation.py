"""Measure the allocation of charges by rules, against plain SQL with shares that are there already.

Both read the same DuckDB file (`allocation_inputs.sql`), group the charges by the model
`cost_groups` as it stands and write those groups and what is allocated. Ours then runs the library
as the model `allocated_costs` does. Plain SQL is `plain_allocation.sql`: it joins the shares that
our run found and multiplies. Both must write as many rows; ours must keep both sums to the last
place.

Example: python bench/allocation.py --rows 10000000
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

import duckdb
from measure import Measured, measure
from reconcile import HERE, PROJECT, SETTINGS, figures_of, rendered

GROUPS = PROJECT / "models" / "allocation" / "cost_groups.sql"
# What a row of ours is of its owner's charges of the day.
SHARES = """
    create table shares as
    with totals as (
        select charge_date, source_owner, product,
            sum(allocated_billed_cost) as billed_cost
        from ours.allocated
        group by all
    )

    select
        allocated.* exclude (allocated_billed_cost, allocated_effective_cost),
        cast(
            coalesce(allocated_billed_cost / nullif(totals.billed_cost, 0), 0) as decimal(18, 10)
        ) as part
    from ours.allocated
    inner join totals using (charge_date, source_owner, product)
"""
FIGURES = """
    select
        (select count(*) from cost_groups), count(*),
        sum(allocated_billed_cost), sum(allocated_effective_cost),
        count(*) filter (where held_because is not null), count(distinct owner)
    from allocated
"""
NAMES = ["groups", "results", "billed_cost", "effective_cost", "held_rows", "owners"]
SUMS = "select sum(billed_cost), sum(effective_cost) from attributed_charges"


def main() -> int:
    """Run both and print their figures as JSON; returns 0, or 1 where they differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000, help="charges (100000)")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options.run[0], Path(options.run[1]))
        return 0
    with tempfile.TemporaryDirectory(prefix="trueup_bench_") as name:
        folder, load = Path(name), os.getloadavg()[0]
        sums = generate(folder / "inputs.duckdb", options.rows)
        runs = {"ours": measured("ours", folder)}
        if runs["ours"].code:
            return 1
        with duckdb.connect(folder / "shares.duckdb", config=SETTINGS) as connection:
            connection.execute(f"attach '{folder}/ours.duckdb' as ours (read_only)")
            connection.execute(SHARES)
        runs["plain"] = measured("plain", folder)
        if runs["plain"].code:
            return 1
    results = {name: json.loads(run.output) for name, run in runs.items()}
    ours, plain = results["ours"], results["plain"]
    figures = {
        "at": time.strftime("%Y-%m-%d"),
        "load_before": load,
        "rows": options.rows,
        "sums": sums,
        **{name: figures_of(run) | results[name] for name, run in runs.items()},
        "ratio": round(ours["seconds_in_process"] / plain["seconds_in_process"], 2),
        "conserved": [ours["billed_cost"], ours["effective_cost"]] == sums,
        "equal_rows": all(ours[name] == plain[name] for name in ("groups", "results", "owners")),
    }
    print(json.dumps(figures, indent=2))
    return 0 if figures["conserved"] and figures["equal_rows"] else 1


def generate(file: Path, rows: int) -> list[str]:
    """Write charges, rules and drivers; returns the sums of both costs of the charges."""
    with duckdb.connect(file, config=SETTINGS) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set variable rows = ?", [rows])
        connection.execute((HERE / "allocation_inputs.sql").read_text("utf-8"))
        return [text(amount) for amount in connection.execute(SUMS).fetchone() or ()]


def text(number: Decimal | int) -> str:
    """A number to its last place."""
    return f"{Decimal(number).normalize():f}"


def measured(name: str, folder: Path) -> Measured:
    """Run one of the two in a process of its own."""
    command = [sys.executable, __file__, "--run", name, str(folder)]
    return measure(command, PROJECT, {"PYTHONPATH": str(PROJECT / "python")})


def run(name: str, folder: Path) -> None:
    """Allocate into a new database; print seconds and what was written."""
    settings = SETTINGS | {"temp_directory": str(folder / "spill")}
    with duckdb.connect(folder / f"{name}.duckdb", config=settings) as connection:
        connection.execute("set preserve_insertion_order = false")
        path = [name]
        for given in ("inputs", *(["shares"] if name == "plain" else [])):
            connection.execute(f"attach '{folder}/{given}.duckdb' as {given} (read_only)")
            path.append(given)
        connection.execute(f"set search_path = '{','.join(path)}'")
        begun = time.monotonic()
        connection.execute(rendered("cost_groups", GROUPS.read_text("utf-8")))
        grouped = time.monotonic()
        if name == "plain":
            connection.execute((HERE / "plain_allocation.sql").read_text("utf-8"))
        else:
            allocate(connection)
        connection.execute("checkpoint")
        ended = time.monotonic()
        found = connection.execute(FIGURES).fetchone() or ()
    figures = {
        "seconds_in_process": round(ended - begun, 2),
        "group_seconds": round(grouped - begun, 2),
    }
    written = zip(NAMES, [n if isinstance(n, int) else text(n) for n in found], strict=True)
    print(json.dumps(figures | dict(written)))


def allocate(connection: duckdb.DuckDBPyConnection) -> None:
    """Write what the model `allocated_costs` makes of the groups."""
    from trueup.allocation.warehouse import allocated_costs  # not on the path of the first process

    tables = [connection.table(name) for name in ("cost_groups", "rules", "drivers")]
    months = connection.sql("select distinct billing_period, partition_version from cost_groups")
    allocated_costs(connection, *tables, months).create("allocated")


if __name__ == "__main__":
    sys.exit(main())
