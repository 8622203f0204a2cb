"""Usage events and invoices with planted faults: what counts, what is refused, and how much."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import EXAMPLES, landed_files, read_rows, release, trueup, write_bytes, write_rows

CHARGES = "aws_cur/cur_savings_plans_2024-06.csv.gz"
ISSUER = "Amazon Web Services, Inc."
METERS = [
    {"meter_id": "calls", "event_type": "api.request", "aggregation": "count", "value_property": "",
     "unit": "1", "sku_id": "sku-calls", "dimensions": "region", "window": "hour"},
    {"meter_id": "bytes", "event_type": "api.request", "aggregation": "sum",
     "value_property": "bytes", "unit": "By", "sku_id": "sku-bytes", "dimensions": "region",
     "window": "hour"},
]  # fmt: skip
FIRST, SECOND = "usage_events/api/partition=0/{}", "usage_events/api/partition=1/{}"
WITHIN, LATE = "2026-01-31T23:00:00Z", "2026-02-10T00:00:00Z"


def event(name: str, time: str, top: dict[str, Any] | None = None, **data: Any) -> dict[str, Any]:
    """One CloudEvent of the gateway."""
    return {
        "specversion": "1.0", "id": name, "source": "/gateway", "type": "api.request",
        "subject": "acme", "time": time, "data": data,
    } | (top or {})  # fmt: skip


def hour(number: int) -> str:
    """An hour of 5 January."""
    return f"2026-01-05T{number:02}:00:00Z"


def write_events(landing: Path, path: str, events: list[dict[str, Any]], written: str) -> None:
    """Events as JSON Lines, in a file of that time."""
    text = "".join(json.dumps(one) + "\n" for one in events)
    moment = datetime.fromisoformat(written).astimezone(UTC).timestamp()
    write_bytes(landing / path, text.encode(), moment)


def invoice(status: str, *amounts: str) -> list[dict[str, str]]:
    """An invoice of the June charges; its stated total is 17.90."""
    return [
        {"invoice_id": "INV-6", "direction": "payable", "issuer": ISSUER, "recipient": "us",
         "issued_at": "2024-07-03", "period_start": "2024-06-01", "period_end": "2024-07-01",
         "line_no": str(number), "line_kind": "credit" if amount.startswith("-") else "usage",
         "amount": amount, "currency": "USD", "status": status, "stated_total": "17.90"}
        for number, amount in enumerate(amounts, start=1)
    ]  # fmt: skip


@dataclass(frozen=True)
class Home:
    """A refreshed home: its files by path, its answers, and what the refresh said."""

    path: Path
    outcome: subprocess.CompletedProcess[str]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the current release."""
        with release(self.path) as connection:
            return connection.execute(query).fetchall()

    def ask_build(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a table of the build warehouse."""
        warehouse = str(self.path / "build" / "warehouse.duckdb")
        with duckdb.connect(warehouse, read_only=True) as connection:
            return connection.execute(query).fetchall()

    def counts(self, path: str) -> tuple[int, ...]:
        """Rows of a file: accepted, duplicate, revised, quarantined; law 1 is checked too."""
        row = {name: row for (name, _), row in landed_files(self.path).items()}[path]
        outcomes = ("accepted", "duplicate", "superseded", "quarantined")
        return tuple(row[f"rows_{outcome}"] for outcome in outcomes)

    def usage(self, meter: str, where: str = "true") -> tuple[int, Decimal | None]:
        """Rows and quantity of a meter."""
        return self.ask(
            "select count(*), sum(quantity) from marts.fct_usage "
            f"where meter_id = '{meter}' and {where}"
        )[0]


def first_landing(landing: Path) -> None:
    """Ten hours of two partitions; the second one stops after three of them."""
    write_rows(landing / "meters/meters.csv", METERS)
    (landing / "aws_cur").mkdir(parents=True)
    shutil.copy2(EXAMPLES / CHARGES, landing / CHARGES)
    write_rows(landing / "invoices/draft.csv", invoice("draft", "20.00", "5.00"))
    zero = [event(f"a{n}", hour(n), bytes=n, region="eu") for n in range(10)]
    write_events(landing, FIRST.format("a.jsonl"), zero, "2026-01-05T12:00:00Z")
    # the gateway sends three of them again, one with its members in another order
    again = [*zero[:2], event("a2", hour(2), region="eu", bytes="2")]
    write_events(landing, FIRST.format("retry.jsonl"), again, "2026-01-05T13:00:00Z")
    one = [event(f"b{n}", hour(n), bytes=n, region="us") for n in range(3)]
    write_events(landing, SECOND.format("b.jsonl"), one, "2026-01-05T12:00:00Z")
    odd = [
        event("c1", hour(1), bytes=100),
        event("c1", hour(1), bytes=200),
        event("c2", hour(1), bytes=1, revision=1),
        event("c2", hour(1), bytes=3, revision=2),
        event("v1", hour(2), {"dataschema": "https://acme/api/v1"}, bytes=1000),
        event("v2", hour(2), {"dataschema": "https://acme/api/v2"}, bytes=2000),
        event("v9", hour(2), {"dataschema": "https://acme/api/v9"}, bytes=9000),
        event("s1", hour(3), bytes="2.5", sampling_rate="0.3"),
        event("m1", hour(3), {"type": "mail.sent"}, bytes=1),
    ]
    write_events(landing, "usage_events/odd.jsonl", odd, "2026-01-05T12:00:00Z")
    ahead = {"source": "/ahead"}
    skewed = [event("k1", "2026-01-31T23:50:00Z", ahead, bytes=1),
              event("k2", "2026-02-01T00:30:00Z", ahead, bytes=1)]  # fmt: skip
    write_events(landing, "usage_events/skewed.jsonl", skewed, "2026-01-31T22:30:00Z")


def second_landing(landing: Path) -> None:
    """The lost hours, rebuilt with one hour too many; the contradiction settled; the invoice."""
    rebuilt = [
        event(f"b{n}", hour(n), bytes=n, region="us", reconstructed=True) for n in range(2, 10)
    ]
    write_events(landing, SECOND.format("rebuilt.jsonl"), rebuilt, "2026-02-09T00:00:00Z")
    settled = [event("c1", hour(1), bytes=150, revision=1)]
    write_events(landing, "usage_events/settled.jsonl", settled, "2026-02-09T00:00:00Z")
    write_rows(landing / "invoices/issued.csv", invoice("issued", "20.00", "-2.00"))


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Home]]:
    """The home after the first landing, and a copy of it after the second."""
    folder = tmp_path_factory.mktemp("usage")
    landing, before, after = folder / "landing", folder / "before", folder / "after"
    first_landing(landing)
    first = trueup("refresh", before, landing, "--as-of", WITHIN)
    shutil.copytree(before, after, symlinks=True)
    second_landing(landing)
    second = trueup("refresh", after, landing, "--as-of", LATE)
    yield Home(before, first), Home(after, second)


@pytest.fixture(scope="module")
def first(homes: tuple[Home, Home]) -> Home:
    return homes[0]


@pytest.fixture(scope="module")
def second(homes: tuple[Home, Home]) -> Home:
    return homes[1]


def test_retried_events_count_once(first: Home) -> None:
    # which of two equal copies is kept depends on their files' content alone
    counts = [first.counts(FIRST.format(name)) for name in ("a.jsonl", "retry.jsonl")]
    assert [sum(column) for column in zip(*counts, strict=True)] == [10, 3, 0, 0]
    assert first.usage("calls", "event_id like 'a%'") == (10, Decimal(10))
    assert first.usage("bytes", "event_id like 'a%'") == (10, Decimal(45))


def test_contradicting_events_are_both_refused_and_named(first: Home) -> None:
    assert first.usage("bytes", "event_id = 'c1'") == (0, None)
    refused = first.ask(
        "select file_row, reason from marts.fct_quarantined_rows "
        "where path = 'usage_events/odd.jsonl' and column_name is null order by file_row"
    )
    assert [row for row, _ in refused] == [1, 2]
    assert all("2 times and not always with the same content" in why for _, why in refused)
    assert first.outcome.returncode == 2
    assert "usage_events/odd.jsonl: row 1: stands 2 times" in first.outcome.stderr


def test_a_revision_orders_events(first: Home, second: Home) -> None:
    assert first.usage("bytes", "event_id = 'c2'") == (1, Decimal(3))
    assert first.counts("usage_events/odd.jsonl") == (5, 0, 1, 3)
    assert second.usage("bytes", "event_id = 'c1'") == (1, Decimal(150))
    assert second.counts("usage_events/odd.jsonl") == (5, 0, 3, 1)


def test_old_and_new_schema_versions_land_and_the_unknown_is_refused(first: Home) -> None:
    known = "event_id in ('a1', 'v1', 'v2')"
    assert first.usage("bytes", known) == (3, Decimal(3001))
    assert first.usage("bytes", "event_id = 'v9'") == (0, None)
    [(row, value, reason)] = first.ask(
        "select file_row, value, reason from marts.fct_quarantined_rows "
        "where column_name = 'dataschema'"
    )
    assert (row, value) == (7, "https://acme/api/v9")
    assert "no known version of api.request events" in reason


def test_a_clock_ahead_is_measured_and_its_events_fall_into_their_month(first: Home) -> None:
    rows = first.ask(
        """
        select event_id, event_time, usage_start, billing_period, clock_seconds_ahead
        from marts.fct_usage
        where event_source = '/ahead' and meter_id = 'calls' order by event_id
        """
    )
    january, ahead = datetime(2026, 1, 1).date(), Decimal(7200)
    assert rows == [
        ("k1", datetime(2026, 1, 31, 23, 50), datetime(2026, 1, 31, 21, 50), january, ahead),
        ("k2", datetime(2026, 2, 1, 0, 30), datetime(2026, 1, 31, 22, 30), january, ahead),
    ]
    clocks = "select count(*) from marts.fct_usage where clock_seconds_ahead is not null"
    assert first.ask(clocks) == [(4,)]


def test_a_missing_partition_is_rebuilt_without_counting_twice(first: Home, second: Home) -> None:
    lost = "event_id like 'b%'"
    assert first.usage("bytes", lost) == (3, Decimal(3))
    assert second.usage("bytes", lost) == (10, Decimal(45))
    assert second.usage("calls", f"{lost} and is_reconstructed and is_late") == (7, Decimal(7))
    assert second.counts(SECOND.format("b.jsonl")) == (3, 0, 0, 0)
    assert second.counts(SECOND.format("rebuilt.jsonl")) == (7, 1, 0, 0)


def test_what_landed_before_the_month_ended_stays_in_time(second: Home) -> None:
    assert second.usage("calls", "is_late and not is_reconstructed") == (1, Decimal(1))
    assert second.usage("calls", "not is_late and event_id like 'a%'") == (10, Decimal(10))


def test_sampled_usage_is_scaled_up_and_its_measure_kept(first: Home) -> None:
    [(measured, quantity, error)] = first.ask(
        "select quantity_measured, quantity, quantity_stderr from marts.fct_usage "
        "where event_id = 's1' and meter_id = 'bytes'"
    )
    assert (measured, quantity) == (Decimal("2.5"), Decimal("8.333333333333333333"))
    assert error == pytest.approx(2.5 * 0.7**0.5 / 0.3)


def test_events_that_no_meter_measures_stay_visible(first: Home) -> None:
    rows = first.ask(
        "select event_id, quantity, unmeasured_reason from marts.fct_usage where meter_id is null"
    )
    assert rows == [("m1", None, "no meter measures mail.sent events")]


def test_every_accepted_event_is_in_usage(first: Home, second: Home) -> None:
    for home in (first, second):
        [(events,)] = home.ask("select count(distinct (file_id, file_row)) from marts.fct_usage")
        [(accepted,)] = home.ask(
            "select sum(rows_accepted) from marts.fct_landed_files where source = 'usage_events'"
        )
        assert events == accepted > 0


JUNE = f"""
    select charged_amount, invoiced_amount, invoice_count, is_provisional
    from canonical.invoiced_periods where issuer = '{ISSUER}' and billing_period = '2024-06-01'
"""


def test_a_late_invoice_makes_the_period_final(first: Home, second: Home) -> None:
    charged = sum(
        Decimal(row["lineItem/UnblendedCost"] or 0) for row in read_rows(EXAMPLES / CHARGES)
    )
    assert first.ask_build(JUNE) == [(charged, Decimal(25), 1, True)]
    assert second.ask_build(JUNE) == [(charged, Decimal(18), 1, False)]


def test_the_issued_invoice_replaces_its_draft_and_shows_a_wrong_total(second: Home) -> None:
    assert second.counts("invoices/draft.csv") == (0, 0, 2, 0)
    assert second.counts("invoices/issued.csv") == (2, 0, 0, 0)
    lines = second.ask(
        "select line_no, amount, stated_total_difference from marts.fct_invoice_lines order by 1"
    )
    assert lines == [
        ("1", Decimal(20), Decimal("-0.1")),
        ("2", Decimal(-2), Decimal("-0.1")),
    ]
