"""Idempotence: the same input gives the same release, however often and in whatever order."""

from __future__ import annotations

import json
import os
import random
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from helpers import (
    AS_OF,
    DAY,
    EXAMPLES,
    copy_landing,
    figures,
    fingerprint,
    in_long_form,
    newest_time,
    read_rows,
    releases,
    total,
    trueup,
    write_rows,
)

from trueup.config import resolve
from trueup.steps import land_step

ACTUAL = "azure_cost/EA_ActualCost_Small.csv"
MARK = "planted before the change"
# incremental tables of both databases, with a free text of theirs to plant a mark in
MARKED = {
    "warehouse.duckdb": {
        "warehouse.canonical.charges": "resource_name",
        "warehouse.pricing.expected_vendor_charges": "tier_detail",
        "warehouse.reconciliation.disagreements": "unpriced_reason",
    },
    "marts.duckdb": {
        "marts.marts.fct_charges": "charge_description",
        "marts.marts.fct_expected_charges": "tier_detail",
        "marts.marts.fct_reconciliation_diffs": "unpriced_reason",
    },
}


def test_a_second_refresh_says_nothing_changed(home: Path, refreshed: Path) -> None:
    before = releases(home)
    outcome = trueup("refresh", home)
    assert outcome.returncode == 0
    assert outcome.stdout.startswith("nothing changed since the last release")
    assert releases(home) == before
    assert fingerprint(home) == fingerprint(refreshed)


@in_long_form  # test_crash.py refreshes in full, too, while others try
def test_a_full_refresh_gives_the_same_release(home: Path, refreshed: Path) -> None:
    outcome = trueup("refresh", home, EXAMPLES, "--full-refresh")
    assert outcome.returncode == 0, outcome.stderr
    assert len(releases(home)) == len(releases(refreshed)) + 1
    assert fingerprint(home) == fingerprint(refreshed)


@pytest.mark.parametrize("seed", [1, 2, 3] if "TRUEUP_LONG" in os.environ else [1])
def test_files_landed_one_by_one_and_steps_apart_give_the_same_release(
    refreshed: Path, tmp_path: Path, seed: int
) -> None:
    landing, home = tmp_path / "landing", tmp_path / "home"
    files = sorted(p.relative_to(EXAMPLES) for p in EXAMPLES.rglob("*") if p.is_file())
    random.Random(seed).shuffle(files)
    for n, file in enumerate(files, 1):
        (landing / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(EXAMPLES / file, landing / file)
        report = land_step(resolve(landing, home, AS_OF), lambda text: None)
        assert report.landed and len(report.landed.paths) <= n and report.landed.new <= 1
    for step in ("build", "gate", "publish"):
        outcome = trueup(step, home, landing)
        assert outcome.returncode == 0, f"{step}: {outcome.stderr}"
    assert fingerprint(home) == fingerprint(refreshed)
    again = trueup("refresh", home, landing)
    assert again.stdout.startswith("nothing changed since the last release")


def plant_marks(home: Path) -> None:
    """Mark every row of the incremental tables: a row that is built anew loses its mark."""
    for database, columns in MARKED.items():
        with duckdb.connect(str(home / "build" / database)) as connection:
            for table, column in columns.items():
                connection.execute(f"update {table} set {column} = '{MARK}'")


def lost_marks(home: Path) -> dict[str, set[str]]:
    """Partitions, by table, that hold a row without a mark."""
    lost = {}
    for database, columns in MARKED.items():
        with duckdb.connect(str(home / "build" / database), read_only=True) as connection:
            for table, column in columns.items():
                query = f"""
                    select distinct partition_id from {table}
                    where {column} is distinct from '{MARK}'
                """
                lost[table] = {name for (name,) in connection.execute(query).fetchall()}
    return lost


def touched(landing: Path) -> Path:
    """Give every file a new time."""
    moment = newest_time(landing) + DAY
    for path in landing.rglob("*"):
        os.utime(path, (moment, moment))
    return landing


@in_long_form  # the next one gives new times, too
def test_new_file_times_alone_rebuild_nothing(home: Path, refreshed: Path, tmp_path: Path) -> None:
    landing = touched(copy_landing(tmp_path))
    plant_marks(home)
    outcome = trueup("refresh", home, landing, "--json")
    assert outcome.returncode == 0, outcome.stderr
    landed = json.loads(outcome.stdout)["landed"]
    assert (landed["new"], landed["rows"]) == (0, 0)
    assert lost_marks(home) == {table: set() for tables in MARKED.values() for table in tables}
    assert figures(home) == figures(refreshed)


def test_a_changed_month_rebuilds_its_own_partitions_alone(
    home: Path, refreshed: Path, tmp_path: Path
) -> None:
    landing = touched(copy_landing(tmp_path))
    rows = read_rows(landing / ACTUAL)
    rows[0]["Cost"] = str(Decimal(rows[0]["Cost"]) + Decimal("0.01"))
    write_rows(landing / ACTUAL, rows, newest_time(landing) + DAY)
    plant_marks(home)
    assert trueup("refresh", home, landing).returncode == 0
    charges = {"azure_cost|actual/8611537|2023-09-01"}
    diffs = {"payable|Microsoft|2023-09-01"}
    assert lost_marks(home) == {
        table: diffs if ".reconciliation." in table or "diffs" in table else charges
        for tables in MARKED.values()
        for table in tables
    }
    before, after = figures(refreshed), figures(home)
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {("Microsoft", "USD", "2023-09")}
    assert after["Microsoft", "USD", "2023-09"]["charged"][1] == total(r["Cost"] for r in rows)
