"""AWS reports of every shape: small generated files, each figure recomputed by Python alone."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers import DAY, landed_files, release, trueup, write_bytes, write_rows

ATHENA, NESTED, NESTED_CSV, TERM, FINAL, REPEATED = (
    "000000000001", "000000000002", "000000000003", "000000000004", "000000000005", "000000000006",
)  # fmt: skip
PRELIMINARY_AT = datetime(2024, 6, 20, tzinfo=UTC).timestamp()
HOURS = 720  # June
JUNE = datetime(2024, 6, 1, tzinfo=UTC)
NUMBERS = {  # what AWS writes as doubles into Parquet
    "lineItem/UsageAmount", "lineItem/UnblendedCost", "lineItem/NetUnblendedCost",
    "pricing/publicOnDemandCost", "splitLineItem/SplitCost", "splitLineItem/UnusedCost",
}  # fmt: skip
Row = dict[str, str]
Marts = duckdb.DuckDBPyConnection


def line(payer: str, number: int, hour: int = 0, **changes: str) -> Row:
    """One line item of a legacy report, an hour of June 2024; keywords are column names."""
    start, end = (JUNE + timedelta(hours=h) for h in (hour, hour + 1))
    written = "%Y-%m-%dT%H:%M:%SZ"
    return {
        "identity/LineItemId": f"line{number}",
        "identity/TimeInterval": f"{start:{written}}/{end:{written}}",
        "bill/InvoiceId": "",
        "bill/BillingEntity": "AWS",
        "bill/PayerAccountId": payer,
        "bill/BillingPeriodStartDate": "2024-06-01T00:00:00Z",
        "bill/BillingPeriodEndDate": "2024-07-01T00:00:00Z",
        "lineItem/UsageAccountId": "012345678901",
        "lineItem/LineItemType": "Usage",
        "lineItem/UsageStartDate": f"{start:{written}}",
        "lineItem/UsageEndDate": f"{end:{written}}",
        "lineItem/ProductCode": "AmazonEC2",
        "lineItem/UsageType": f"BoxUsage:{number}",
        "lineItem/UsageAmount": "1",
        "lineItem/CurrencyCode": "USD",
        "lineItem/UnblendedCost": "0",
        "lineItem/LegalEntity": "Amazon Web Services, Inc.",
        "product/productFamily": "Compute Instance",
        "pricing/unit": "Hrs",
    } | {name.replace("__", "/"): value for name, value in changes.items()}


def agreement_and_containers(payer: str) -> list[Row]:
    """Usage under an agreement with AWS, tagged, and an instance hour that is split among pods."""
    tagged = {
        "resourceTags/user:app": "web", "resourceTags/aws:createdBy": "Root:1",
        "costCategory/Team": "Blue", "lineItem/ResourceId": "i-1",
    }  # fmt: skip
    pod = {"splitLineItem/ParentResourceId": "i-1"}
    return filled(
        [
            line(payer, 1, lineItem__UnblendedCost="100", lineItem__NetUnblendedCost="90.1",
                 pricing__publicOnDemandCost="120") | tagged,
            line(payer, 2, lineItem__LineItemType="EdpDiscount", lineItem__UnblendedCost="-9.9",
                 lineItem__NetUnblendedCost="0"),
            line(payer, 3, lineItem__UnblendedCost="0", lineItem__ResourceId="pod-a",
                 splitLineItem__SplitCost="60.1", splitLineItem__UnusedCost="10") | pod,
            line(payer, 4, lineItem__UnblendedCost="20", lineItem__ResourceId="pod-b",
                 splitLineItem__SplitCost="20", splitLineItem__UnusedCost="0") | pod,
        ]
    )  # fmt: skip


def filled(rows: list[Row]) -> list[Row]:
    """The rows with one set of columns, what is missing empty."""
    names = {name: "" for row in rows for name in row}
    return [names | row for row in rows]


def athena_name(name: str) -> str:
    """A report's column as Athena names it: lineItem/UsageAmount is line_item_usage_amount."""
    spaced = re.sub(r"(?<=[a-zA-Z])(?=[A-Z])", "_", name)
    return re.sub(r"_+", "_", re.sub(r"[^a-zA-Z0-9]", "_", spaced)).lower()


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a Parquet file and its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def typed(name: str, values: list[str]) -> pa.Array:
    """A column of a Parquet export: doubles and timestamps as AWS writes them, else text."""
    if name in NUMBERS:
        return pa.array([float(value) if value else None for value in values], pa.float64())
    if name.endswith("Date"):
        moments = [datetime.fromisoformat(value).replace(tzinfo=None) for value in values]
        return pa.array(moments, pa.timestamp("ms"))
    return pa.array([value or None for value in values], pa.string())


