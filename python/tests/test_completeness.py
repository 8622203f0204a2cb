"""What did not arrive, came late, came twice or was lost again: each is planted and counted."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from helpers import (
    EXAMPLES,
    copy_landing,
    fingerprint,
    in_long_form,
    read_rows,
    release,
    stored,
    trueup,
    write_bytes,
    write_rows,
)

GCP = "gcp_billing/koku_gcp_standard_2020-11_credits.csv"
OCI = "oci_cost/oci_cost_report_focus_converters.csv"
FOCUS = "focus/sample/focus_sample.csv"
PAYER = "000000-B0BBA4-940A77"
FIRST, GAP, LAST = date(2025, 12, 10), date(2026, 1, 14), date(2026, 1, 28)
ROWS = 4
OCI_FIRST, OCI_DAYS, OCI_GAP = date(2026, 1, 5), 4, datetime(2026, 1, 7, 6, tzinfo=UTC)
OCI_LATE = date(2026, 1, 8)


def cost(day: date) -> Decimal:
    """Cost of a day: no two are alike, and all have more digits than binary numbers keep."""
    return Decimal(day.toordinal() - FIRST.toordinal() + 10) / 3


def at(day: date, hour: int = 0) -> float:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp()


def deliver_gcp(landing: Path, day: date, delivered: float) -> Path:
    """One day's file: the same rows every day, one of them with the day's cost."""
    row = read_rows(EXAMPLES / GCP)[0] | {"credits": "[]", "invoice.month": f"{day:%Y%m}"}
    rows = [
        row
        | {
            "usage_start_time": f"{day} 0{hour}:00:00+00:00",
            "usage_end_time": f"{day} 0{hour + 1}:00:00+00:00",
            "cost": f"{stored(cost(day))}" if hour == 0 else "0",
        }
        for hour in range(ROWS)
    ]
    return write_rows(landing / f"gcp_billing/{day:%Y-%m-%d}.csv", rows, delivered)


def deliver_oci(landing: Path, start: datetime, delivered: float) -> Path:
    """One six-hourly file with a row an hour."""
    row = read_rows(EXAMPLES / OCI)[0]
    moments = [start + timedelta(hours=hour) for hour in range(7)]
    rows = [
        row
        | {
            "lineItem/referenceNo": f"{since:%Y%m%d%H}",
            "lineItem/intervalUsageStart": f"{since:%Y-%m-%dT%H:%MZ}",
            "lineItem/intervalUsageEnd": f"{until:%Y-%m-%dT%H:%MZ}",
            "cost/myCost": "0.25",
        }
        for since, until in itertools.pairwise(moments)
    ]
    return write_rows(landing / f"oci_cost/{start:%Y-%m-%dT%H}.csv", rows, delivered)


def deliver_events(landing: Path, partition: int, hours: list[int], name: str) -> Path:
    """Two events in each of some hours of the last day."""
    moments = [f"2026-01-31T{hour:02}:{minute}:00Z" for hour in hours for minute in (10, 40)]
    events = [
        {
            "specversion": "1.0",
            "id": f"{partition}-{moment}",
            "source": "/api",
            "type": "api.request",
            "subject": "acme",
            "time": moment,
            "data": {"count": "1"},
        }
        for moment in moments
    ]
    path = landing / f"usage_events/api/partition={partition}/{name}.jsonl"
    lines = "".join(json.dumps(event) + "\n" for event in events)
    return write_bytes(path, lines.encode(), at(date(2026, 1, 31), max(hours) + 1))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gaps")


@pytest.fixture(scope="module")
def gaps(place: Path) -> subprocess.CompletedProcess[str]:
    """A month and a half of daily files less one, and four days of six-hourly files less one."""
    landing = place / "landing"
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        if day != GAP:
            deliver_gcp(landing, day, at(day + timedelta(days=1), 6))
    for number in range(4 * OCI_DAYS):
        start = datetime.fromtimestamp(at(OCI_FIRST), UTC) + timedelta(hours=6 * number)
        if start != OCI_GAP:
            late = 96 if start.date() == OCI_LATE and start.hour == 12 else 7
            deliver_oci(landing, start, (start + timedelta(hours=late)).timestamp())
    for hour in range(11):
        deliver_events(landing, 0, [hour], f"{hour:02}")
        if hour != 5:
            deliver_events(landing, 1, [hour], f"{hour:02}")
    return refresh(place)


@pytest.fixture(scope="module")
def filled(place: Path, gaps: object) -> subprocess.CompletedProcess[str]:
    """The missing files come, four days after they were due."""
    deliver_gcp(place / "landing", GAP, at(date(2026, 1, 22)))
    deliver_oci(place / "landing", OCI_GAP, at(date(2026, 1, 13), 12))
    deliver_events(place / "landing", 1, [4, 5, 6], "reprocessed")
    deliver_gcp(place / "landing", LAST + timedelta(days=1), at(date(2026, 1, 31), 13))
    return refresh(place, "--as-of", "2026-02-01T12:00:00Z")


def refresh(place: Path, *options: str) -> subprocess.CompletedProcess[str]:
    outcome = trueup("refresh", place / "home", place / "landing", *options)
    assert outcome.returncode == 0, outcome.stderr
    return outcome


@pytest.fixture
def marts(place: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with release(place / "home") as connection:
        yield connection


def days(marts: duckdb.DuckDBPyConnection, source: str, columns: str, status: str) -> list[tuple]:
    return marts.execute(
        f"select {columns} from marts.fct_completeness where source = ? and status in ({status}) "
        "order by expected_on",
        [source],
    ).fetchall()


def alerts(marts: duckdb.DuckDBPyConnection, rule: str) -> list[tuple]:
    return marts.execute(
        "select severity, group_key, title, evidence, runbook from marts.fct_alerts "
        "where rule_id = ? order by group_key",
        [rule],
    ).fetchall()


def test_a_day_that_never_arrived_is_named_with_its_money(
    gaps: object, marts: duckdb.DuckDBPyConnection
) -> None:
    wednesdays = [stored(cost(GAP - timedelta(weeks=n))) for n in range(1, 6)]
    usual = sorted(wednesdays)[2]
    columns = "expected_on, provider, currency, row_count, parts_missing, usual_rows, days_compared"
    assert days(marts, "gcp_billing", columns, "'missing'") == [
        (GAP, "Google Cloud", "USD", 0, 1, ROWS, 5)
    ]
    figures = "billed_cost, usual_cost, estimated_missing_cost, missing_since, hours_overdue"
    overdue = (datetime(2026, 1, 18), 13 * 24 + 12)
    assert days(marts, "gcp_billing", figures, "'missing'") == [(0, usual, usual, *overdue)]
    assert alerts(marts, "missing_delivery")[0] == (
        "ticket",
        f"gcp_billing/{PAYER}/Google Cloud/USD",
        f"Google Cloud feed {PAYER} of gcp_billing: 1 days missing since {GAP} "
        f"about {round(usual, 2)} USD",
        f"{GAP}, about {round(usual, 2)} USD",
        "docs/runbooks/missing_export.md",
    )


def test_what_is_there_or_not_due_yet_is_no_fault(
    gaps: object, marts: duckdb.DuckDBPyConnection
) -> None:
    counts = marts.execute(
        "select status, count(*), sum(row_count), sum(billed_cost), max(lag_hours) "
        "from marts.fct_completeness where source = 'gcp_billing' group by status"
    ).fetchall()
    all_days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    complete = [day for day in all_days if day not in (GAP, LAST)]
    expected = {
        "complete": (
            len(complete),
            ROWS * len(complete),
            sum(stored(cost(day)) for day in complete),
            6,
        ),
        "missing": (1, 0, 0, None),
        # the 28th is due on the 1st of February, the 29th to 31st later
        "provisional": (4, ROWS, stored(cost(LAST)), 6),
    }
    assert {status: tuple(values) for status, *values in counts} == expected


def test_a_part_of_a_day_is_named_by_its_hour(
    gaps: object, marts: duckdb.DuckDBPyConnection
) -> None:
    columns = "expected_on, missing_parts, parts_expected, parts_received, row_count, billed_cost"
    missing = days(marts, "oci_cost", columns, "'missing'")
    assert missing[0] == (OCI_GAP.date(), "06:00", 4, 3, 18, Decimal("4.5"))
    # the feed ends on the 8th: from then on every day that is due misses all of its parts
    assert [row[:2] for row in missing[1:]] == [
        (date(2026, 1, 9) + timedelta(days=n), "00:00, 06:00, 12:00, 18:00") for n in range(20)
    ] + [(date(2026, 1, 29), "00:00, 06:00")]


def hours_of_events(marts: duckdb.DuckDBPyConnection) -> list[tuple]:
    return marts.execute(
        "select feed, status, missing_parts, parts_received, row_count "
        "from marts.fct_completeness where source = 'usage_events' and expected_on = '2026-01-31' "
        "order by feed"
    ).fetchall()


def test_an_hour_without_events_in_one_partition_is_named(
    gaps: object, marts: duckdb.DuckDBPyConnection
) -> None:
    (whole, short) = hours_of_events(marts)
    assert whole[1:] == ("provisional", None, 11, 22)
    assert short[1:] == ("missing", "05:00", 10, 20)
    assert "partition=1" in short[0]
    (alert,) = [a for a in alerts(marts, "missing_delivery") if a[1].startswith("usage_events")]
    assert alert[3] == "2026-01-31 at 05:00"


def test_rows_that_came_late_are_counted_where_they_belong(
    gaps: object, marts: duckdb.DuckDBPyConnection
) -> None:
    columns = "expected_on, row_count, rows_late, billed_cost, delivered_at, lag_hours"
    delivered = datetime(2026, 1, 12, 12)
    assert days(marts, "oci_cost", columns, "'late'") == [
        (OCI_LATE, 24, 6, 6, delivered, 3 * 24 + 12)
    ]
    charged = marts.execute(
        "select count(*), sum(billed_cost) from marts.fct_charges where source = 'oci_cost' "
        "and charge_period_start >= date '2026-01-08' and charge_period_start < date '2026-01-09'"
    ).fetchall()
    assert charged == [(24, 6)]


def indicators(marts: duckdb.DuckDBPyConnection, *ids: str) -> list[tuple]:
    return marts.execute(
        "select value, status, error_budget_left from marts.fct_slis "
        "where list_contains(?, sli_id) order by sli_id",
        [ids],
    ).fetchall()


def test_success_and_backlog_are_measured(gaps: object, marts: duckdb.DuckDBPyConnection) -> None:
    """Of what was due within thirty days of 31 January, 12:00."""
    parts = 30 + 24 * 4
    there = parts - 1 - (1 + 20 * 4)
    success = Decimal(there * 100_000_000 // parts) / 1_000_000
    used = (100 - success) * 100 / Decimal("0.1")
    assert indicators(marts, "EM1", "EM2", "EM6") == [
        (success, "breached", 100 - used),
        (None, "no_data", None),  # all that is there came with the first landing
        (22 * 24, "breached", 100 - 22 * 24 * 100 / 4),
    ]
    assert [alert[2] for alert in alerts(marts, "backlog")] == [
        "backfill backlog is 528.000000 hours, more than 4.000000"
    ]


def test_a_backfill_fills_the_gap_and_its_lag_is_measured(
    filled: object, marts: duckdb.DuckDBPyConnection
) -> None:
    columns = "expected_on, row_count, rows_late, billed_cost, lag_hours"
    assert days(marts, "gcp_billing", columns, "'missing', 'late'") == [
        (GAP, ROWS, ROWS, stored(cost(GAP)), 7 * 24)
    ]
    assert days(marts, "oci_cost", "expected_on, rows_late, lag_hours", "'late'") == [
        (OCI_GAP.date(), 6, 5 * 24 + 12),
        (OCI_LATE, 6, 3 * 24 + 12),
    ]
    feeds = {alert[1].split("/")[0] for alert in alerts(marts, "missing_delivery")}
    assert feeds == {"oci_cost", "usage_events"}
    # of the hours delivered again, the events that were there before count once
    (whole, short) = hours_of_events(marts)
    assert short[2] == whole[2] and "05:00" not in short[2]
    assert short[3:] == whole[3:] == (11, 22)
    # one file came after the first landing, 23 hours before it was landed
    assert indicators(marts, "EM2") == [(23, "breached", -2200)]


def test_a_month_delivered_under_two_names_is_found(refreshed: Path, tmp_path: Path) -> None:
    landing = copy_landing(tmp_path)
    rows = read_rows(landing / FOCUS)
    write_rows(landing / "focus/again/other_name.csv", rows[::-1])
    home = Path(shutil.copytree(refreshed, tmp_path / "home", symlinks=True))
    assert trueup("refresh", home, landing).returncode == 0
    with release(home) as marts:
        found = marts.execute(
            "select feed, billing_period, doubled_by_feed, doubled_charges "
            "from marts.fct_deliveries where doubled_by_feed is not null order by all"
        ).fetchall()
        billed = marts.execute(
            "select feed, sum(billed_cost) from marts.fct_charges where source = 'focus' "
            "group by feed"
        ).fetchall()
        (september, october) = alerts(marts, "doubled_month")
    assert found == [
        ("sample/mixed", date(2024, 9, 1), "again/mixed", len(rows) - 1),
        ("sample/mixed", date(2024, 10, 1), "again/mixed", 1),
    ]
    assert len(dict(billed)) == 2 and len({money for _, money in billed}) == 1
    assert october[3].startswith("1 charges count twice: 0.240000000000000000 USD of account ")
    assert september[1:3] == (
        "focus/sample/mixed/2024-09-01",
        "focus feed sample/mixed holds the same 2024-09-01 as feed again/mixed",
    )


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="refresh"),
        pytest.param(("--full-refresh",), id="full refresh", marks=in_long_form),
    ],
)
def test_a_lost_month_is_found_and_restored_from_the_archive(
    home: Path, refreshed: Path, options: tuple[str, ...]
) -> None:
    lost = "where source = 'aws_cur' and billing_period = date '2024-08-01'"
    with duckdb.connect(str(home / "build/warehouse.duckdb")) as warehouse:
        warehouse.execute(f"attach '{home / 'build/marts.duckdb'}' as marts")
        for table in ("canonical.charges", "operations.charge_hours", "marts.marts.fct_charges"):
            warehouse.execute(f"delete from {table} {lost}")
    gate = trueup("gate", home, EXAMPLES, "--json")
    assert gate.returncode == 1
    broken = [failure.split(":")[0] for failure in json.loads(gate.stdout)["failures"]]
    assert "test law_8_partitions_are_current" in broken
    assert "test law_2_charges_equal_deliveries" in broken
    outcome = trueup("refresh", home, EXAMPLES, "--json", *options)
    assert outcome.returncode == 0, outcome.stdout
    assert json.loads(outcome.stdout)["landed"]["new"] == 0
    assert fingerprint(home) == fingerprint(refreshed)
