"""Measure the rating of events side by side with bframelib, another rating library over DuckDB.

Both read the same DuckDB file of events, whose SKU and quantity stand in JSON as bframelib reads
them, price them by the unit, and write a row per event to a DuckDB file of their own; these must
agree row by row. bframelib is AGPL: it is installed from the package index for the run alone, into
the temporary folder, and runs in a process of its own.

Example: python bench/rating_peer.py --rows 5000000
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
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from measure import Measured, measure
from rating import PROJECT, SETTINGS, figures_of, rate_usage

PEER = "bframelib==0.1.21"
CUSTOMERS, SKUS = 1000, 20
MONTHS = ("2026-01-01", "2026-03-01")  # from, to (exclusive)

# bframelib prices with three decimals.
PRICES = """
    create table prices as
    select sku, 'sku-' || sku as sku_id, cast(0.030 + sku * 0.001 as decimal(18, 3)) as unit_price
    from range({skus}) as numbers (sku)
"""
EVENTS = """
    create table events as
    select
        1 as org_id,
        1 as env_id,
        1 as branch_id,
        'event-' || n as transaction_id,
        'customer-' || (hash(n // 7) % {customers}) as customer_id,
        null::varchar as customer_alias,
        json_object(
            'name', 'sku-' || (hash(n + 1) % {skus}),
            'quantity', cast((hash(n + 3) % 20000 + 1) * 0.001::decimal(4, 3) as varchar)
        ) as properties,
        timestamptz '2026-01-01 00:00:00+00' + interval (hash(n + 2) % (59 * 86400)) second
            as metered_at,
        metered_at as received_at
    from range({rows}) as numbers (n)
"""
CARDS = """
    select
        'list' as rate_card_id, '1' as version, 'flat' as model, 'USD' as currency, 1 as tier,
        sku_id, unit_price
    from prices
"""
IN_ORDER = """
    select
        transaction_id,
        customer_id,
        sku_id,
        date_trunc('month', metered_at) as month,
        card,
        cast(properties ->> 'quantity' as decimal(18, 3)) as quantity
    from given.events
    inner join cards on properties ->> 'name' = sku_id
    order by customer_id, sku_id, month, metered_at, transaction_id
"""
GROUP = ("customer_id", "sku_id", "month")
KEPT = ("transaction_id", "customer_id", "sku_id", "quantity")

# One organisation whose customers all have a contract at list prices.
TARIFF = """
    insert into src.organizations (id, name) values (1, 'bench');
    insert into src.environments (id, name, org_id) values (1, 'bench', 1);
    insert into src.branches (id, name, org_id, env_id) values (1, 'main', 1, 1);
    insert into src.customers (id, org_id, env_id, branch_id, durable_id, name)
    select n, 1, 1, 1, 'customer-' || n, 'customer-' || n from range({customers}) as numbers (n);
    insert into src.products
        (id, org_id, env_id, branch_id, name, ptype, event_name, agg_property)
    select sku, 1, 1, 1, sku_id, 'EVENT', sku_id, 'quantity' from prices;
    insert into src.pricebooks
        (id, org_id, env_id, branch_id, durable_id, name, invoice_delivery, invoice_schedule)
    values (1, 1, 1, 1, 'list', 'list', 'ARREARS', 1);
    insert into src.list_prices (id, org_id, env_id, branch_id, price, product_uid, pricebook_uid)
    select sku, 1, 1, 1, unit_price::varchar, sku, 1 from prices;
    insert into src.contracts
        (id, org_id, env_id, branch_id, durable_id, started_at, ended_at, effective_at,
        customer_id, pricebook_id)
    select
        n, 1, 1, 1, 'contract-' || n, '{begin}', '{end}', '{begin}', 'customer-' || n, 'list'
    from range({customers}) as numbers (n);
"""
# bframelib as it stores rated events, and with no more columns than it takes to compare.
COLUMNS = {
    "bframelib": "*",
    "bframelib_narrow": "transaction_id, customer_id, product_uid, quantity, amount",
}
SUMS = """
    select count(*), sum(quantity), sum(amount)
    from rated
    where transaction_id <> 'EMPTY_RATED_EVENT'
"""
UNEQUAL = """
    select count(*)
    from ours.rated as ours
    full join peer.rated as peer on ours.transaction_id = peer.transaction_id
    where
        peer.transaction_id is distinct from 'EMPTY_RATED_EVENT'
        and (ours.quantity, ours.amount) is distinct from (peer.quantity, peer.amount)
"""


def main() -> int:
    """Run both and print their figures as JSON; returns 0, or 1 where they differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000, help="events (100000)")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options.run[0], Path(options.run[1]))
        return 0
    with tempfile.TemporaryDirectory(prefix="trueup_bench_") as name:
        folder = Path(name)
        install(folder / "peer")
        generate(folder / "events.duckdb", options.rows)
        load = os.getloadavg()[0]
        runs = {name: measured(name, folder) for name in ("ours", *COLUMNS)}
        if any(run.code for run in runs.values()):
            return 1
        unequal = {name: rows_unequal(folder, name) for name in COLUMNS}
    results = {name: json.loads(run.output) for name, run in runs.items()}
    seconds = {name: result["rating_seconds"] for name, result in results.items()}
    figures = {
        "at": time.strftime("%Y-%m-%d"),
        "load_before": load,
        "rows": options.rows,
        **{
            name: figures_of(run)
            | results[name]
            | {"rows_per_second": round(options.rows / seconds[name])}
            for name, run in runs.items()
        },
        "ratio": {name: round(seconds[name] / seconds["ours"], 2) for name in COLUMNS},
        "rows_unequal": unequal,
        "equal": all(result["sums"] == results["ours"]["sums"] for result in results.values()),
    }
    print(json.dumps(figures, indent=2))
    return 0 if figures["equal"] and not any(unequal.values()) else 1


