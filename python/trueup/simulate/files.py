"""Writing files of a simulated world: set-based, the same bytes for the same rows."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

FORMATS = {
    ".csv": "format csv, header true",
    ".csv.gz": "format csv, header true, compression gzip",
    ".jsonl": "format json",
    ".jsonl.gz": "format json, compression gzip",
    ".parquet": "format parquet, compression zstd",
}


def write_rows(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, arrives_at: datetime
) -> int:
    """Write a query's rows, in its order, in the format that the name says; returns their number.

    `arrives_at` (UTC) becomes the time of the file, which says when it was delivered.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.name
    suffix = next(
        suffix for suffix in sorted(FORMATS, key=len, reverse=True) if name.endswith(suffix)
    )
    target = str(path).replace("'", "''")
    rows = connection.execute(f"copy ({query}) to '{target}' ({FORMATS[suffix]})").fetchall()
    date_file(path, arrives_at)
    return int(rows[0][0])


def write_json(document: Any, path: Path, arrives_at: datetime) -> None:
    """Write one JSON document, such as a manifest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    date_file(path, arrives_at)


def date_file(path: Path, moment: datetime) -> None:
    """Give a file a time, in UTC."""
    seconds = moment.replace(tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))
