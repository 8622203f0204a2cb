"""Exports of Azure, Google Cloud, OCI and Alibaba in all their spellings, figures recomputed."""

from __future__ import annotations

import ast
import csv
import gzip
import io
import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import (
    EXAMPLES,
    landed_files,
    read_rows,
    read_text,
    release,
    total,
    trueup,
    write_bytes,
    write_rows,
)  # fmt: skip

DATA = Path(__file__).with_name("data")
ENTERPRISE = "azure_cost/opencost_headerset_Enterprise.csv"
PAY_AS_YOU_GO = "azure_cost/opencost_headerset_PayAsYouGo.csv"
PURCHASES = "azure_cost/koku_ea_v2_purchase_marketplace.csv"
NISE = "azure_cost/azure_v2.csv"
USAGE_API = "azure_cost/optscale_azure_usage_2024.jsonl.gz"
ACTUAL = "azure_cost/EA_ActualCost_Small.csv"
GCP = "gcp_billing/koku_gcp_standard_2020-11_credits.csv"
OCI = "oci_cost/oci_cost_report_focus_converters.csv"
GERMAN = (
    "Abonnement-GUID (SubscriptionGuid)",
    "Ressourcengruppe (ResourceGroup)",
    "Ressourcenstandort (ResourceLocation)",
    "UsageDateTime (UsageDateTime)",
    "Kategorie der Verbrauchseinheit (MeterCategory)",
    "MeterSubcategory (MeterSubcategory)",
    "ID der Verbrauchseinheit (MeterId)",
    "Name der Verbrauchseinheit (MeterName)",
    "Region der Verbrauchseinheit (MeterRegion)",
    "UsageQuantity (UsageQuantity)",
    "Ressourcensatz (ResourceRate)",
    "PreTaxCost (PreTaxCost)",
    "Genutzter Dienst (ConsumedService)",
    "ResourceType (ResourceType)",
    "InstanceId (InstanceId)",
    "Tags (Tags)",
    "OfferId (OfferId)",
    "Zusätzliche Informationen (AdditionalInfo)",
    "Dienstinformation 1 (ServiceInfo1)",
    "Dienstinformation 2 (ServiceInfo2)",
    "ServiceName",
    "ServiceTier",
    "Currency",
    "Maßeinheit (UnitOfMeasure)",
)
# A customer agreement priced in USD and billed in EUR: usage, an unused reservation, a refund.
AGREEMENT = {
    "invoiceId": "G012", "billingAccountId": "0077:88", "billingPeriodStartDate": "03/01/2024",
    "date": "03/05/2024", "subscriptionId": "s1", "meterId": "m1", "product": "VM",
    "meterCategory": "Virtual Machines", "unitOfMeasure": "100 Hours", "quantity": "24",
    "unitPrice": "0.5", "payGPrice": "0.8", "costInBillingCurrency": "10.8",
    "costInPricingCurrency": "12", "paygCostInBillingCurrency": "17.28",
    "billingCurrency": "EUR", "pricingCurrency": "USD", "exchangeRatePricingToBilling": "0.9",
    "chargeType": "Usage", "pricingModel": "OnDemand", "tags": '"team": "a"',
}  # fmt: skip
UNPRICED = {"unitPrice": "", "payGPrice": "", "paygCostInBillingCurrency": "", "tags": ""}
UNUSED = UNPRICED | {"chargeType": "UnusedReservation", "costInBillingCurrency": "0.9"}
REFUND = UNPRICED | {"chargeType": "Refund", "costInBillingCurrency": "-2.7"}

Marts = duckdb.DuckDBPyConnection


def nested(row: dict[str, str], account: str) -> str:
    """A flattened Google row as nested JSON of BigQuery, its numbers as they stand."""
    numbers = re.compile(r"cost|currency_conversion_rate|usage\.amount.*")
    record: dict[str, Any] = {}
    for name, text in (row | {"billing_account_id": account}).items():
        value = ast.literal_eval(text) if text.startswith("[") else text
        if text and numbers.fullmatch(name):
            value = f"<{text}>"
        *parents, leaf = name.split(".")
        place = record
        for parent in parents:
            place = place.setdefault(parent, {})
        if text:
            place[leaf] = value
    return re.sub(r'"<(.*?)>"', r"\1", json.dumps(record))


def oci_line(reference: str, cost: str, **other: str) -> dict[str, str]:
    """The first row of the bundled report under another reference and cost."""
    row = read_rows(EXAMPLES / OCI)[0]
    return row | {"lineItem/referenceNo": reference, "cost/myCost": cost} | other