def install(folder: Path) -> None:
    """Fetch bframelib alone: what it imports, DuckDB included, is that of this environment."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--target", str(folder), PEER], check=True)


def generate(file: Path, rows: int) -> None:
    """Write the events; their number decides them."""
    with duckdb.connect(file, config=SETTINGS) as connection:
        connection.execute(EVENTS.format(rows=rows, customers=CUSTOMERS, skus=SKUS))


def measured(name: str, folder: Path) -> Measured:
    """Run one of the libraries in a process of its own."""
    libraries = PROJECT / "python" if name == "ours" else folder / "peer"
    command = [sys.executable, __file__, "--run", name, str(folder)]
    return measure(command, PROJECT, {"PYTHONPATH": str(libraries)})


def run(name: str, folder: Path) -> None:
    """Rate the events into a new database and print seconds and sums.

    The seconds are those of rating alone: from the events' file to the written table, with prices
    and customers in place.
    """
    settings = SETTINGS | {"temp_directory": str(folder / "spill")}
    with duckdb.connect(config=settings) as connection:
        connection.execute("set global timezone = 'UTC'")
        connection.execute(PRICES.format(skus=SKUS))
        rate = rate_by_trueup if name == "ours" else rate_by_bframelib
        seconds = round(rate(connection, name, folder), 2)
        found = connection.execute(SUMS).fetchone() or ()
    sums = [f"{Decimal(number).normalize():f}" for number in found]
    print(json.dumps({"rating_seconds": seconds, "sums": sums}))


def rate_by_trueup(connection: duckdb.DuckDBPyConnection, name: str, folder: Path) -> float:
    """Rate by our library; returns seconds."""
    from trueup.rating import read_cards

    tiers = connection.execute(CARDS).to_arrow_table()
    connection.execute(f"attach '{folder}/events.duckdb' as given (read_only)")
    connection.execute(f"attach '{folder}/{name}.duckdb' as src; use src")
    begun = time.monotonic()
    rate_usage(connection, read_cards(tiers), IN_ORDER, GROUP, KEPT)
    return time.monotonic() - begun


def rate_by_bframelib(connection: duckdb.DuckDBPyConnection, name: str, folder: Path) -> float:
    """Rate by bframelib; returns seconds."""
    bframelib: Any = importlib.import_module("bframelib")
    sources = [
        bframelib.Source("core", f"attach '{folder}/{name}.duckdb' as src", True),
        bframelib.Source("events", f"attach '{folder}/events.duckdb' as evt (read_only)", False),
    ]
    begin, end = MONTHS
    config = {
        "org_id": 1,
        "env_id": 1,
        "branch_id": 1,
        "rating_range": [begin, end],
        "rating_as_of_dt": end,
    }
    client = bframelib.Client(config, sources, connection)
    connection.execute(TARIFF.format(customers=CUSTOMERS, begin=begin, end=end))
    connection.execute("use src")
    begun = time.monotonic()
    client.execute(f"create table rated as select {COLUMNS[name]} from bframe.rated_events")
    return time.monotonic() - begun


def rows_unequal(folder: Path, peer: str) -> int:
    """How many events differ in quantity or amount, or are with one of the two alone."""
    with duckdb.connect(config=SETTINGS | {"temp_directory": str(folder / "spill")}) as connection:
        connection.execute(f"attach '{folder}/ours.duckdb' as ours (read_only)")
        connection.execute(f"attach '{folder}/{peer}.duckdb' as peer (read_only)")
        return int((connection.execute(UNEQUAL).fetchone() or (0,))[0])


if __name__ == "__main__":
    sys.exit(main())