def as_athena(rows: list[Row]) -> pa.Table:
    """Legacy rows as the Parquet files of a report made for Athena."""
    return pa.table({athena_name(n): typed(n, [row[n] for row in rows]) for n in rows[0]})


def as_cur2(rows: list[Row]) -> tuple[dict[str, list[str]], dict[str, list[dict[str, str]]]]:
    """Legacy rows as columns of CUR 2.0: plain ones, and those that are maps."""
    folded = {"resourceTags/": "resource_tags", "costCategory/": "cost_category"}
    plain = [name for name in rows[0] if not name.startswith(tuple(folded))]
    maps: dict[str, list[dict[str, str]]] = {
        column: [
            {athena_name(name.removeprefix(prefix)): row[name]
             for name in row if name.startswith(prefix) and row[name]}
            for row in rows
        ]
        for prefix, column in folded.items()
    }  # fmt: skip
    maps["product"] = [{"product_name": "Amazon Elastic Compute Cloud"} for _ in rows]
    maps["discount"] = [{} for _ in rows]
    return {name: [row[name] for row in rows] for name in plain}, maps


def cur2_table(rows: list[Row]) -> pa.Table:
    """CUR 2.0 as Parquet, with MAP columns."""
    plain, maps = as_cur2(rows)
    kind = pa.map_(pa.string(), pa.string())
    return pa.table(
        {athena_name(name): typed(name, values) for name, values in plain.items()}
        | {name: pa.array([list(m.items()) for m in found], kind) for name, found in maps.items()}
    )


def cur2_rows(rows: list[Row]) -> list[Row]:
    """CUR 2.0 as CSV, with maps as JSON text."""
    plain, maps = as_cur2(rows)
    return [
        {athena_name(name): values[n] for name, values in plain.items()}
        | {name: json.dumps(found[n]) if found[n] else "" for name, found in maps.items()}
        for n in range(len(rows))
    ]


