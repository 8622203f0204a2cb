"""Indicators and cost anomalies on one planted month, each figure worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import duckdb
import pytest
from helpers import release, trueup, write_rows
from test_ownership import charge, write_owners

JANUARY = [date(2026, 1, 1) + timedelta(days=n) for n in range(31)]
JUMP, SPREAD_OUT, EDGE = date(2026, 1, 28), date(2026, 1, 14), date(2026, 1, 29)
LAST_PLACE = Decimal("0.000000000000000001")
OWNERS = [
    {"priority": "1", "match_on": "account", "pattern": account, "owner": owner}
    for account, owner in (("1000", "shop"), ("2000", "data"))
]
BUCKETS = {"SubAccountId": "2000", "ServiceName": "Buckets"}
Row = dict[str, str]


def at(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def january(day: date, resource: str, cost: str, **columns: str) -> Row:
    period = {
        "BillingPeriodStart": "2026-01-01 00:00:00",
        "BillingPeriodEnd": "2026-02-01 00:00:00",
    }
    return charge(day, resource, cost, **(period | columns))


def daily() -> list[Row]:
    """A service that jumps to ten times, one that grows by new resources, and some at the edge."""
    rows = []
    for day in JANUARY:
        jump = {"b-1": "3", "b-2": "45", "b-3": "2"}
        buckets = jump if day == JUMP else {"b-1": "3", "b-2": "2"}
        rows += [january(day, name, cost, **BUCKETS) for name, cost in buckets.items()]
        machines = {"m-always": "100"}
        if day == SPREAD_OUT:
            machines |= {f"m-new-{n}": "20" for n in range(4)} | {"m-most": "21"}
        rows += [january(day, name, cost) for name, cost in machines.items()]
        for service, edge in (("At", Decimal(2)), ("Above", 2 + LAST_PLACE)):
            cost = str(edge if day == EDGE else 1)
            rows.append(january(day, "q", cost, ServiceName=service))
    # weeks of 10, 20 and 30 differ by 10 from the usual 20, so that 30 above it is tolerated
    for number, cost in enumerate((10, 20, 50, 30), start=1):
        day = JANUARY[0] + timedelta(weeks=number)
        above = cost + LAST_PLACE if cost == 50 else cost
        rows.append(january(day, "s", str(cost), ServiceName="At spread"))
        rows.append(january(day, "s", str(above), ServiceName="Above spread"))
    return rows


def euros() -> list[Row]:
    """The worse currency: 120 in absolute money, of which 50 has no owner and 4 is overbilled."""
    day, unowned = JANUARY[4], {"SubAccountId": "3000"}
    rated = {"ListUnitPrice": "1", "PricingQuantity": "10"}
    rows = [
        january(day, "e-1", "11", SkuId="over", **rated),
        january(day, "e-2", "7", SkuId="under", **rated),
        january(day, "e-3", "10.01", SkuId="tolerated", **rated),
        january(day, "e-4", "41.99", SkuId="unpriced"),
        january(day, "e-5", "40", SkuId="spent", **unowned),
        january(day, "e-6", "-10", SkuId="given back", **unowned),
    ]
    return [row | {"BillingCurrency": "EUR"} for row in rows]


def december() -> list[Row]:
    """The month before: without owner and overbilled, but not in the window."""
    rated = {"ListUnitPrice": "1", "PricingQuantity": "10", "SubAccountId": "3000"}
    period = {
        "BillingPeriodStart": "2025-12-01 00:00:00",
        "BillingPeriodEnd": "2026-01-01 00:00:00",
    }
    return [charge(date(2025, 12, 30), "old", "500", ServiceName="Old", **(rated | period))]


def operating(month: str, item: str, amount: str, currency: str) -> Row:
    return {"period": month, "item": item, "amount": amount, "currency": currency}


COSTS = [
    operating("2026-01-01", "machine", "12.50", "USD"),
    operating("2026-01-01", "storage", "0.25", "USD"),
    operating("2026-01-01", "machine", "99", "EUR"),
    operating("2025-12-01", "machine", "1000", "USD"),
]


def without(rows: list[Row], *names: str) -> list[Row]:
    return [{name: v for name, v in row.items() if name not in names} for row in rows]


def deliveries() -> dict[str, tuple[list[Row], date]]:
    """Files with their rows and day of delivery."""
    earlier = [operating("2025-10-01", "machine", "7", "USD")]
    return {
        "focus/payer/january.csv": (daily() + euros(), date(2026, 1, 31)),
        "focus/payer/december.csv": (december(), date(2026, 1, 1)),
        "focus/payer/december_again.csv": (december(), date(2026, 1, 2)),
        "operating_costs/costs.csv": (COSTS, date(2026, 1, 10)),
        "operating_costs/costs.broken.csv": (
            without(COSTS, "amount", "currency"), date(2026, 1, 20),
        ),
        "operating_costs/earlier.csv": (earlier, date(2025, 11, 1)),
        "operating_costs/earlier.broken.csv": (without(earlier, "item"), date(2025, 12, 1)),
    }  # fmt: skip


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release of the planted month, as of 31 January, 12:00."""
    place = tmp_path_factory.mktemp("slis")
    for path, (rows, day) in deliveries().items():
        write_rows(place / "landing" / path, rows, at(day))
    write_owners(place / "landing", OWNERS, at(JANUARY[0]))
    outcome = trueup("refresh", place / "home", place / "landing")
    assert outcome.returncode == 2, outcome.stdout + outcome.stderr  # two files are in quarantine
    with release(place / "home") as connection:
        yield connection


