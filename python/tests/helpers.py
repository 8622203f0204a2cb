"""Homes of their own: what the tests run `trueup` with, and what they read from its releases."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from forked import PROJECT, Forks

from trueup import fingerprint as fingerprints

EXAMPLES = PROJECT / "examples" / "landing"
AS_OF = "2026-01-31T12:00:00Z"
DAY = 86_400
# Tests of several refreshes, of what a shorter one shows as well.
in_long_form = pytest.mark.skipif(
    "TRUEUP_LONG" not in os.environ, reason="in the long form: make test-all"
)
UNIT = Decimal("1e-18")
PARTS = (
    "quantity", "rate", "missing_usage", "duplicate", "timing", "unbilled", "sku", "discount",
    "fx", "tax", "credit", "rounding", "unexplained",
)  # fmt: skip


def environment(home: Path) -> dict[str, str]:
    """A process's environment, with a dbt target folder for each home."""
    return os.environ | {
        "DBT_TARGET_PATH": str(home.with_name(f"{home.name}-target")),
        "TRUEUP_PSEUDONYM_KEY": "one key for all homes, so that their figures compare",
        "NO_COLOR": "1",
        "COLUMNS": "250",
    }


def command(name: str, home: Path, landing: Path | str = EXAMPLES, *options: str) -> list[str]:
    """The words after `trueup`, at a fixed time, without progress."""
    folders = ("--home", str(home), "--landing", str(landing), "--as-of", AS_OF)
    quiet = () if name in ("status", "fingerprint") else ("--quiet",)
    return [name, *folders, *quiet, *options]


def trueup(
    name: str, home: Path, landing: Path | str = EXAMPLES, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run one command of the CLI at a fixed time, without progress."""
    return run(command(name, home, landing, *options), home)


def run(words: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    """Run `trueup <words>` in a process of its own, with the environment of a home."""
    return _forks().run(["trueup", *words], environment(home))


def dbt(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a dbt command for a home in a process of its own."""
    folders = environment(home) | {"TRUEUP_HOME": str(home), "DBT_PROFILES_DIR": str(PROJECT)}
    return _forks().run(["dbt", "--log-path", str(home / "logs"), *words], folders)


@cache
def _forks() -> Forks:
    return Forks(environment(PROJECT))


def copy_landing(folder: Path) -> Path:
    """A copy of the bundled landing folder, file times included."""
    return Path(shutil.copytree(EXAMPLES, folder / "landing"))


def release(home: Path) -> duckdb.DuckDBPyConnection:
    """The current release, as a reader opens it."""
    return duckdb.connect(str(home / "published" / "current.duckdb"), read_only=True)


def releases(home: Path) -> list[str]:
    """Everything that lies in the published folder, with what the link points at."""
    published = sorted(p.name for p in (home / "published").iterdir())
    return [*published, os.readlink(home / "published" / "current.duckdb")]


def fingerprint(home: Path) -> str:
    """The fingerprint of a home's current release."""
    return fingerprints.fingerprint((home / "published" / "current.duckdb").resolve())["all"]


def figures(home: Path) -> dict[tuple[str, str, str], dict[str, tuple]]:
    """Key figures of a release per provider, currency and billing period, exact."""
    parts = " + ".join(f"sum({part}_variance)" for part in PARTS)
    queries = {
        "charged": """
            select provider, billing_currency, strftime(billing_period, '%Y-%m'), count(*),
                sum(billed_cost), sum(effective_cost), sum(list_cost), sum(consumed_quantity)
            from marts.fct_charges group by all""",
        "expected": """
            select counterparty, currency, strftime(billing_period, '%Y-%m'), count(*),
                count(expected_amount), sum(expected_amount)
            from marts.fct_expected_charges group by all""",
        "compared": f"""
            select counterparty, currency, strftime(billing_period, '%Y-%m'), count(*),
                count(*) filter (where status = 'exception'), sum(billed_amount),
                sum(expected_amount), sum(variance_amount), {parts}
            from marts.fct_reconciliation_diffs group by all""",
    }
    found: dict[tuple[str, str, str], dict[str, tuple]] = {}
    with release(home) as connection:
        for name, query in queries.items():
            for provider, currency, period, *values in connection.execute(query).fetchall():
                found.setdefault((provider, currency, period), {})[name] = tuple(values)
    return found


def landed_files(home: Path) -> dict[tuple[str, str], dict]:
    """Rows of fct_landed_files by path and status; each is shown to add up (law 1)."""
    with release(home) as connection:
        cursor = connection.execute("select * from marts.fct_landed_files")
        names = [column[0] for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        if row["rows_total"] is not None:
            for unit in ("rows", "amount"):
                outcomes = ("accepted", "duplicate", "superseded", "quarantined")
                parts = [row[f"{unit}_{outcome}"] for outcome in outcomes]
                assert row[f"{unit}_total"] == sum(parts), row["path"]
    found = {(row["path"], row["status"]): row for row in rows}
    assert len(found) == len(rows)
    return found


@dataclass(frozen=True)
class Refresh:
    """A refresh of changed input: what it printed, its home, and the figures of both releases."""

    code: int
    report: dict[str, Any]
    home: Path
    landing: Path
    before: dict
    after: dict


def refresh_again(refreshed: Path, folder: Path, change: Callable[[Path, float], None]) -> Refresh:
    """Change a copy of the landing folder and refresh a copy of the home from it."""
    landing = copy_landing(folder)
    home = Path(shutil.copytree(refreshed, folder / "home", symlinks=True))
    change(landing, newest_time(landing))
    outcome = trueup("refresh", home, landing, "--json")
    report = json.loads(outcome.stdout)
    return Refresh(outcome.returncode, report, home, landing, figures(refreshed), figures(home))


def read_text(path: Path) -> str:
    """Text of a plain or gzip file, a byte order mark removed."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file, plain or gzip, read by Python alone."""
    return list(csv.DictReader(io.StringIO(read_text(path))))


def write_rows(path: Path, rows: list[dict[str, str]], moment: float | None = None) -> Path:
    """Write rows as CSV, gzip when the name says so; `moment` is the file time."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    return write_bytes(path, gzip.compress(data) if path.suffix == ".gz" else data, moment)


def write_bytes(path: Path, data: bytes, moment: float | None = None) -> Path:
    """Write a file and its folders, with a file time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if moment is not None:
        os.utime(path, (moment, moment))
    return path


def stored(number: Decimal) -> Decimal:
    """A number at the storage precision: rounded half up to 18 places."""
    return number.quantize(UNIT, ROUND_HALF_UP)


def total(texts: Iterable[str]) -> Decimal:
    """Exact sum of raw numbers, each as stored; empty text is zero."""
    return sum((stored(Decimal(text or "0")) for text in texts), Decimal(0))


def newest_time(landing: Path) -> float:
    """The newest file time below a folder."""
    return max(path.stat().st_mtime for path in landing.rglob("*") if path.is_file())