def term(payer: str) -> list[Row]:
    """Savings Plans and reservations of 720 over June, paid in three ways; a quarter is unused.

    Each hour commits 1 (plans) or costs 1 (reservations); every fourth hour is used by nothing.
    """
    rows: list[Row] = []
    for kind, upfront in (("all", 1), ("partial", Decimal("0.5")), ("none", 0)):
        recurring = 1 - Decimal(upfront)
        plan = {"savingsPlan/SavingsPlanARN": f"plan-{kind}"}
        reserved = {"reservation/ReservationARN": f"reserved-{kind}"}
        if upfront:
            paid = {"lineItem/UnblendedCost": str(upfront * HOURS)}
            rows.append(plan_line(payer, rows, "SavingsPlanUpfrontFee") | plan | paid)
            rows.append(plan_line(payer, rows, "Fee") | reserved | paid)
        rows.append(plan_line(payer, rows, "RIFee") | reserved | {
            "lineItem/UnblendedCost": str(recurring * HOURS),
            "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": str(upfront * HOURS // 4),
            "reservation/UnusedRecurringFee": str(recurring * HOURS / 4),
            "reservation/UnusedQuantity": str(HOURS // 4),
        })  # fmt: skip
        for hour in range(HOURS):
            used = hour % 4 != 0
            rows.append(plan_line(payer, rows, "SavingsPlanRecurringFee", hour) | plan | {
                "lineItem/UnblendedCost": str(recurring),
                "savingsPlan/TotalCommitmentToDate": "1",
                "savingsPlan/UsedCommitment": str(int(used)),
                "savingsPlan/AmortizedUpfrontCommitmentForBillingPeriod": str(upfront),
                "savingsPlan/RecurringCommitmentForBillingPeriod": str(recurring),
            })  # fmt: skip
            if used:
                public = {"lineItem/UnblendedCost": "1.5", "pricing/publicOnDemandCost": "1.5"}
                effective = {"savingsPlan/SavingsPlanEffectiveCost": "1"}
                covered = plan_line(payer, rows, "SavingsPlanCoveredUsage", hour) | plan
                rows.append(covered | public | effective)
                negation = plan_line(payer, rows, "SavingsPlanNegation", hour) | plan
                rows.append(negation | {"lineItem/UnblendedCost": "-1.5"})
                discounted = plan_line(payer, rows, "DiscountedUsage", hour) | reserved
                rows.append(discounted | {"reservation/EffectiveCost": "1"})
    return filled(rows)


def plan_line(payer: str, rows: list[Row], kind: str, hour: int = 0) -> Row:
    """A line of a commitment, numbered behind the others."""
    return line(payer, len(rows), hour, lineItem__LineItemType=kind)


def repeated_discount(payer: str) -> list[Row]:
    """A report of gross columns only: the discount lines are what lowers the bill."""
    return [
        line(payer, 1, lineItem__UnblendedCost="100"),
        line(payer, 2, lineItem__LineItemType="EdpDiscount", lineItem__UnblendedCost="-9.9"),
        line(payer, 3, lineItem__LineItemType="Refund", lineItem__UnblendedCost="-5"),
        line(payer, 4, lineItem__LineItemType="Tax", lineItem__UnblendedCost="7"),
        line(payer, 5, lineItem__LineItemType="Credit", lineItem__UnblendedCost="-1"),
        line(payer, 6, bill__BillingEntity="AWS Marketplace", lineItem__UnblendedCost="30",
             lineItem__LegalEntity="Red Hat, Inc."),
        line(payer, 7, lineItem__UnblendedCost="2",
             lineItem__UsageStartDate="2024-05-31T22:00:00Z",
             lineItem__UsageEndDate="2024-05-31T23:00:00Z"),
    ]  # fmt: skip


def monthly(invoice: str, ids: str) -> list[Row]:
    """A month of ten lines, two of them alike but for their line ids."""
    return [
        line(FINAL, 1 if n == 2 else n, lineItem__UnblendedCost=f"{n}.000000000001") | {
            "bill/InvoiceId": invoice, "identity/LineItemId": f"{ids}{n}",
        }
        for n in range(1, 11)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A landing folder of generated reports, and the home that was refreshed from it."""
    folder = tmp_path_factory.mktemp("aws")
    landing, home = folder / "landing", folder / "home"
    write_parquet(
        landing / "aws_cur/athena/report.parquet", as_athena(agreement_and_containers(ATHENA))
    )
    nested = agreement_and_containers(NESTED)
    write_parquet(landing / "aws_cur2/parquet/export.parquet", cur2_table(nested))
    written = cur2_rows(agreement_and_containers(NESTED_CSV))
    write_rows(landing / "aws_cur2/csv/export.csv.gz", written)
    write_rows(landing / "aws_cur/term/report.csv.gz", term(TERM))
    write_rows(landing / "aws_cur/gross/report.csv", repeated_discount(REPEATED))
    write_rows(landing / "aws_cur/final/open.csv", monthly("", "open"), PRELIMINARY_AT)
    outcome = trueup("refresh", home, landing, "--json")
    assert (outcome.returncode, json.loads(outcome.stdout)["quarantine"]) == (0, [])
    return landing, home


@pytest.fixture(scope="module")
def marts(landed: tuple[Path, Path]) -> Iterator[Marts]:
    with release(landed[1]) as connection:
        yield connection


def one(marts: Marts, what: str, where: str, *values: Any) -> tuple:
    """One row of aggregates over charges."""
    row = marts.execute(f"select {what} from marts.fct_charges where {where}", values).fetchone()
    assert row is not None
    return row


def test_every_row_of_every_format_is_accepted(landed: tuple[Path, Path]) -> None:
    found = {path: (status, row["rows_total"], row["rows_accepted"])
             for (path, status), row in landed_files(landed[1]).items()}  # fmt: skip
    plan_rows = len(term(TERM))
    assert found == {
        "aws_cur/athena/report.parquet": ("accepted", 4, 4),
        "aws_cur2/parquet/export.parquet": ("accepted", 4, 4),
        "aws_cur2/csv/export.csv.gz": ("accepted", 4, 4),
        "aws_cur/term/report.csv.gz": ("accepted", plan_rows, plan_rows),
        "aws_cur/gross/report.csv": ("accepted", 7, 7),
        "aws_cur/final/open.csv": ("accepted", 10, 10),
    }


@pytest.mark.parametrize("payer", [ATHENA, NESTED, NESTED_CSV])
def test_net_cost_is_paid_and_split_shares_are_paid_by_their_parent(
    marts: Marts, payer: str
) -> None:
    """90.1 of 100 is paid; the discount line and 20 repeated on a pod are not counted again."""
    costs = ("billed_cost", "effective_cost", "contracted_cost", "list_cost", "split_cost")
    what = ", ".join(f"sum({cost})" for cost in costs)
    assert one(marts, what, "billing_account_id = ?", payer) == (
        Decimal("90.1"), Decimal("90.1"), Decimal("90.1"), Decimal("120"), Decimal("90.1"),
    )  # fmt: skip


@pytest.mark.parametrize("payer", [ATHENA, NESTED, NESTED_CSV])
def test_shares_name_their_parent_and_add_up_to_it(marts: Marts, payer: str) -> None:
    rows = marts.execute(
        """
        select share.resource_id, share.split_cost, parent.effective_cost
        from marts.fct_charges as share
        inner join marts.fct_charges as parent
            on share.parent_resource_id = parent.resource_id
                and share.billing_account_id = parent.billing_account_id
        where share.billing_account_id = ? order by share.resource_id
        """,
        [payer],
    ).fetchall()
    parent = Decimal("90.1")
    assert rows == [("pod-a", Decimal("70.1"), parent), ("pod-b", Decimal("20"), parent)]


@pytest.mark.parametrize("payer", [ATHENA, NESTED, NESTED_CSV])
def test_tags_and_cost_categories_come_as_json_and_ids_keep_their_zeros(
    marts: Marts, payer: str
) -> None:
    tags, categories, account, quantity = one(
        marts,
        "tags, cost_categories, sub_account_id, consumed_quantity",
        "billing_account_id = ? and resource_id = 'i-1'",
        payer,
    )
    assert json.loads(tags) == {"app": "web", "aws_created_by": "Root:1"}
    assert json.loads(categories) == {"team": "Blue"}
    assert (account, quantity) == ("012345678901", 1)
    untagged = one(marts, "count(*)", "billing_account_id = ? and tags is null", payer)
    assert untagged == (3,)


@pytest.mark.parametrize("kind", ["all", "partial", "none"])
@pytest.mark.parametrize("commitment", ["plan", "reserved"])
def test_a_commitment_bills_over_its_term_what_it_costs(
    marts: Marts, commitment: str, kind: str
) -> None:
    """720 hours of 1: billed 720 = effective 540 used + 180 unused, however it is paid."""
    found = one(
        marts,
        """sum(billed_cost), sum(effective_cost),
        sum(effective_cost) filter (where commitment_status = 'Used'),
        sum(effective_cost) filter (where commitment_status = 'Unused'),
        sum(commitment_quantity) filter (where commitment_status = 'Used'),
        sum(commitment_quantity) filter (where commitment_status = 'Unused'),
        sum(effective_cost) filter (where charge_category = 'Purchase')""",
        "billing_account_id = ? and commitment_id = ?",
        TERM,
        f"{commitment}-{kind}",
    )
    assert found == (720, 720, 540, 180, 540, 180, 0)


def test_commitments_have_a_category_and_covered_usage_is_listed_once(marts: Marts) -> None:
    rows = marts.execute(
        """
        select commitment_category, commitment_type, max(commitment_unit),
            sum(list_cost) filter (where charge_category != 'Purchase')
        from marts.fct_charges where billing_account_id = ? and commitment_id is not null
        group by all order by all
        """,
        [TERM],
    ).fetchall()
    assert rows == [
        ("Spend", "Savings Plan", "USD", Decimal("1.5") * 540 * 3),
        ("Usage", "Reserved Instance", "Hrs", 0),
    ]


def test_kinds_of_a_report_with_gross_columns(marts: Marts) -> None:
    rows = marts.execute(
        """
        select charge_kind, charge_class, invoice_issuer, publisher_name, billed_cost
        from marts.fct_charges where billing_account_id = ? order by file_row
        """,
        [REPEATED],
    ).fetchall()
    aws = "Amazon Web Services, Inc."
    assert rows == [
        ("usage", None, aws, aws, 100),
        ("discount", None, aws, aws, Decimal("-9.9")),
        ("refund", "Correction", aws, aws, -5),
        ("tax", None, aws, aws, 7),
        ("credit", None, aws, aws, -1),
        ("usage", None, aws, "Red Hat, Inc.", 30),
        ("usage", "Correction", aws, aws, 2),
    ]


def test_finalising_a_month_fills_the_invoice_and_moves_no_charge(
    landed: tuple[Path, Path],
) -> None:
    """AWS delivers the month again with invoice ids and new line ids; each charge stays itself."""
    landing, home = landed
    what = "select charge_id, billed_cost, invoice_id, is_provisional from marts.fct_charges"
    query = f"{what} where billing_account_id = '{FINAL}' order by charge_id"
    with release(home) as before:
        provisional = before.execute(query).fetchall()
    assert len(provisional) == 10 and all(row[2:] == (None, True) for row in provisional)
    write_rows(landing / "aws_cur/final/final.csv", monthly("1749", "final"), PRELIMINARY_AT + DAY)
    outcome = trueup("refresh", home, landing, "--json")
    assert (outcome.returncode, json.loads(outcome.stdout)["quarantine"]) == (0, [])
    with release(home) as after:
        final = after.execute(query).fetchall()
    assert final == [(charge, cost, "1749", False) for charge, cost, _, _ in provisional]
    files = landed_files(home)
    assert files["aws_cur/final/open.csv", "superseded"]["rows_superseded"] == 10


def test_a_map_that_is_no_json_quarantines_its_row(
    landed: tuple[Path, Path], tmp_path: Path
) -> None:
    rows = cur2_rows(agreement_and_containers(NESTED_CSV))
    rows[1]["resource_tags"] = "{'user_app': 'web'}"
    path = tmp_path / "landing/aws_cur2/export.csv.gz"
    write_bytes(path, gzip.compress(b""))
    write_rows(path, rows)
    outcome = trueup("land", tmp_path / "home", tmp_path / "landing", "--json")
    assert outcome.returncode == 2
    assert "row 2, column resource_tags: '{'user_app': 'web'}' is not JSON" in outcome.stdout
