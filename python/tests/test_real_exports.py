"""The bundled real exports: every figure against the raw text, recomputed by Python alone."""

from __future__ import annotations

import ast
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from helpers import EXAMPLES, PARTS, UNIT, figures, landed_files, read_rows, total

AWS = "aws_cur/cur_legacy_anon_focus_converters.csv"
SAVINGS_PLANS = "aws_cur/cur_savings_plans_2024-08.csv.gz"
BUCKET = (
    "aws_cur/koku-local/20180801-20180901/16e57707-f9e3-49be-8be6-b84e684b5194/koku-local-1.csv.gz"
)
ACTUAL = "azure_cost/EA_ActualCost_Small.csv"
AMORTIZED = "azure_cost/EA_AmortizedCost_Small.csv"
FOCUS = "focus/sample/focus_sample.csv"
GCP = "gcp_billing/koku_gcp_standard_2020-11_credits.csv"
OCI = "oci_cost/oci_cost_report_focus_converters.csv"
PRICES = "price_lists/oci_public_price_list.json"
# file -> the column whose sum it states, and the cost of a charge that must carry it
STATED = {
    AWS: ("lineItem/UnblendedCost", "billed_cost"),
    "aws_cur/cur_savings_plans_2024-06.csv.gz": ("lineItem/UnblendedCost", "billed_cost"),
    SAVINGS_PLANS: ("lineItem/UnblendedCost", "billed_cost"),
    BUCKET: ("lineItem/UnblendedCost", "billed_cost"),
    ACTUAL: ("Cost", "billed_cost"),
    AMORTIZED: ("Cost", "effective_cost"),
    FOCUS: ("BilledCost", "billed_cost"),
    OCI: ("cost/myCost", "billed_cost"),
}

Marts = duckdb.DuckDBPyConnection


def charged(marts: Marts, path: str, what: str) -> tuple:
    """One row of aggregates over the charges of a file."""
    row = marts.execute(
        f"""
        select {what} from marts.fct_charges
        where file_id = (select file_id from marts.fct_landed_files where path = ?)
        """,
        [path],
    ).fetchone()
    assert row is not None
    return row


def oracle_prices() -> list[dict]:
    """Records of Oracle's price list, numbers as they stand."""
    text = (EXAMPLES / PRICES).read_text(encoding="utf-8")
    return json.loads(text, parse_float=Decimal)["items"]


def test_the_aws_report_bills_what_its_1281_rows_say(marts: Marts) -> None:
    assert charged(marts, AWS, "count(*), sum(billed_cost)") == (1281, Decimal("1.6823086974"))


@pytest.mark.parametrize("path", STATED)
def test_charges_of_a_file_equal_its_raw_text(marts: Marts, path: str) -> None:
    raw = read_rows(EXAMPLES / path)
    column, cost = STATED[path]
    expected = (len(raw), total(row[column] for row in raw))
    assert charged(marts, path, f"count(distinct file_row), sum({cost})") == expected


def test_every_bundled_bill_is_recomputed_here() -> None:
    bundled = {p.relative_to(EXAMPLES).as_posix() for p in EXAMPLES.rglob("*.csv*")}
    assert bundled == {*STATED, GCP}


def test_every_bundled_row_is_accepted(refreshed: Path) -> None:
    for (path, status), row in landed_files(refreshed).items():
        rows = len(oracle_prices() if path == PRICES else read_rows(EXAMPLES / path))
        assert (status, row["rows_total"], row["rows_accepted"]) == ("accepted", rows, rows), path


def test_savings_plan_negation_cancels_covered_usage_per_account_and_month(marts: Marts) -> None:
    raw: dict[str, Decimal] = defaultdict(Decimal)
    for row in read_rows(EXAMPLES / SAVINGS_PLANS):
        if row["lineItem/LineItemType"] == "SavingsPlanCoveredUsage":
            raw[row["lineItem/UsageAccountId"]] += Decimal(row["lineItem/UnblendedCost"])
    found = marts.execute("""
        select
            sub_account_id, cast(billing_period as varchar),
            sum(billed_cost) filter (where charge_kind = 'usage'), sum(billed_cost)
        from marts.fct_charges
        where
            source = 'aws_cur' and commitment_id is not null
            and (charge_kind = 'commitment_negation' or pricing_category = 'Committed')
        group by all
        order by sub_account_id
    """).fetchall()
    assert sum(raw.values()) > 39
    assert found == [(account, "2024-08-01", raw[account], 0) for account in sorted(raw)]


def test_azure_actual_is_billed_and_amortized_is_effective_and_they_are_not_added(
    marts: Marts,
) -> None:
    actual = total(row["Cost"] for row in read_rows(EXAMPLES / ACTUAL))
    amortized = total(row["Cost"] for row in read_rows(EXAMPLES / AMORTIZED))
    assert 0 < actual < amortized
    found = marts.execute("""
        select sum(billed_cost), sum(effective_cost)
        from marts.fct_charges where source = 'azure_cost'
    """).fetchall()
    assert found == [(actual, amortized)]


