"""A closed period: its figures stand; what changes it later is an event in the open period."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from helpers import (
    DAY,
    EXAMPLES,
    fingerprint,
    in_long_form,
    read_rows,
    release,
    trueup,
    write_rows,
)

EXPORT = EXAMPLES / "aws_cur" / "cur_savings_plans_2024-06.csv.gz"
MOMENT = EXPORT.stat().st_mtime
CLOSE = {
    "billing_period": "2024-06-01",
    "direction": "payable",
    "closed_at": "2024-07-05T00:00:00Z",
    "actor": "finance",
    "grace_days": "10",
}
DEARER, CREDIT = Decimal("1.25"), Decimal("-3.1")
SNAPSHOTS = "select * from marts.fct_period_snapshots order by all"
ADJUSTMENTS = """
    select adjustment_id, charge_kind, amount, effective_amount, origin_period, posting_period
    from marts.fct_adjustments order by all
"""


def june(*, dearer: bool = False, credit: bool = False) -> list[dict[str, str]]:
    """The rows of June: with a higher price of one line, with a credit that came late."""
    rows = read_rows(EXPORT)
    if dearer:
        cost = Decimal(rows[0]["lineItem/UnblendedCost"]) + DEARER
        rows[0]["lineItem/UnblendedCost"] = str(cost)
    if credit:
        late = {"lineItem/LineItemType": "Credit", "lineItem/UnblendedCost": str(CREDIT)}
        rows.append(rows[-1] | late | {"identity/LineItemId": "late-credit"})
    return rows


def deliver(home: Path, name: str, days: float, rows: list[dict[str, str]]) -> None:
    """Land one delivery of June and refresh; every law holds."""
    landing = home.with_name("landing")
    write_rows(landing / "aws_cur" / f"{name}.csv", rows, MOMENT + days * DAY)
    outcome = trueup("refresh", home, landing)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def rows_of(home: Path, query: str) -> list[tuple]:
    """Rows of the current release."""
    with release(home) as connection:
        return connection.execute(query).fetchall()


def copied(home: Path, folder: Path) -> Path:
    """A home and its landing folder, to go on from."""
    for name in ("landing", "home"):
        shutil.copytree(home.with_name(name), folder / name, symlinks=True)
    return folder / "home"


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which June is final."""
    home = tmp_path_factory.mktemp("closed") / "home"
    write_rows(home.with_name("landing") / "period_closes" / "closes.csv", [CLOSE], MOMENT)
    deliver(home, "june", 0, june())
    return home


@pytest.fixture(scope="module")
def restated(closed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home after a price change and a late credit."""
    home = copied(closed, tmp_path_factory.mktemp("restated"))
    deliver(home, "june_credited", 2, june(dearer=True, credit=True))
    return home


def test_a_final_period_is_frozen_as_it_stood(closed: Path) -> None:
    billed = sum(Decimal(row["lineItem/UnblendedCost"]) for row in june())
    frozen = rows_of(
        closed,
        "select billing_period::text, charge_kind, currency, charge_count, billed_cost,"
        " final_at::text from marts.fct_period_snapshots",
    )
    assert frozen == [("2024-06-01", "usage", "USD", 34, billed, "2024-07-15 00:00:00")]
    assert rows_of(closed, ADJUSTMENTS) == []


def test_a_price_change_and_a_late_credit_are_two_events(closed: Path, restated: Path) -> None:
    assert rows_of(restated, SNAPSHOTS) == rows_of(closed, SNAPSHOTS)
    events = rows_of(
        restated,
        "select charge_kind, amount, effective_amount, origin_period::text, posting_period::text,"
        " kind, status, is_automatic, event_number from marts.fct_adjustments"
        " order by charge_kind desc",
    )
    place = ("2024-06-01", "2026-01-01", "correction", "posted", True, 1)
    assert events == [("usage", DEARER, DEARER, *place), ("credit", CREDIT, CREDIT, *place)]
    reasons = rows_of(
        restated,
        "select reason like 'files aws_cur-% in place of %' from marts.fct_adjustments",
    )
    assert reasons == [(True,), (True,)]


def test_running_again_and_a_full_refresh_change_nothing(restated: Path) -> None:
    before = fingerprint(restated)
    landing = restated.with_name("landing")
    for options in ((), ("--full-refresh",)):
        outcome = trueup("refresh", restated, landing, *options)
        assert outcome.returncode == 0, outcome.stderr
        assert fingerprint(restated) == before


@in_long_form
def test_changes_in_deliveries_of_their_own_are_the_same_events(
    closed: Path, restated: Path, tmp_path: Path
) -> None:
    home = copied(closed, tmp_path)
    deliver(home, "june_dearer", 1, june(dearer=True))
    deliver(home, "june_credited", 2, june(dearer=True, credit=True))
    deliver(home, "june_older", 0.5, june())
    assert rows_of(home, ADJUSTMENTS) == rows_of(restated, ADJUSTMENTS)
    assert rows_of(home, SNAPSHOTS) == rows_of(closed, SNAPSHOTS)


def test_a_further_change_is_a_further_event(restated: Path, tmp_path: Path) -> None:
    home, before = copied(restated, tmp_path), rows_of(restated, ADJUSTMENTS)
    deliver(home, "june_cheaper", 3, june(credit=True))
    after = rows_of(home, ADJUSTMENTS)
    assert set(before) < set(after) and len(after) == 3
    assert sum(row[2] for row in after) == CREDIT


@pytest.mark.parametrize(
    "change",
    [
        "update marts.fct_period_snapshots set billed_cost = billed_cost + 0.000000000000000001",
        "update marts.fct_adjustments set amount = amount + 0.000000000000000001",
        "delete from marts.fct_period_snapshots",
        "insert into marts.fct_period_snapshots select * replace ('tax' as charge_kind,"
        " 0 as billed_cost, 0 as effective_cost) from marts.fct_period_snapshots",
    ],
    ids=["snapshot changed", "adjustment changed", "snapshot deleted", "row added"],
)
def test_a_closed_period_that_moves_breaks_the_law(
    restated: Path, tmp_path: Path, change: str
) -> None:
    home = copied(restated, tmp_path)
    with duckdb.connect(str(home / "build" / "marts.duckdb")) as connection:
        connection.execute(change.replace("marts.fct_", "marts.marts.fct_"))
    gate = trueup("gate", home, home.with_name("landing"), "--json")
    assert gate.returncode == 1
    assert "law_7_closed_periods" in " ".join(json.loads(gate.stdout)["failures"])