def cut(number: Decimal) -> Decimal:
    """To six decimals, as ratios are published."""
    return number.quantize(Decimal("1e-6"), ROUND_DOWN)


def indicator(marts: duckdb.DuckDBPyConnection, sli_id: str) -> tuple[Any, ...]:
    """Value, target, status and error budget left."""
    found = marts.execute(
        "select value, target, status, error_budget_left from marts.fct_slis where sli_id = ?",
        [sli_id],
    ).fetchall()
    assert len(found) == 1
    return found[0]


def budget_left(value: Decimal, target: str) -> Decimal:
    return 100 - cut(value * 100 / Decimal(target))


def test_unallocated_spend_is_that_of_the_worst_currency(marts: duckdb.DuckDBPyConnection) -> None:
    """EM3: 40 spent and 10 given back of 120 euros; all dollars of the month have an owner."""
    value = cut(Decimal(100 * (40 + 10)) / 120)
    assert indicator(marts, "EM3") == (value, 5, "breached", budget_left(value, "5"))


def test_duplicate_lines_are_those_of_a_file_that_came_again(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """EM4: December's row twice, of the rows of all files that can be read and the owner rules."""
    read = [rows for path, (rows, _) in deliveries().items() if ".broken." not in path]
    rows = sum(map(len, read)) + len(OWNERS)
    value = cut(Decimal(100 * 1) / rows)
    assert indicator(marts, "EM4") == (value, Decimal("0.1"), "breached", budget_left(value, "0.1"))


def test_ingestion_costs_what_the_month_states_in_the_reporting_currency(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """EM5: neither December nor euros; it has no target."""
    assert indicator(marts, "EM5") == (Decimal("12.75"), None, "ok", None)


def test_the_reconciliation_delta_counts_priced_exceptions(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """EM7: 1 over and 3 under of 120 euros; a cent is tolerated, the unpriced is not judged."""
    value = cut(Decimal(100 * (1 + 3)) / 120)
    assert indicator(marts, "EM7") == (value, Decimal("0.5"), "breached", budget_left(value, "0.5"))


def test_columns_that_went_missing_in_the_window_are_counted(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """EM9: amount and currency on 20 January, but not what broke on 1 December."""
    assert indicator(marts, "EM9") == (2, 0, "breached", 0)


def test_anomalies_of_the_week_are_counted(marts: duckdb.DuckDBPyConnection) -> None:
    """EM8: one on the 28th and one on the 29th, not those of the 14th and 22nd."""
    assert indicator(marts, "EM8") == (2, 3, "ok", budget_left(Decimal(2), "3"))


def anomalies(marts: duckdb.DuckDBPyConnection) -> dict[str, tuple[Any, ...]]:
    cursor = marts.execute(
        "select service_name, account_id, usage_date, expected_cost, actual_cost, excess_cost,"
        " score, days_compared, top_resource_id, top_resource_excess_cost"
        " from marts.fct_cost_anomalies"
    )
    return {service: tuple(values) for service, *values in cursor.fetchall()}


def test_a_jump_to_ten_times_names_account_service_and_resource(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """EF7: of the 45 above the usual 5, b-2 rose by 43 and b-3 is new."""
    assert anomalies(marts)["Buckets"] == ("2000", JUMP, 5, 50, 45, 9, 3, "b-2", 43)
    ((contributors,),) = marts.execute(
        "select contributors from marts.fct_cost_anomalies where service_name = 'Buckets'"
    ).fetchall()
    found = json.loads(contributors, parse_float=Decimal)
    assert [tuple(each.values()) for each in found] == [
        ("b-2", 45, 43),
        ("b-3", 2, 2),
        ("b-1", 3, 0),
    ]


def test_the_dearest_resource_is_no_cause_when_it_always_costs_as_much(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """Of the machines of the 14th only the new ones rose; the dearest of them by 21."""
    score = cut(Decimal(101) / 100)
    found = anomalies(marts)["Machines"]
    assert found == ("1000", SPREAD_OUT, 100, 201, 101, score, 3, "m-most", 21)


def test_a_day_must_be_above_what_is_tolerated(marts: duckdb.DuckDBPyConnection) -> None:
    """At one unit too much, or at three times the spread, it is not."""
    found = anomalies(marts)
    assert set(found) == {"Buckets", "Machines", "Above", "Above spread"}
    assert found["Above"][2:5] == (1, 2 + LAST_PLACE, 1 + LAST_PLACE)
    assert found["Above spread"][2:5] == (20, 50 + LAST_PLACE, 30 + LAST_PLACE)
