"""Multiply the real AWS report into monthly deliveries: the same rows asked for, the same bytes."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
REPORT = HERE.parent / "examples/landing/aws_cur/cur_legacy_anon_focus_converters.csv"
REPORT_ROWS = 1281
MONTHS = tuple(date(2023, month, 1) for month in range(1, 13))
# The report ends in the small hours of the 14th: its last whole day comes again as the 15th.
WHOLE_DAY, ADDED_DAYS = 13, 2


@dataclass(frozen=True)
class Delivery:
    """One month's file, its rows, and how many copies of the report the months before it took."""

    month: date
    path: Path
    rows: int
    copies_before: int


def plan(landing: Path, rows: int) -> list[Delivery]:
    """Spread the rows over the twelve months, as evenly as whole rows allow."""
    files, copies = [], 0
    for number, month in enumerate(MONTHS):
        share = rows * (number + 1) // 12 - rows * number // 12
        path = landing / "aws_cur" / f"bill_{month:%Y-%m}_full.csv"
        files.append(Delivery(month, path, share, copies))
        copies += -(-share // REPORT_ROWS)
    return files


def write_months(landing: Path, rows: int) -> list[Delivery]:
    """Write the twelve monthly files, `rows` rows in all, each dated after its month's end."""
    files = plan(landing, rows)
    (landing / "aws_cur").mkdir(parents=True)
    with _multiplier() as connection:
        for file in files:
            _copy(connection, file, file.path, only_day=None, added_days=0)
            _date_file(file.path, file.month, days=35)
    return files


def restate(file: Delivery) -> Path:
    """Deliver a month again, newer and with one more day of usage; returns the new file."""
    path = file.path.with_name(file.path.name.replace("_full", "_restated"))
    day = path.with_suffix(".day")
    with _multiplier() as connection:
        _copy(connection, file, day, only_day=WHOLE_DAY, added_days=ADDED_DAYS)
    shutil.copyfile(file.path, path)
    with path.open("ab") as month, day.open("rb") as more:
        more.readline()  # the header
        shutil.copyfileobj(more, month)
    day.unlink()
    _date_file(path, file.month, days=36)
    return path


def _multiplier() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    connection.execute("set variable report = ?", [str(REPORT)])
    connection.execute((HERE / "multiply.sql").read_text(encoding="utf-8"))
    return connection


def _copy(
    connection: duckdb.DuckDBPyConnection,
    file: Delivery,
    path: Path,
    *,
    only_day: int | None,
    added_days: int,
) -> None:
    connection.execute(
        f"""
        copy (
            from month_rows(
                timestamp '{file.month}', {file.rows}, {file.copies_before},
                {only_day or "null"}, {added_days}
            )
        ) to '{path}' (format csv, header true)
        """
    )


def _date_file(path: Path, month: date, *, days: int) -> None:
    """Give a file the time of its delivery, some days after its month began."""
    moment = datetime(month.year, month.month, 1, 6, tzinfo=UTC) + timedelta(days=days)
    os.utime(path, (moment.timestamp(), moment.timestamp()))
