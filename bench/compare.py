"""Do two databases hold the same tables? Compared by all values, whatever the order of rows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

# The marts that are tables, each with the amount that is summed and shown.
AMOUNTS = {
    "fct_charges": "billed_cost",
    "fct_expected_charges": "expected_amount",
    "fct_reconciliation_diffs": "variance_amount",
}
# Made otherwise by hand: only how many there are is compared.
OWN = {"charge_id", "expected_charge_id", "file_id", "delivery_id", "partition_version"}


def read_figures(database: Path, schema: str) -> dict[str, dict[str, Any]]:
    """What each of the three tables holds.

    Args:
        database: a DuckDB file.
        schema: schema of the tables.

    Returns:
        By table: `rows`, `amount` (exact), `types` (by column) and `values` (by column the sum of
        its values' hashes; for own ids their number; under `rows of` the sum over whole rows).
    """
    with duckdb.connect(
        str(database), read_only=True, config={"memory_limit": "4GB"}
    ) as connection:
        return {table: _figures(connection, schema, table) for table in AMOUNTS}


def _figures(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> dict[str, Any]:
    types = dict(row[:2] for row in connection.execute(f"describe {schema}.{table}").fetchall())
    shared = ", ".join(sorted(types.keys() - OWN))
    measures = {"rows of": f"sum(hash({shared}))"} | {
        name: f"count(distinct {name})" if name in OWN else f"sum(hash({name}))" for name in types
    }
    row = connection.execute(
        f"select count(*), sum({AMOUNTS[table]}), {', '.join(measures.values())} "
        f"from {schema}.{table}"
    ).fetchone()
    assert row is not None
    return {
        "rows": row[0],
        "amount": row[1] or Decimal(0),
        "types": types,
        "values": dict(zip(measures, row[2:], strict=True)),
    }


def differences(ours: dict[str, dict[str, Any]], plain: dict[str, dict[str, Any]]) -> list[str]:
    """Sentences on what differs between two answers of `read_figures`; none when they are equal."""
    found = []
    for table, mine in ours.items():
        other = plain[table]
        for what in ("rows", "amount"):
            if mine[what] != other[what]:
                found.append(f"{table}: {what} {mine[what]} published, {other[what]} by plain SQL")
        if mine["types"] != other["types"]:
            names = sorted(dict(mine["types"].items() ^ other["types"].items()))
            found.append(f"{table}: columns or types differ: {', '.join(names)}")
            continue
        names = [name for name, value in mine["values"].items() if value != other["values"][name]]
        if names:
            found.append(f"{table}: values differ: {', '.join(names)}")
    return found