def land(folder: Path) -> Path:
    """The landing folder of this module: what is bundled with the tests, and spellings of it."""
    for path in (ENTERPRISE, PAY_AS_YOU_GO, NISE, USAGE_API):
        write_bytes(folder / path, (DATA / path).read_bytes())
    # its anonymiser made the currency two letters, which no reader takes for one
    purchases = read_text(DATA / PURCHASES).replace(",MC,", ",USD,")
    write_bytes(folder / PURCHASES, purchases.encode())
    write_bytes(folder / ACTUAL, (EXAMPLES / ACTUAL).read_bytes())
    values = next(csv.reader([read_text(DATA / PAY_AS_YOU_GO).splitlines()[1]]))
    plain = [re.sub(r" \(.*\)", "", name) for name in GERMAN]
    for name, header, date in (("german", GERMAN, "20210203"), ("deutsch", plain, "02/04/2021")):
        values[0], values[3] = f"subscription-{name}", date
        text = io.StringIO()
        csv.writer(text).writerows([header, values])
        write_bytes(folder / f"azure_cost/{name}.csv", text.getvalue().encode("utf-8-sig"))
    unused = AGREEMENT | UNUSED | {"pricingModel": "Reservation"}
    write_rows(folder / "azure_cost/amortized/mca.csv", [AGREEMENT, unused, AGREEMENT | REFUND])

    write_bytes(folder / GCP, (EXAMPLES / GCP).read_bytes())
    rows = read_rows(EXAMPLES / GCP)
    for account, name in ((rows[0]["billing_account_id"], "again"), ("OTHER", "other")):
        lines = "\n".join(nested(row, account) for row in rows)
        write_bytes(folder / f"gcp_billing/{name}.jsonl", lines.encode())
    odd = {"billing_account_id": "ODD", "credits": "[{'name': \"it's\", 'amount': None}]"}
    write_rows(folder / "gcp_billing/odd.csv", [rows[0] | odd])

    write_bytes(folder / OCI, (EXAMPLES / OCI).read_bytes())
    first = [oci_line("same", "1.5"), oci_line("torn", "2")]
    correction = {"lineItem/isCorrection": "true", "lineItem/backreferenceNo": "same"}
    second = [oci_line("same", "1.50"), oci_line("torn", "3"), oci_line("c", "-1.5", **correction)]
    write_rows(folder / "oci_cost/first.csv", first)
    write_rows(folder / "oci_cost/second.csv", second)

    item = {
        "BillAccountID": "0199", "ProductCode": "ecs", "Item": "PayAsYouGoBill", "Currency": "CNY",
        "InstanceID": "i-1", "Region": "cn-hangzhou", "Usage": "744", "UsageUnit": "Hour",
        "PretaxGrossAmount": "372", "InvoiceDiscount": "37.2", "DeductedByCoupons": "4.8",
        "PretaxAmount": "330", "PaymentAmount": "300", "Tag": "key:team value:web",
    }  # fmt: skip
    refund = item | {"Item": "Refund", "PretaxGrossAmount": "-40", "PretaxAmount": "-40"}
    for month, name in (("2024-05", "bill.csv"), ("2024-06", "bill.jsonl")):
        items = [{"BillingCycle": month} | row for row in (item, refund)]
        if name.endswith(".csv"):
            write_rows(folder / "alibaba_bill" / name, items)
        else:
            lines = "\n".join(json.dumps(row) for row in items)
            write_bytes(folder / "alibaba_bill" / name, lines.encode())
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home refreshed once from the landing folder of this module."""
    place = tmp_path_factory.mktemp("clouds")
    outcome = trueup("refresh", place / "home", land(place / "landing"), "--json")
    if outcome.returncode != 2:  # the usage API's rows without a currency
        pytest.fail(f"{outcome.stdout}\n{outcome.stderr}", False)
    return place / "home"


@pytest.fixture(scope="module")
def clouds(home: Path) -> Any:
    """Its release, open for reading."""
    with release(home) as connection:
        yield connection


def charges(marts: Marts, path: str, what: str, where: str = "true") -> list[tuple]:
    """Rows over the charges of a file."""
    return marts.execute(
        f"""
        select {what} from marts.fct_charges
        where {where}
            and file_id = (select file_id from marts.fct_landed_files where path = ? limit 1)
        order by file_row, charge_part
        """,
        [path],
    ).fetchall()


@pytest.mark.parametrize(
    ("path", "column", "account", "period", "currency"),
    [
        (ENTERPRISE, "CostInBillingCurrency", "12345678", "2021-05", "CAD"),
        (PAY_AS_YOU_GO, "PreTaxCost", "11111111-12ab-34dc-56ef-123456abcdef", "2021-02", "USD"),
        ("azure_cost/german.csv", "PreTaxCost", "subscription-german", "2021-02", "USD"),
        ("azure_cost/deutsch.csv", "PreTaxCost", "subscription-deutsch", "2021-02", "USD"),
        (PURCHASES, "CostInBillingCurrency", "99999999", "2020-09", "USD"),
        (NISE, "CostInBillingCurrency", "05150908", "2026-09", "USD"),
    ],
)
def test_azure_header_families_come_to_one_shape(
    clouds: Marts, path: str, column: str, account: str, period: str, currency: str
) -> None:
    raw = read_rows(DATA / path if (DATA / path).is_file() else DATA / PAY_AS_YOU_GO)
    found = clouds.execute(
        """
        select
            billing_account_id, strftime(billing_period, '%Y-%m'), billing_currency,
            sum(billed_cost), count(*), sum(effective_cost)
        from marts.fct_charges
        where file_id = (select file_id from marts.fct_landed_files where path = ?)
        group by all
        """,
        [path],
    ).fetchall()
    cost = total(row[column] for row in raw)
    assert found == [(account, period, currency, cost, len(raw), cost)]


def test_a_pay_as_you_go_row_is_usage_of_its_day_whatever_its_headers(clouds: Marts) -> None:
    what = (
        "charge_kind, cast(charge_period_start as varchar), consumed_quantity, consumed_unit, "
        "pricing_quantity, pricing_unit, region_id, resource_type, service_category"
    )
    days = {PAY_AS_YOU_GO: "02", "azure_cost/german.csv": "03", "azure_cost/deutsch.csv": "04"}
    for path, day in days.items():
        assert charges(clouds, path, what) == [(
            "usage", f"2021-02-{day} 00:00:00", 3, "Hours", Decimal("0.03"), "100 Hours",
            "eastus", "microsoft.network/loadbalancers", "Networking",
        )]  # fmt: skip


def test_operations_are_whole_numbers_once_taken_out_of_their_blocks(clouds: Marts) -> None:
    found = charges(
        clouds, ACTUAL, "consumed_quantity, pricing_quantity, consumed_unit", "pricing_unit = '10K'"
    )
    blocks = [
        Decimal(r["Quantity"]) for r in read_rows(EXAMPLES / ACTUAL) if r["UnitOfMeasure"] == "10K"
    ]
    assert found == [(block * 10_000, block, "Units") for block in blocks] and len(blocks) == 3
    assert all(quantity == int(quantity) for quantity, _, _ in found)


def test_a_marketplace_purchase_is_a_fee_of_its_publisher(clouds: Marts) -> None:
    found = charges(
        clouds, PURCHASES, "charge_kind, charge_frequency, publisher_name, commitment_id",
        "charge_category = 'Purchase'",
    )  # fmt: skip
    assert found == [("fee", "Recurring", "OpenShift on Azure testing", None)]


def test_a_customer_agreement_is_billed_in_its_own_currency(clouds: Marts) -> None:
    what = (
        "charge_kind, commitment_status, invoice_id, billing_account_id, tags, billed_cost, "
        "effective_cost, list_cost, contracted_cost, list_unit_price, contracted_unit_price, "
        "pricing_quantity"
    )
    usage, unused, refund = charges(clouds, "azure_cost/amortized/mca.csv", what)
    common = ("G012", "0077:88")
    assert usage == (
        "usage", None, *common, '{"team": "a"}', Decimal("10.8"), Decimal("10.8"), Decimal("17.28"),
        Decimal("10.8"), 72, 45, Decimal("0.24"),
    )  # fmt: skip
    assert unused[:7] == ("commitment_unused", "Unused", *common, None, 0, Decimal("0.9"))
    assert refund[:7] == ("refund", None, *common, None, Decimal("-2.7"), Decimal("-2.7"))


def test_usage_api_rows_without_a_currency_wait_in_quarantine_with_their_money(
    home: Path, clouds: Marts
) -> None:
    lines = gzip.decompress((DATA / USAGE_API).read_bytes()).splitlines()
    raw = [json.loads(line, parse_float=Decimal) for line in lines]
    stated = [row for row in raw if "billing_currency" in row]
    row = landed_files(home)[USAGE_API, "accepted"]
    assert (len(raw), row["rows_accepted"], row["rows_quarantined"]) == (394, 110, 284)
    cost = total(str(row["cost"]) for row in stated)
    assert row["amount_accepted"] == cost == Decimal("52.825553030932469")
    assert row["amount_quarantined"] == total(str(row["cost"]) for row in raw) - cost
    assert clouds.execute(
        "select distinct column_name from marts.fct_quarantined_rows"
    ).fetchall() == [("billing_currency",)]
    hours = charges(
        clouds, USAGE_API, "distinct on (file_row) consumed_quantity", "consumed_unit = 'Hours'"
    )
    wanted = [
        r["usage_quantity"] for r in stated if r["meter_details"]["unit_of_measure"] == "100 Hours"
    ]
    assert [quantity for (quantity,) in hours] == wanted and max(wanted) == 24


def test_nested_json_of_google_equals_its_flattened_csv(home: Path, clouds: Marts) -> None:
    files = landed_files(home)
    same = [files[path, "accepted"] for path in (GCP, "gcp_billing/again.jsonl")]
    assert sorted(row["rows_duplicate"] for row in same) == [0, 25]
    what = """
        file_row, charge_part, charge_kind, charge_period_start, sku_id, tags, pricing_quantity,
        billed_cost, list_cost, charge_description
    """
    raw = read_rows(EXAMPLES / GCP)
    csv_charges, json_charges = (
        clouds.execute(
            f"""
            select {what} from marts.fct_charges
            where source = 'gcp_billing' and billing_account_id = ? order by all
            """,
            [account],
        ).fetchall()
        for account in (raw[0]["billing_account_id"], "OTHER")
    )
    assert csv_charges == json_charges and len(json_charges) == 33
    usage = [row for row in json_charges if row[1] == 0]
    assert [row[7] for row in usage] == [Decimal(row["cost"]) for row in raw]
    assert Counter(row[5] for row in usage)['{"goog-resource-type":"bigquery_resource"}'] == 5


def test_a_credit_without_an_amount_takes_nothing_off(clouds: Marts) -> None:
    found = charges(clouds, "gcp_billing/odd.csv", "charge_kind, charge_description, billed_cost")
    cost = Decimal(read_rows(EXAMPLES / GCP)[0]["cost"])
    assert [row[0] for row in found] == ["usage", "credit"]
    assert found[0][2] == cost and found[1][1:] == ("it's", 0)


def test_google_months_are_pacific(clouds: Marts) -> None:
    found = charges(clouds, "gcp_billing/odd.csv", "cast(billing_period_start as varchar)")
    assert found == [("2020-11-01 07:00:00",)] * 2


def test_a_repeated_oracle_reference_is_a_duplicate_or_a_conflict_that_is_seen(
    home: Path, clouds: Marts
) -> None:
    files = landed_files(home)
    parts = [files[f"oci_cost/{name}.csv", "accepted"] for name in ("first", "second")]
    assert sum(row["rows_duplicate"] for row in parts) == 1
    assert sum(row["rows_accepted"] for row in parts) == 4
    what = "billed_cost, charge_class"
    rest = [charges(clouds, f"oci_cost/{name}.csv", what) for name in ("first", "second")]
    found = sorted(row for rows in rest for row in rows)
    assert found == [
        (Decimal("-1.5"), "Correction"), (Decimal("1.5"), None), (2, None), (3, None),
    ]  # fmt: skip
    conflicts = clouds.execute("""
        select level, is_passed, observed_value from marts.fct_gate_results
        where check_name = 'references_in_conflict'
    """).fetchall()
    assert [row[:2] for row in conflicts] == [("warning", False)] and "1" in conflicts[0][2]


def test_oracle_tags_keep_their_names_backslash_included(clouds: Marts) -> None:
    found = clouds.execute(
        """
        select count(*) from marts.fct_charges
        where source = 'oci_cost' and json_extract_string(tags, ?) = '1.0'
        """,
        ['$."DevRel\\\\redbull-analytics-hol-4cb4.release"'],
    ).fetchall()
    assert found == [(6,)]


def test_alibaba_bills_are_one_in_csv_and_json(clouds: Marts) -> None:
    what = (
        "charge_kind, billing_account_id, region_name, service_category, tags, consumed_quantity, "
        "list_cost, contracted_cost, billed_cost, effective_cost"
    )
    bill = charges(clouds, "alibaba_bill/bill.csv", what)
    assert bill == charges(clouds, "alibaba_bill/bill.jsonl", what)
    assert bill[0] == (
        "usage", "0199", "China (Hangzhou)", "Compute", '{"team":"web"}', 744,
        372, Decimal("334.8"), 330, 330,
    )  # fmt: skip
    assert bill[1][0] == "refund" and bill[1][8] == -40


def test_no_mail_address_of_an_account_owner_is_published(clouds: Marts) -> None:
    owners = {row["AccountOwnerId"] for row in read_rows(DATA / NISE)}
    columns = clouds.execute("describe marts.fct_charges").fetchall()
    texts = [name for name, kind, *_ in columns if kind == "VARCHAR"]
    listed = ", ".join(texts)
    found = clouds.execute(
        f"select count(*) from marts.fct_charges where list_has_any([{listed}], ?)", [list(owners)]
    ).fetchall()
    assert owners and found == [(0,)]