def test_eight_gcp_rows_net_to_zero_after_their_credits(marts: Marts) -> None:
    raw = read_rows(EXAMPLES / GCP)
    credited = {n: row for n, row in enumerate(raw, 1) if row["credits"] != "[]"}
    credits = [
        Decimal(str(credit["amount"]))
        for row in credited.values()
        for credit in ast.literal_eval(row["credits"])
    ]
    assert len(raw) == 25 and len(credited) == len(credits) == 8
    rows = marts.execute("""
        select file_row, list(charge_category order by charge_part), sum(billed_cost)
        from marts.fct_charges where source = 'gcp_billing'
        group by file_row having count(*) > 1 order by file_row
    """).fetchall()
    assert rows == [(n, ["Usage", "Credit"], 0) for n in credited]
    assert charged(marts, GCP, "sum(billed_cost) filter (where charge_part = 0)") == (
        total(row["cost"] for row in raw),
    )
    assert charged(marts, GCP, "sum(billed_cost) filter (where charge_category = 'Credit')") == (
        sum(credits),
    )


def test_oci_costs_in_scientific_notation_are_exact_row_by_row(marts: Marts) -> None:
    raw = [row["cost/myCost"] for row in read_rows(EXAMPLES / OCI)]
    assert sum("E-" in text for text in raw) > 20
    found = marts.execute(
        "select billed_cost from marts.fct_charges where source = 'oci_cost' order by file_row"
    ).fetchall()
    assert [cost for (cost,) in found] == [Decimal(text) for text in raw]


def test_every_oci_charge_is_priced_by_the_price_list_or_says_why_not(marts: Marts) -> None:
    rows = marts.execute("""
        select count(*), count(expected_amount), count(unpriced_reason),
            count(*) filter (where expected_amount is not null
                and (price_source, assurance, rate_card_id)
                    = ('price_list', 'rate_checked', 'oci_public_price_list'))
        from marts.fct_expected_charges where counterparty = 'Oracle'
    """).fetchone()
    charges = marts.execute("select count(*) from marts.fct_charges where provider = 'Oracle'")
    assert rows is not None and charges.fetchall() == [(rows[0],)]
    everything, priced, reasoned, by_list = rows
    assert priced == by_list > 500 and priced + reasoned == everything


def test_oci_expected_amounts_are_the_price_list_times_the_months_quantity(marts: Marts) -> None:
    """Per SKU: each tier's price, from the list's own text, times what of the month lies in it."""
    used: dict[str, Decimal] = defaultdict(Decimal)
    for row in read_rows(EXAMPLES / OCI):
        used[row["cost/productSku"]] += Decimal(row["usage/billedQuantity"])
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for part in oracle_prices():
        quantity = used.get(part["partNumber"], Decimal(0))
        for tier in part["currencyCodeLocalizations"][0]["prices"]:
            top = min(quantity, Decimal(tier.get("rangeMax", "Infinity")))
            inside = max(top - Decimal(tier.get("rangeMin", 0)), Decimal(0))
            wanted[part["partNumber"]] += inside * Decimal(tier["value"])
    found = marts.execute("""
        select sku_id, count(*), sum(expected_amount) from marts.fct_expected_charges
        where expected_amount is not null and file_id like 'oci_cost-%' group by sku_id
    """).fetchall()
    assert len(found) == 13 and sum(rows for _, rows, _ in found) == 506
    for sku, rows, amount in found:  # a charge is rounded once, at the last of 18 places
        assert abs(amount - wanted[sku]) <= rows * UNIT, sku


def test_every_expected_charge_has_an_amount_or_a_reason_and_never_both(marts: Marts) -> None:
    found = marts.execute("""
        select count(*) filter (where (expected_amount is null) = (unpriced_reason is null)),
            count(*) filter (where expected_amount is not null),
            count(*) = (select count(*) from marts.fct_charges)
        from marts.fct_expected_charges
    """).fetchone()
    assert found is not None and found[0] == 0 and found[1] > 3000 and found[2]


def test_every_difference_is_the_sum_of_its_parts(refreshed: Path) -> None:
    found = figures(refreshed)
    assert {provider for provider, _, _ in found} == {"AWS", "Google Cloud", "Microsoft", "Oracle"}
    for key, figure in found.items():
        billed, expected, variance, parts = figure["compared"][2:]
        assert variance == billed - expected == parts, key
        assert billed == figure["charged"][1] and expected == (figure["expected"][2] or 0), key
    assert len(PARTS) == 13


@pytest.mark.parametrize(
    ("view", "version", "count"),
    [("focus_cost_and_usage", "1.4", 65), ("focus_cost_and_usage_1_2", "1.2", 57)],
)
def test_focus_views_have_the_columns_of_their_version(
    marts: Marts, view: str, version: str, count: int
) -> None:
    specified = read_rows(Path(__file__).with_name("focus_columns.csv"))
    names = [row["column"] for row in specified if row["version"] == version]
    found = marts.execute(f"describe marts.{view}").fetchall()
    assert [row[0] for row in found] == names and len(names) == count
    rows = marts.execute(f"select count(*), sum(BilledCost) from marts.{view}").fetchall()
    charges = marts.execute("select count(*), sum(billed_cost) from marts.fct_charges").fetchall()
    assert rows == charges
