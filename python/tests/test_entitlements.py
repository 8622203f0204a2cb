"""What contracts include against what is used: who is beyond it, by how much, and what it costs."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import dbt, release, trueup, write_bytes, write_rows
from test_pricing import TWO, Case, Row, add_customer, at

IN_TIME, IN_GRACE, TOO_LATE = "2025-11-02", "2025-11-10", "2025-11-20"
CLOSE = {
    "billing_period": "2025-10-01", "direction": "receivable", "actor": "finance",
    "closed_at": "2025-11-05T00:00:00Z", "grace_days": "10",
}  # fmt: skip
OCTOBER, NOVEMBER = datetime(2025, 10, 1).date(), datetime(2025, 11, 1).date()
FREE = {"free_quantity": "100"}
AGREES = "entitled_usage_costs_what_is_expected"


@dataclass(frozen=True)
class Plan:
    """A customer with what it is entitled to, and the positions that follow."""

    case: Case
    grants: tuple[Row, ...]
    # month or period, account: entitled, used, late, overage, its price, consequence
    positions: dict[tuple[Any, str], tuple[Any, ...]]
    later: tuple[tuple[str, Any, str], ...] = ()  # time, value, day on which it came


def used(*values: Any, **case: Any) -> Case:
    """A customer that uses so much on the first days of October, at 1 a unit."""
    events = tuple((at(f"10-{day:02}"), value) for day, value in enumerate(values, 1))
    return Case({}, events, **case)


def grant(quantity: int, **columns: str) -> Row:
    """So much a month."""
    return {"included_quantity": str(quantity)} | columns


PLANS = {
    "charge": Plan(
        used(80, 50, card=FREE), (grant(100),),
        {(OCTOBER, "charge"): (100, 130, 0, 30, 30, "charge")},
    ),
    "review": Plan(
        used(80, 50), (grant(100, overage_policy="review"),),
        {(OCTOBER, "review"): (100, 130, 0, 30, 30, "review")},
    ),
    "block": Plan(
        used(80, 50), (grant(100, overage_policy="block"),),
        {(OCTOBER, "block"): (100, 130, 0, 30, 30, "block")},
    ),
    "tolerance": Plan(
        used(105), (grant(100, tolerance_percent="5"),),
        {(OCTOBER, "tolerance"): (100, 105, 0, 5, 5, "tolerated")},
    ),
    "intolerance": Plan(
        used("105.01"), (grant(100, tolerance_percent="5"),),
        {(OCTOBER, "intolerance"): (100, "105.01", 0, "5.01", "5.01", "charge")},
    ),
    "unused": Plan(
        used(7), (grant(100),), {(OCTOBER, "unused"): (100, 7, 0, 0, 0, "none")},
    ),
    "tiers": Plan(  # ten cost 1 each, those beyond 0.5; fifteen are included
        used(8, 12, tiers=TWO), (grant(15),),
        {(OCTOBER, "tiers"): (15, 20, 0, 5, "2.5", "charge")},
    ),
    "packages": Plan(  # the second package is begun by what is included
        used(14, 4, tiers=[{"unit_price": "3", "package_size": "10"}], model="package"),
        (grant(12),), {(OCTOBER, "packages"): (12, 18, 0, 6, 0, "charge")},
    ),
    "corrected": Plan(  # what is given back gives back overage first
        used(12, 2, -3), (grant(10),),
        {(OCTOBER, "corrected"): (10, 11, 0, 1, 1, "charge")},
    ),
    "pool": Plan(  # whoever comes when nothing is left is beyond
        used(80, 40, accounts=("one", "two"), contract={"account_ids": "one;two"}),
        (grant(60, account_id="one", pool="all"), grant(40, account_id="two", pool="all")),
        {
            (OCTOBER, "one"): (100, 80, 0, 0, 0, "none"),
            (OCTOBER, "two"): (100, 40, 0, 20, 20, "charge"),
        },
    ),
    "shared": Plan(  # one allowance, named by none of its accounts
        used(80, 40, accounts=("three", "four"), contract={"account_ids": "three;four"}),
        (grant(100, account_id="", pool="all"),),
        {
            (OCTOBER, "three"): (100, 80, 0, 0, 0, "none"),
            (OCTOBER, "four"): (100, 40, 0, 20, 20, "charge"),
        },
    ),
    "every": Plan(  # each account for itself
        used(80, 140, accounts=("five", "six"), contract={"account_ids": "five;six"}),
        (grant(100, account_id=""),),
        {
            (OCTOBER, "five"): (100, 80, 0, 0, 0, "none"),
            (OCTOBER, "six"): (100, 140, 0, 40, 40, "charge"),
        },
    ),
    "rollover": Plan(
        used(60), (grant(100, rollover_quantity="30"),),
        {
            (OCTOBER, "rollover"): (100, 60, 0, 0, 0, "none"),
            (NOVEMBER, "rollover"): (130, 140, 0, 10, 10, "charge"),
        },
        later=((at("11-01"), 140, IN_GRACE),),
    ),
    "lengths": Plan(  # the quarter's five units beyond are among the month's
        used(15), (grant(10), grant(25, period="quarter", effective_from="2025-01-02")),
        {
            (OCTOBER, "lengths"): (10, 15, 0, 5, 5, "charge"),
            (NOVEMBER, "lengths"): (10, 15, 0, 5, 5, "charge"),
            ("quarter", "lengths"): (25, 30, 0, 0, 0, "none"),
        },
        later=((at("11-01"), 15, IN_GRACE),),
    ),
    "together": Plan(
        used(20), (grant(10, account_id=""), grant(5)),
        {(OCTOBER, "together"): (15, 20, 0, 5, 5, "charge")},
    ),
    "versions": Plan(  # the last one of a month states what it includes
        used(150),
        (grant(100, effective_to="2025-10-15"),
         grant(200, version="2", effective_from="2025-10-15")),
        {(OCTOBER, "versions"): (200, 150, 0, 0, 0, "none")},
    ),
    "seats": Plan(  # three users in four heartbeats
        used("ann", "bob", "ann", "cid", aggregation="unique_count"), (grant(2),),
        {(OCTOBER, "seats"): (2, 3, 0, 1, 1, "charge")},
    ),
    "late": Plan(  # four within grace count, five after it do not
        used(8), (grant(10),),
        {(OCTOBER, "late"): (10, 12, 5, 2, 2, "charge")},
        later=((at("10-20"), 4, IN_GRACE), (at("10-10"), 5, TOO_LATE)),
    ),
    "fees": Plan(  # who is asked a fee an event cannot be told what a part of one costs
        used(80, 50, model="percentage", tiers=[{"percent": "1"}],
             card={"fixed_per_event": "0.3"}), (grant(100),),
        {(OCTOBER, "fees"): (100, 130, 0, 30, None, "charge")},
    ),
}  # fmt: skip


def write_plans(landing: Path) -> None:
    """All customers as the project's own inputs, events by the day on which they came."""
    files: dict[str, list[Row]] = defaultdict(list)
    arrived: dict[str, list[Row]] = defaultdict(list)
    for key, plan in PLANS.items():
        add_customer(files, key, key, plan.case)
        arrived[IN_TIME] += files.pop("usage_events")
        for number, (time, value, day) in enumerate(plan.later):
            first = next(each for each in arrived[IN_TIME] if each["type"] == f"use.{key}")
            changed = {"id": f"{key}-later-{number}", "time": time, "data": {"value": str(value)}}
            arrived[day].append(first | changed)
        for columns in plan.grants:
            files["entitlements"].append(
                {"contract_id": f"k-{key}", "version": "1", "account_id": key,
                 "meter_id": f"m-{key}", "period": "month", "overage_policy": "charge",
                 "effective_from": "2025-01-01"} | columns
            )  # fmt: skip
    files["period_closes"] = [CLOSE]
    for name, rows in files.items():
        columns = dict.fromkeys(column for row in rows for column in row)
        write_rows(landing / f"{name}/{name}.csv", [
            {column: row.get(column, "") for column in columns} for row in rows
        ])  # fmt: skip
    for day, events in arrived.items():
        lines = "".join(json.dumps(event) + "\n" for event in events)
        moment = datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()
        write_bytes(landing / f"usage_events/api/{day}.jsonl", lines.encode(), moment)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("entitlements")
    write_plans(folder / "landing")
    outcome = trueup("refresh", folder / "home", folder / "landing")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return folder / "home"


