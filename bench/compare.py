"""Do two databases hold the same tables? Compared by all values, whatever the order of rows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

# The marts that are tables, each with the amount that is summed and shown.
MARTS = {
    "fct_charges": "billed_cost",
    "fct_expected_charges": "expected_amount",
    "fct_reconciliation_diffs": "variance_amount",
}
CANONICAL = {"charges": "billed_cost"}
# Made otherwise by hand: only how many there are is compared.
OWN = {"charge_id", "expected_charge_id", "file_id", "delivery_id", "partition_version"}

Figures = dict[str, dict[str, Any]]


def read_figures(
    database: Path, schema: str, amounts: dict[str, str], like: Figures | None = None
) -> Figures:
    """What each of some tables holds.

    Args:
        database: a DuckDB file.
        schema: schema of the tables.
        amounts: the tables, each with the amount that is summed.
        like: figures to compare with; their columns are the ones read. Default: all columns.

    Returns:
        By table: `rows`, `amount` (exact), `types` (by column), `values` (by column the sum of
        its values' hashes; for own ids their number; under `rows of` the sum over whole rows) and
        `varied`, the columns that were not read though they hold more than one value.
    """
    with duckdb.connect(
        str(database), read_only=True, config={"memory_limit": "4GB"}
    ) as connection:
        return {
            table: _figures(
                connection, f"{schema}.{table}", amount, set(like[table]["types"]) if like else None
            )
            for table, amount in amounts.items()
        }


def _figures(
    connection: duckdb.DuckDBPyConnection, table: str, amount: str, wanted: set[str] | None
) -> dict[str, Any]:
    held = dict(row[:2] for row in connection.execute(f"describe {table}").fetchall())
    types = {name: kind for name, kind in held.items() if wanted is None or name in wanted}
    measures = {"rows of": f"sum(hash({', '.join(sorted(types.keys() - OWN))}))"} | {
        name: f"count(distinct {name})" if name in OWN else f"sum(hash({name}))" for name in types
    }
    left_out = [name for name in held if name not in types]
    varied = [
        f"count({name}) not in (0, count(*)) or min({name}) is distinct from max({name})"
        for name in left_out
    ]
    row = connection.execute(
        f"select count(*), sum({amount}), {', '.join([*measures.values(), *varied])} from {table}"
    ).fetchone()
    assert row is not None
    after = 2 + len(measures)
    return {
        "rows": row[0],
        "amount": row[1] or Decimal(0),
        "types": types,
        "values": dict(zip(measures, row[2:after], strict=True)),
        "varied": [name for name, is_so in zip(left_out, row[after:], strict=True) if is_so],
    }


def differences(ours: Figures, plain: Figures) -> list[str]:
    """Sentences on what differs between two answers of `read_figures`; none when they are equal."""
    found = []
    for table, mine in ours.items():
        other = plain[table]
        for what in ("rows", "amount"):
            if mine[what] != other[what]:
                found.append(f"{table}: {what} {mine[what]} built, {other[what]} by plain SQL")
        if mine["types"] != other["types"]:
            names = sorted(dict(mine["types"].items() ^ other["types"].items()))
            found.append(f"{table}: columns or types differ: {', '.join(names)}")
            continue
        names = [name for name, value in mine["values"].items() if value != other["values"][name]]
        if names:
            found.append(f"{table}: values differ: {', '.join(names)}")
        if mine["varied"]:
            found.append(f"{table}: plain SQL leaves out: {', '.join(mine['varied'])}")
    return found
