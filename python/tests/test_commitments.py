"""Commitments from landing to the mart: what covers what, and what is paid for nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import dbt, release, trueup, write_rows
from test_ownership import charge

DAYS = [date(2025, 3, 1) + timedelta(n) for n in range(2)]
CONTRACT = {
    "contract_id": "K", "version": "1", "direction": "payable", "counterparty": "Example Cloud",
    "account_id": "1", "rate_card_id": "none", "currency": "USD", "effective_from": "2020-01-01",
    "effective_to": "",
}  # fmt: skip
COMMITMENT = {
    "commitment_id": "", "contract_id": "K", "kind": "reservation", "sku_pattern": "",
    "quantity_per_hour": "", "amount_per_hour": "", "upfront_fee": "", "recurring_fee_per_hour": "",
    "discount_percent": "", "currency": "USD", "starts_at": "2025-03-01 00:00:00",
    "ends_at": "2025-03-04 00:00:00",
}  # fmt: skip
COMMITMENTS = [
    {"commitment_id": "machines", "sku_pattern": "S", "quantity_per_hour": "2",
     "upfront_fee": "7.2", "recurring_fee_per_hour": "0.05"},
    {"commitment_id": "plan", "kind": "savings_plan", "sku_pattern": "S*",
     "amount_per_hour": "0.30", "recurring_fee_per_hour": "0.30", "discount_percent": "25"},
    {"commitment_id": "tokens", "kind": "prepaid", "sku_pattern": "T*", "upfront_fee": "100"},
    {"commitment_id": "lonely", "contract_id": "", "quantity_per_hour": "1",
     "recurring_fee_per_hour": "1"},
]  # fmt: skip


def land(landing: Path) -> Path:
    """Two days of a machine that runs three times at once, and of tokens that one account buys."""
    priced = {"ListUnitPrice": "0.10", "ContractedUnitPrice": "0.10"}
    machines = [charge(day, "m", "7.2", PricingQuantity="72", **priced) for day in DAYS]
    tokens = charge(
        DAYS[0], "t", "48", PricingQuantity="480", SkuId="T-1", SubAccountId="2000", **priced
    )
    other = charge(DAYS[0], "o", "9", PricingQuantity="9", BillingAccountId="9", **priced)
    write_rows(landing / "focus/march.csv", [*machines, tokens, other])
    write_rows(landing / "contracts/vendors.csv", [CONTRACT])
    rows = [COMMITMENT | commitment for commitment in COMMITMENTS]
    write_rows(landing / "commitments/vendors.csv", rows)
    return landing


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commitments")
    outcome = trueup("refresh", folder / "home", land(folder / "landing"), "--json")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return folder / "home"


@pytest.fixture(scope="module")
def marts(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with release(home) as connection:
        yield connection


def coverage(marts: duckdb.DuckDBPyConnection, commitment: str, *columns: str) -> tuple[Any, ...]:
    """Columns of a commitment's only month."""
    (row,) = marts.execute(
        f"select {', '.join(columns)} from marts.fct_commitment_coverage where commitment_id = ?",
        [commitment],
    ).fetchall()
    return row


USE = ("hours_begun", "hours_measured", "commitment", "used", "unused", "utilisation_percent")
COVERED = ("covered_amount", "eligible_amount", "coverage_percent")
COSTS = ("amortised_fee", "recurring_fee", "used_cost", "unused_cost")


def test_a_reservation_covers_what_it_reserves(marts: duckdb.DuckDBPyConnection) -> None:
    """Two of three machines, in the two days of the term that have been delivered."""
    assert coverage(marts, "machines", *USE) == (72, 48, 96, 96, 0, 100)
    assert coverage(marts, "machines", *COVERED) == decimals("9.6", "14.4", "66.67")
    assert coverage(marts, "machines", *COSTS) == decimals("7.2", "3.6", "7.2", "0")


def test_a_plan_takes_the_rest_and_loses_what_nobody_uses(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """The third machine at 75 % of 0.10 takes a quarter of the 0.30 of each hour."""
    assert coverage(marts, "plan", *USE) == decimals(72, 48, "14.4", "3.6", "10.8", "25")
    assert coverage(marts, "plan", *COVERED) == decimals("4.8", "14.4", "33.33")
    assert coverage(marts, "plan", *COSTS) == decimals("0", "21.6", "3.6", "10.8")


def test_a_balance_is_drawn_down_and_lost_at_its_end(marts: duckdb.DuckDBPyConnection) -> None:
    assert coverage(marts, "tokens", "used", "amortised_fee") == decimals("48", "100")


def test_a_commitment_without_a_contract_is_only_paid(marts: duckdb.DuckDBPyConnection) -> None:
    assert coverage(marts, "lonely", *USE) == (72, 0, None, None, None, None)
    assert coverage(marts, "lonely", *COSTS) == (0, 72, None, None)


def decimals(*numbers: Any) -> tuple[Decimal, ...]:
    return tuple(Decimal(number) for number in numbers)


def test_usage_that_is_covered_twice_is_found(home: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(home, tmp_path / "home", symlinks=True))
    with duckdb.connect(str(copy / "build" / "warehouse.duckdb")) as warehouse:
        draws = "warehouse.pricing.commitment_draws"
        warehouse.execute(f"insert into {draws} select * from {draws} where usage_id is not null")
    outcome = dbt(copy, "test", "--select", "commitments_cover_no_more_than_is_used")
    assert outcome.returncode == 1
    assert "commitments_cover_no_more_than_is_used" in outcome.stdout