@pytest.fixture(scope="module")
def marts(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with release(home) as connection:
        yield connection


def number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


@pytest.mark.parametrize("key", PLANS)
def test_position(marts: duckdb.DuckDBPyConnection, key: str) -> None:
    rows = marts.execute(
        """
        select
            case period when 'month' then period_start else null end, account_id,
            entitled_quantity, used_quantity, late_quantity, overage_quantity, overage_amount,
            consequence
        from marts.fct_entitlement_positions
        where contract_id = ? and period_start between date '2025-10-01' and date '2025-11-30'
            and (used_quantity > 0 or period != 'month')
        """,
        [f"k-{key}"],
    ).fetchall()
    found = {(row[0] or "quarter", row[1]): row[2:] for row in rows}
    wanted = {
        place: (*map(number, values[:-1]), values[-1])
        for place, values in PLANS[key].positions.items()
    }
    assert found == wanted


def test_a_position_is_provisional_until_its_books_are_final(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    rows = marts.execute("""
        select distinct period_start, status, final_at
        from marts.fct_entitlement_positions
        where period = 'month' and period_start >= date '2025-10-01' order by 1
    """).fetchall()
    assert rows[0] == (OCTOBER, "final", datetime(2025, 11, 15))
    assert {row[1:] for row in rows[1:]} == {("provisional", None)}


def test_covered_and_overage_cost_what_is_expected(marts: duckdb.DuckDBPyConnection) -> None:
    """By the last decimal, but for what the positions leave to an adjustment."""
    rows = marts.execute("""
        select contract_id, sum(amount), sum(expected)
        from (
            select contract_id, included_amount + overage_amount as amount, 0 as expected
            from marts.fct_entitlement_positions where unpriced_reason is null
            union all
            select contract_id, 0, expected_amount from marts.fct_expected_charges
            where meter_id is not null
        )
        group by contract_id
    """).fetchall()
    assert {row[0][2:] for row in rows if row[1] != row[2]} == {"late", "fees"}
    assert {row[1:] for row in rows if row[0] == "k-late"} == {(12, 17)}


@pytest.mark.parametrize("part", ["included_amount", "overage_amount"])
def test_a_position_of_another_price_fails(home: Path, tmp_path: Path, part: str) -> None:
    copy = Path(shutil.copytree(home, tmp_path / "home", symlinks=True))
    with duckdb.connect(str(copy / "build" / "marts.duckdb")) as connection:
        connection.execute(f"""
            update marts.marts.fct_entitlement_positions
            set {part} = {part} + cast('0.00000000000000001' as decimal(38, 18))
            where contract_id = 'k-charge' and used_quantity > 0
        """)
    outcome = dbt(copy, "test", "--select", AGREES)
    assert outcome.returncode == 1
    assert "Got 1 result, configured to fail if != 0" in outcome.stdout
