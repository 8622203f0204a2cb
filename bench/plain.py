"""Run a baseline of plain SQL in this process; prints its seconds by statement as JSON.

Example: python bench/plain.py marts direct 'landing/aws_cur/*_full.csv' plain.duckdb
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from glob import glob
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
EXACT = "cast(digits as decimal(38, 18))"
# The texts that macros/dialect/raw_values.sql reads by way of 18 digits, to the same value.
SHORT = (
    r"[+-]?([0-9]{1,5}([.][0-9]{0,12})?|[0-9]([.][0-9]{0,2})?[eE]-0?([0-9]|10)"
    r"|[0-9][.][0-9]{3,4}[eE]-0?[0-8]|[0-9][.][0-9]{5,6}[eE]-0?[0-6])"
)
# How plain SQL reads an amount: `direct`, as anyone would write it, or `short`, with our own trick.
CASTS = {
    "direct": EXACT,
    "short": f"""
        case
            when regexp_full_match(digits, '{SHORT}')
                then cast(cast(digits as decimal(18, 12)) as decimal(38, 18))
            else {EXACT}
        end
    """,
}


# What is written by hand: marts straight from the files, or canonical charges by way of Parquet.
BASELINES = {
    "marts": ("plain_charges.sql", "plain.sql"),
    "canonical": ("plain_charges.sql", "plain_canonical.sql"),
}


def run(baseline: str, cast: str, files: str, database: str) -> dict[str, float]:
    """Fill a new database file from the CSV files that a pattern names.

    Args:
        baseline: a key of BASELINES.
        cast: a key of CASTS.
        files: glob pattern of the deliveries.
        database: path of a DuckDB file that does not exist yet.

    Returns:
        Seconds by statement, in their order, and of closing the file.
    """
    memory_limit = os.environ.get("TRUEUP_MEMORY_LIMIT", "2GB")
    connection = duckdb.connect(database, config={"threads": 2, "memory_limit": memory_limit})
    connection.execute("set variable files = ?", [files])
    connection.execute("set variable seeds = ?", [str(HERE.parent / "seeds")])
    connection.execute(f"create macro amount(digits) as {CASTS[cast]}")
    seconds: dict[str, float] = {}
    if baseline == "canonical":
        begun = time.monotonic()
        _archive(connection, files, Path(database).with_suffix(".archive"))
        seconds["parquet"] = round(time.monotonic() - begun, 2)
    for name in BASELINES[baseline]:
        for statement in connection.extract_statements((HERE / name).read_text("utf-8")):
            begun = time.monotonic()
            connection.execute(statement)
            made = re.search(r"create table (\w+)", statement.query)
            if made:
                seconds[made.group(1)] = round(time.monotonic() - begun, 2)
    begun = time.monotonic()
    connection.close()
    return seconds | {"close": round(time.monotonic() - begun, 2)}


def _archive(connection: duckdb.DuckDBPyConnection, files: str, folder: Path) -> None:
    """Write each file as Parquet, all values as text, compressed as landing does."""
    folder.mkdir()
    connection.execute("set variable archive = ?", [str(folder)])
    for file in sorted(glob(files)):
        connection.execute(
            f"""
            copy (from read_csv('{file}', header = true, all_varchar = true))
            to '{folder / Path(file).stem}.parquet'
            (format parquet, compression zstd, compression_level 1)
            """
        )


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))
