"""What is billed in one month and expected in the next is matched across the boundary.

The expected side is made of the provider's own charges yet, so no landed file can part the two: the
pair is planted into a built warehouse, and each of its months is then matched anew on its own.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from helpers import PARTS, dbt

JUNE, JULY = "2018-06-01", "2018-07-01"
MARK = "planted before the other month"
PLANTED = """
    update pricing.expected_vendor_charges set sku_id = 'planted' where charge_id = '{charge}';
    update canonical.charges set sku_id = 'planted' where charge_id = '{charge}';
    update canonical.charges set
        billing_period = '{billed}', charge_period_start = '{billed_at}'
    where charge_id = '{charge}';
    update pricing.expected_vendor_charges set
        billing_period = '{expected}', charge_period_start = '{expected_at}',
        quantity = quantity * {factor}
    where charge_id = '{charge}';
"""


def reconcile(home: Path, *periods: str) -> dict[str, dict]:
    """Match months of AWS anew, each in a run of its own; the planted diffs by month."""
    warehouse = str(home / "build" / "warehouse.duckdb")
    for period in periods:
        with duckdb.connect(warehouse) as connection:
            for table in ("matched_keys", "disagreements"):
                connection.execute(
                    f"delete from reconciliation.{table}"
                    f" where counterparty = 'AWS' and billing_period = '{period}'"
                )
        models = ("matched_keys", "timing_pairs", "key_matches", "disagreements")
        outcome = dbt(home, "run", "--select", *models)
        assert outcome.returncode == 0, outcome.stdout
    with duckdb.connect(warehouse, read_only=True) as connection:
        cursor = connection.execute(
            "select * from reconciliation.disagreements where sku_id = 'planted'"
        )
        names = [column[0] for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    found = {str(row["billing_period"]): row for row in rows}
    assert len(found) == len(rows)
    for row in rows:
        assert row["variance_amount"] == sum(row[f"{part}_variance"] for part in PARTS)
    return found


def mark(home: Path) -> None:
    """Mark the planted diffs: one that is made anew loses its mark."""
    with duckdb.connect(str(home / "build" / "warehouse.duckdb")) as connection:
        connection.execute(
            f"update reconciliation.disagreements set invoice_id = '{MARK}'"
            " where sku_id = 'planted'"
        )


def plant(home: Path, *, ours_first: bool, day: str, factor: str = "1") -> Decimal:
    """Expect a charge in June and bill it in July, or the other way; its expected amount."""
    june, july = (JUNE, "2018-06-30 23:30"), (JULY, day)
    expected, billed = (june, july) if ours_first else (july, june)
    with duckdb.connect(str(home / "build" / "warehouse.duckdb")) as connection:
        row = connection.execute("""
            select charge_id, expected_amount from pricing.expected_vendor_charges
            where counterparty = 'AWS' and billing_period = '2018-07-01' and charge_kind = 'usage'
                and expected_amount > 0 and quantity > 0
            order by charge_id limit 1
        """).fetchone()
        assert row is not None
        connection.execute(
            PLANTED.format(
                charge=row[0], billed=billed[0], billed_at=billed[1], expected=expected[0],
                expected_at=expected[1], factor=factor,
            )
        )  # fmt: skip
    return Decimal(row[1])


@pytest.mark.parametrize("ours_first", [True, False])
def test_a_pair_over_the_boundary_is_timing_and_zero_over_both(
    home: Path, ours_first: bool
) -> None:
    amount = plant(home, ours_first=ours_first, day="2018-07-01 00:30")
    diffs = reconcile(home, JUNE, JULY)
    expected, billed = (JUNE, JULY) if ours_first else (JULY, JUNE)
    assert diffs[expected]["timing_variance"] == diffs[expected]["variance_amount"] == -amount
    assert diffs[billed]["timing_variance"] == amount
    assert {diff["cause"] for diff in diffs.values()} == {"timing"}


@pytest.mark.parametrize(
    ("day", "factor"),
    [("2018-07-04 00:30", "1"), ("2018-07-01 00:30", "1.01")],
    ids=["beyond 72 h", "quantity outside its tolerance"],
)
def test_what_is_too_far_apart_is_no_pair(home: Path, day: str, factor: str) -> None:
    plant(home, ours_first=True, day=day, factor=factor)
    reconcile(home, JUNE)
    mark(home)
    diffs = reconcile(home, JULY)
    # the month beside a changed one is reconciled anew for a pair alone
    assert diffs[JUNE]["invoice_id"] == MARK != diffs[JULY]["invoice_id"]
    assert {diff["timing_variance"] for diff in diffs.values()} == {0}
    assert {diff["cause"] for diff in diffs.values()} == {"unbilled", "unexplained"}
