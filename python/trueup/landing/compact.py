"""Compaction: many small archives become one, so that a year of hourly deliveries reads fast."""

from __future__ import annotations

import hashlib

import duckdb

from trueup.config import Settings
from trueup.landing.checks import literal

MANY = 64  # files of one source, delivered in one month


def compact(registry: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Join the small archives of each source and month of delivery; returns how many files went.

    A joined archive keeps (file_id, file_row) of every row. The registry points at it before the
    small files are removed: killed anywhere, every row stands in exactly one archive in use.
    """
    groups = registry.execute(f"""
        select source, list(distinct archive_path order by archive_path) as paths
        from landing.files
        inner join landing.current_files using (source, file_id)
        where archive_path = source || '/' || file_id || '.parquet'
        group by source, date_trunc('month', delivered_at)
        having count(distinct archive_path) >= {MANY}
        order by source
    """).fetchall()
    for source, paths in groups:
        digest = hashlib.sha256("\n".join(paths).encode()).hexdigest()[:16]
        joined = f"{source}/joined-{digest}.parquet"
        partial = settings.archive / f"{joined}.partial"
        listed = ", ".join(literal(str(settings.archive / path)) for path in paths)
        registry.execute(f"""
            copy (
                select * exclude (file_row_number), file_row_number + 1 as file_row
                from read_parquet([{listed}], union_by_name = true, file_row_number = true)
            ) to {literal(str(partial))} (format parquet, compression zstd, compression_level 1)
        """)
        partial.replace(settings.archive / joined)
        registry.execute(
            "update landing.files set archive_path = ? where list_contains(?, archive_path)",
            [joined, paths],
        )
        for path in paths:
            (settings.archive / path).unlink(missing_ok=True)
    return sum(len(paths) for _, paths in groups)
