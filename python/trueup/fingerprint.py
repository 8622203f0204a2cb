"""One hash over all published figures, the same whatever the order of rows, runs or landing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

# Run tables tell of runs and of the time and way of arrival, not of figures; so does what became of
# exceptions, which follows from what each run found before; times of landing and of files differ
# between machines; a partition version also names the code.
RUN_TABLES = {
    *("fct_refresh_runs", "fct_gate_results", "fct_read_failures", "fct_access_violations"),
    *("fct_deliveries", "fct_schema_changes", "fct_completeness", "fct_slis", "fct_alerts"),
    *("fct_exceptions", "fct_exception_events", "fct_disputes", "fct_actions", "fct_payments_due"),
}
VOLATILE = {"landed_at", "delivered_at", "partition_version"}


def fingerprint(release: Path) -> dict[str, str]:
    """Fingerprints of a release: one per mart, and `all` over them.

    Rows are hashed each for itself and the hashes added up, so that their order does not matter.

    Args:
        release: a published DuckDB file.

    Returns:
        Mart name to hex digest, `all` last.
    """
    marts = {}
    with duckdb.connect(str(release), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables "
            "where table_schema = 'marts' order by table_name"
        ).fetchall()
        for (name,) in names:
            if name not in RUN_TABLES:
                marts[name] = _of_mart(connection, name)
    marts["all"] = hashlib.sha256(repr(sorted(marts.items())).encode()).hexdigest()[:32]
    return marts


def _of_mart(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    columns = [
        row[0]
        for row in connection.execute(f"describe marts.{name}").fetchall()
        if row[0] not in VOLATILE
    ]
    row = ", ".join(f'coalesce(cast("{column}" as varchar), chr(0))' for column in columns)
    total = connection.execute(f"""
        select
            count(*),
            sum(cast(md5_number(concat_ws(chr(31), {row})) % 18446744073709551616 as hugeint))
        from marts.{name}
    """).fetchone()
    return hashlib.sha256(repr((columns, total)).encode()).hexdigest()[:32]
