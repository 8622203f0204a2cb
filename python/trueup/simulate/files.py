"""Writing files of a simulated world: set-based, the same bytes for the same rows."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

FORMATS = {
    ".csv": "format csv, header true",
    ".jsonl": "format json",
    ".parquet": "format parquet, compression zstd",
    ".snappy.parquet": "format parquet, compression snappy",
}


def write_rows(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, arrives_at: datetime
) -> int:
    """Write a query's rows, in its order, in the format that the name says; returns their number.

    `arrives_at` (UTC) becomes the time of the file, which says when it was delivered.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    suffix = next(
        suffix for suffix in sorted(FORMATS, key=len, reverse=True) if plain.name.endswith(suffix)
    )
    target = str(plain).replace("'", "''")
    rows = connection.execute(f"copy ({query}) to '{target}' ({FORMATS[suffix]})").fetchall()
    if plain != path:
        _pack(plain, path)
    date_file(path, arrives_at)
    return int(rows[0][0])


def _pack(plain: Path, path: Path) -> None:
    """Replace a file by its gzip: zlib takes a quarter of the time that DuckDB's own gzip does."""
    with (
        plain.open("rb") as source,
        path.open("wb") as target,
        gzip.GzipFile("", "wb", 6, target, mtime=0) as packed,
    ):
        shutil.copyfileobj(source, packed, 1 << 20)
    plain.unlink()


def final_export_arrives_at(period: date) -> datetime:
    """When the final export of a month is there: on the third day of the next one, 06:00 UTC."""
    return datetime(period.year + period.month // 12, period.month % 12 + 1, 3, 6)


def write_json(document: Any, path: Path, arrives_at: datetime) -> None:
    """Write one JSON document, such as a manifest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    date_file(path, arrives_at)


def date_file(path: Path, moment: datetime) -> None:
    """Give a file a time, in UTC."""
    seconds = moment.replace(tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))
