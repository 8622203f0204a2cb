"""Measure the rating of usage against plain SQL that does the same window and tier join.

Usage of 100,000 groups (account, SKU, month), rated by graduated cards of three tiers. Both read
the same Parquet file, put rows in order, and write to a DuckDB file what each row took in each
tier; their sums must agree. Plain SQL has decimals of 18 digits, which DuckDB computes fastest.

Example: python bench/rating.py --rows 20000000
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from measure import Measured, measure

if TYPE_CHECKING:
    from trueup.rating import Cards

PROJECT = Path(__file__).resolve().parent.parent
SKUS, MONTHS = 20, 2
SETTINGS: dict[str, Any] = {"threads": 2, "memory_limit": "2GB"}

USAGE = """
    copy (
        select
            n as event_id,
            'account-' || lpad((hash(n // 7) % {accounts})::varchar, 6, '0') as account_id,
            'sku-' || (hash(n + 1) % {skus}) as sku_id,
            timestamp '2026-01-01' + interval (hash(n + 2) % ({months} * 28 * 86400)) second
                as event_time,
            cast((hash(n + 3) % 20000 + 1) * 0.001::decimal(4, 3) as decimal(18, 3)) as quantity
        from range({rows}) as numbers (n)
    ) to '{file}' (format parquet)
"""
TIERS = """
    create table tiers as
    select
        'sku-' || sku as sku_id,
        unnest([1, 2, 3]) as tier,
        unnest([0, 400, 1500])::decimal(18, 3) as tier_from,
        unnest([400, 1500, null])::decimal(18, 3) as tier_to,
        cast(unnest([0.0300, 0.0240, 0.0180]) + sku * 0.0001::decimal(5, 4) as decimal(6, 4))
            as unit_price
    from range({skus}) as numbers (sku)
"""
PLAIN = """
    create table rated as
    with positions as (
        select
            event_id, sku_id, quantity,
            cast(sum(quantity) over (
                partition by account_id, sku_id, date_trunc('month', event_time)
                order by event_time, event_id
            ) as decimal(18, 3)) as position
        from '{file}'
    )
    select
        event_id,
        tier,
        least(position, coalesce(tier_to, position)) - greatest(position - quantity, tier_from)
            as tier_quantity,
        cast(tier_quantity as decimal(12, 3)) * unit_price as amount
    from positions
    inner join tiers
        on
            positions.sku_id = tiers.sku_id
            and positions.position > tiers.tier_from
            and (tiers.tier_to is null or positions.position - positions.quantity < tiers.tier_to)
"""
IN_ORDER = """
    select
        event_id, account_id, sku_id, date_trunc('month', event_time) as month, card, quantity
    from '{file}' as usage
    inner join cards using (sku_id)
    order by account_id, sku_id, month, event_time, event_id
"""
GROUP = ("account_id", "sku_id", "month")
SUMS = """
    select count(*), sum(quantity), sum(amount) from (
        select tier, sum({quantity}) as quantity, sum(amount) as amount from {source} group by tier
    )
"""


def main() -> int:
    """Run both and print their figures as JSON; returns 0, or 1 where they differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000_000, help="usage rows (20000000)")
    parser.add_argument("--groups", type=int, default=100_000, help="groups (100000)")
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(*options.run)
        return 0
    with tempfile.TemporaryDirectory(prefix="trueup_bench_") as folder:
        file, load = f"{folder}/usage.parquet", os.getloadavg()[0]
        accounts = max(options.groups // SKUS // MONTHS, 1)
        with duckdb.connect(config=SETTINGS) as connection:
            connection.execute(
                USAGE.format(
                    rows=options.rows, file=file, accounts=accounts, skus=SKUS, months=MONTHS
                )
            )
        runs = {
            name: measure(
                [sys.executable, __file__, "--run", name, file, f"{folder}/{name}.duckdb"],
                PROJECT,
                {"PYTHONPATH": str(PROJECT / "python")},
            )
            for name in ("plain", "rated")
        }
    if any(run.code for run in runs.values()):
        return 1
    results = {name: json.loads(run.output) for name, run in runs.items()}
    figures = {
        "at": time.strftime("%Y-%m-%d"),
        "load_before": load,
        "rows": options.rows,
        **{name: figures_of(run) | results[name] for name, run in runs.items()},
        "ratio": round(runs["rated"].seconds / runs["plain"].seconds, 2),
        "cpu_ratio": round(runs["rated"].cpu_seconds / runs["plain"].cpu_seconds, 2),
        "equal": results["plain"]["sums"] == results["rated"]["sums"],
    }
    print(json.dumps(figures, indent=2))
    return 0 if figures["equal"] else 1


def figures_of(run: Measured) -> dict[str, Any]:
    """Seconds and bytes of a run."""
    return {
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "peak_bytes": run.peak_bytes,
    }


def run(name: str, file: str, database: str) -> None:
    """Rate the file's usage into a new database, by plain SQL or by the library."""
    begun = time.monotonic()
    with duckdb.connect(database, config=SETTINGS) as connection:
        connection.execute(TIERS.format(skus=SKUS))
        if name == "plain":
            connection.execute(PLAIN.format(file=file))
            query = SUMS.format(source="rated", quantity="tier_quantity")
        else:
            rate_file(connection, file)
            query = SUMS.format(
                source="(select unnest(tiers, recursive := true) from rated)", quantity="quantity"
            )
        seconds = round(time.monotonic() - begun, 2)
        found = connection.execute(query).fetchone() or ()
    sums = [str(Decimal(number).normalize()) for number in found]
    print(json.dumps({"seconds_in_process": seconds, "sums": sums}))


def rate_file(connection: duckdb.DuckDBPyConnection, file: str) -> None:
    """Rate the file's usage by the table of tiers."""
    from trueup.rating import read_cards

    rows = connection.execute("from tiers").to_arrow_table().to_pylist()
    fixed = {"rate_card_id": "list", "version": "1", "model": "graduated", "currency": "USD"}
    cards = read_cards([fixed | row for row in rows])
    rate_usage(connection, cards, IN_ORDER.format(file=file), GROUP, ["event_id"])


def rate_usage(
    connection: duckdb.DuckDBPyConnection,
    cards: Cards,
    usage: str,
    group: Sequence[str],
    kept: Sequence[str],
) -> None:
    """Stream usage in order through the library into the table `rated`.

    Args:
        connection: where the table is made.
        cards: the cards; the usage's query finds them as the table `cards`.
        usage: query of the rows, in order.
        group: columns that tell groups apart.
        kept: columns to write before those of the library.
    """
    from trueup.rating.stream import BATCH_ROWS, rated_stream

    cursor = connection.cursor()
    cursor.register("cards", cards.index)
    rows = cursor.execute(usage).to_arrow_reader(BATCH_ROWS)
    connection.register("stream", rated_stream(rows, cards, group, kept))
    connection.execute("create table rated as from stream")


if __name__ == "__main__":
    sys.exit(main())
