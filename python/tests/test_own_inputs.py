"""Own inputs: of each, a sound file lands, and each value that its declaration refuses is named."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from helpers import PROJECT, landed_files, release, trueup, write_bytes

from trueup.landing.checks import KINDS
from trueup.landing.sources import Source, read_sources

# Their examples are real exports (test_real_exports).
PROVIDERS = {
    "aws_cur", "aws_cur2", "azure_cost", "gcp_billing", "oci_cost", "focus", "kubernetes",
    "alibaba_bill",
}  # fmt: skip
DECLARED = {
    name: source for name, source in read_sources(PROJECT).items() if source.folder not in PROVIDERS
}
WRONG = {
    "decimal": "lots",
    "integer": "1.5",
    "date": "yesterday",
    "timestamp": "soon",
    "json": "{",
}
FROM_2024 = {"effective_from": "2024-01-01", "effective_to": ""}
VALID = {"valid_from": "2024-01-01", "valid_to": "2025-01-01"}
USD = {"currency": "USD"}
OFFER_TERMS = {
    "OnDemand": {
        "S1": {
            "S1.T": {
                "effectiveDate": "2024-01-01T00:00:00Z",
                "priceDimensions": {
                    "S1.T.R": {"unit": "Hrs", "beginRange": "0", "pricePerUnit": {"USD": "0.10"}}
                },
            }
        }
    }
}
GCP_PRICE = {
    "effectiveTime": "2024-01-01T00:00:00Z",
    "pricingExpression": {
        "usageUnitDescription": "hour",
        "tieredRates": [
            {
                "startUsageAmount": 0,
                "unitPrice": {"currencyCode": "USD", "units": "0", "nanos": 21811000},
            }
        ],
    },
}
OCI_PRICE = {
    "currencyCode": "USD",
    "prices": [{"model": "PAY_AS_YOU_GO", "value": 0.0085, "rangeMin": 0, "rangeMax": 10}],
}
# One sound record of each own input; columns that it leaves out are empty.
SOUND: dict[str, dict[str, Any]] = {
    "access_log": {
        "time": "2024-05-03T10:00:00Z", "actor": "ada@example.com", "action": "read",
        "object": "fct_charges", "outcome": "denied", "reason": "not of her cost centre",
    },
    "accounts": VALID | {
        "account_id": "000123456789", "customer": "Acme", "tier": "gold", "tenant": "acme",
        "cohort": "a", "legal_entity": "Acme GmbH", "tax_jurisdiction": "DE",
    },
    "actions": {
        "action_id": "act-1", "executed_at": "2024-05-03T10:00:00Z", "outcome": "stopped",
        "actor": "scheduler",
    },
    "allocation_drivers": {
        "driver_id": "requests", "driver_date": "2024-05-03", "owner": "payments",
        "tenant": "acme", "value": "1.5E+3", "unit": "requests", "is_estimated": "FALSE",
    },
    "allocation_rules": VALID | {
        "rule_id": "shared", "priority": "10", "pool": "platform-*", "method": "driver",
        "driver_id": "requests", "targets": "payments;search-*", "step": "1",
        "match_category": "Usage", "match_service": "*",
    },
    "aws_offers": {
        "offerCode": "AmazonEC2", "version": "20240101000000",
        "publicationDate": "2024-01-01T00:00:00Z",
        "products": {"S1": {"attributes": {"regionCode": "eu-west-1"}}}, "terms": OFFER_TERMS,
    },
    "azure_price_sheet": {
        "MeterId": "m-1", "MeterName": "D2 v3", "ProductId": "DZH318Z0BPVC",
        "UnitOfMeasure": "1 Hour", "PriceType": "Consumption", "UnitPrice": "0.09",
        "BasePrice": "0.11", "MarketPrice": "0.1", "Currency": "USD",
        "EffectiveStartDate": "2024-01-01T00:00:00Z",
    },
    "budgets": USD | {
        "budget_id": "b-1", "owner": "payments", "product": "checkout",
        "period_start": "2024-05-01", "period_end": "2024-06-01", "amount": "12000.00",
    },
    "business_metrics": {
        "metric_date": "2024-05-03", "metric": "transactions", "owner": "payments",
        "product": "checkout", "tenant": "acme", "cohort": "a", "value": "1000000",
    },
    "commitments": USD | {
        "commitment_id": "sp-1", "contract_id": "edp", "kind": "savings_plan",
        "sku_pattern": "*", "amount_per_hour": "1.25", "upfront_fee": "0",
        "recurring_fee_per_hour": "1.25", "discount_percent": "28",
        "starts_at": "2024-01-01T00:00:00Z", "ends_at": "2025-01-01T00:00:00Z",
    },
    "contracts": USD | FROM_2024 | {
        "contract_id": "edp", "version": "1", "direction": "payable", "counterparty": "AWS",
        "account_ids": "0001*;0002*", "rate_card_id": "card", "discount_percent": "7",
        "discount_skus": "*", "commit_period": "year", "tax_scope": "line",
        "tax_included": "false", "time_zone": "Europe/Berlin", "period_anchor": "calendar",
        "payment_terms_days": "30",
    },
    "credits": USD | {
        "credit_id": "c-1", "contract_id": "edp", "priority": "1", "amount": "500",
        "granted_at": "2024-01-01T00:00:00Z", "expires_at": "2024-12-31T23:59:59Z",
    },
    "decisions": USD | {
        "decided_at": "2024-05-03T10:00:00Z", "subject_type": "exception", "subject_id": "e-1",
        "action": "dispute", "amount": "18", "actor": "ada", "reason": "billed twice",
        "reference": "T-1",
    },
    "deployments": {
        "deployed_at": "2024-05-03T10:00:00Z", "service": "checkout", "version": "1.2.0",
        "owner": "payments", "resource_pattern": "i-0*", "commit": "abc1234",
    },
    "disputes": USD | {
        "dispute_id": "d-1", "kind": "vendor", "subject_id": "e-1",
        "opened_at": "2024-05-03T10:00:00Z", "claimed": "18", "recovered": "0",
        "status": "open", "reference": "T-1",
    },
    "entitlements": FROM_2024 | {
        "contract_id": "edp", "version": "1", "account_id": "000123456789",
        "meter_id": "calls", "included_quantity": "1000", "period": "month",
        "overage_policy": "charge", "tolerance_percent": "5",
    },
    "entity_markups": VALID | {
        "from_entity": "Acme Inc", "to_entity": "Acme GmbH", "percent": "5",
    },
    "fx_rates": {
        "rate_date": "2024-05-03", "from_currency": "EUR", "to_currency": "USD",
        "rate": "1.0765", "source": "ECB",
    },
    "gcp_skus": {
        "skuId": "6F81-1", "description": "Core", "serviceRegions": ["us-east1", "us-west1"],
        "pricingInfo": [GCP_PRICE],
    },
    "gl_accounts": {"match": "usage;Amazon*;payments", "gl_account": "6200", "cost_center": "7"},
    "gl_balances": USD | {"gl_account": "6200", "period": "2024-05-01", "balance": "-142.99"},
    "incidents": {
        "incident_id": "i-1", "started_at": "2024-05-03T10:00:00Z",
        "ended_at": "2024-05-03T18:00:00Z", "services": "checkout", "tenants": "acme",
        "sla_percent": "98.9",
    },
    "invoices": USD | {
        "invoice_id": "inv-1", "direction": "payable", "issuer": "AWS", "recipient": "us",
        "account_id": "000123456789", "issued_at": "2024-06-03", "period_start": "2024-05-01",
        "period_end": "2024-06-01", "line_no": "1", "line_kind": "usage", "sku_id": "S1",
        "description": "May", "quantity": "10", "unit": "Hrs", "unit_price": "0.1",
        "amount": "1", "status": "final", "stated_total": "1",
    },
    "maintenance_windows": {
        "starts_at": "2024-05-03T10:00:00Z", "ends_at": "2024-05-03T12:00:00Z",
        "scope": "aws_cur", "reason": "migration",
    },
    "meters": {
        "meter_id": "calls", "event_type": "api.call", "aggregation": "count",
        "unit": "calls", "sku_id": "CALL", "dimensions": "region;plan", "window": "hour",
        "authority": "authoritative", "role": "primary",
    },
    "oci_price_list": {
        "partNumber": "B88327", "displayName": "Outbound transfer", "metricName": "Gigabyte",
        "serviceCategory": "Networking", "currencyCodeLocalizations": [OCI_PRICE],
    },
    "operating_costs": USD | {"period": "2024-05-01", "item": "warehouse", "amount": "120.5"},
    "owner_directory": {
        "owner": "payments", "cost_center": "7", "mode": "chargeback", "approver": "ada",
        "legal_entity": "Acme GmbH",
    },
    "owners": VALID | {
        "priority": "10", "match_on": "tag:team", "pattern": "pay*", "and_match": "region=eu-*",
        "owner": "payments", "product": "checkout", "cost_center": "7", "environment": "production",
    },
    "period_closes": {
        "billing_period": "2024-05-01", "direction": "payable",
        "closed_at": "2024-06-05T09:00:00Z", "actor": "ada", "grace_days": "5",
    },
    "price_lists": USD | FROM_2024 | {
        "provider": "Acme Cloud", "sku_id": "S1", "region_id": "eu-1", "unit": "Hrs",
        "unit_price": "4.16E-8",
    },
    "purchase_orders": USD | VALID | {
        "po_number": "PO-7", "vendor": "Amazon Web Services", "amount": "1E+4",
    },
    "rate_cards": USD | FROM_2024 | {
        "rate_card_id": "card", "version": "1", "sku_id": "S1", "model": "graduated",
        "tier": "1", "tier_from": "0", "unit_price": "0.1", "aggregation_scope": "account",
        "reset": "month", "rounding_scale": "2", "rounding_mode": "half_even",
        "unit_rounding": "none", "tier_bound": "upper_inclusive",
    },
    "sku_aliases": {
        "source": "aws_cur", "old_sku_id": "S0", "new_sku_id": "S1", "valid_from": "2024-05-01",
        "reason": "renamed",
    },
    "sla_terms": {
        "contract_id": "edp", "metric": "availability", "threshold_percent": "99.9",
        "credit_percent": "10",
    },
    "tag_policies": {
        "tag_key": "team", "required": "true", "allowed_values": "payments;search-*", "scope": "",
    },
    "usage_events": {
        "id": "e-1", "source": "gateway", "type": "api.call", "subject": "000123456789",
        "time": "2024-05-03T10:00:00Z", "specversion": "1.0", "data": {"region": "eu"},
    },
}  # fmt: skip
# Of their records, repeated ones are told by a key and counted as duplicates.
KEYED = {"invoices", "usage_events"}
# What is delivered as JSON, by the key that holds the records; None: one a line.
JSON_FORMS = {
    "access_log": None,
    "usage_events": None,
    "aws_offers": "",
    "gcp_skus": "skus",
    "oci_price_list": "items",
}


@dataclass(frozen=True)
class Fault:
    """A value that a declaration refuses, and what is said of it."""

    column: str
    value: str
    reason: str


def faults(source: Source) -> list[Fault]:
    """Each typed column with a value of another kind, each required one empty, each list left."""
    kinds = [
        Fault(name, WRONG[kind], f"'{WRONG[kind]}' is not {KINDS[kind]}")
        for name, kind in source.types.items()
        if kind in KINDS and name not in source.accepted
    ]
    empty = [Fault(name, "", "is empty but required") for name in source.not_null]
    unheard = [
        Fault(name, "unheard-of", f"'unheard-of' is not one of {', '.join(values)}")
        for name, values in source.accepted.items()
    ]
    return [*kinds, *empty, *unheard]


def whole(source: Source) -> dict[str, Any]:
    """The sound record with every declared column."""
    return dict.fromkeys(source.types, "") | SOUND[source.name]


def write(folder: Path, source: Source, name: str, records: list[dict[str, Any]]) -> None:
    """Write records as the source is delivered."""
    if source.name in JSON_FORMS:
        at = JSON_FORMS[source.name]
        text = "\n".join(json.dumps(record) for record in records)
        if at is not None:
            text = json.dumps({at: records} if at else records, indent=1)
        path = folder / source.folder / f"{source.name}_{name}.json{'l' if at is None else ''}"
    else:
        table = io.StringIO(newline="")
        writer = csv.DictWriter(table, fieldnames=list(records[0]))
        writer.writeheader()
        writer.writerows(records)
        text, path = table.getvalue(), folder / source.folder / f"{source.name}_{name}.csv"
    write_bytes(path, text.encode())


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home refreshed from a sound file of each own input, and one with every fault of each."""
    folder = tmp_path_factory.mktemp("own_inputs")
    for name in DECLARED.keys() & SOUND.keys():
        source = DECLARED[name]
        sound = whole(source)
        write(folder / "landing", source, "sound", [sound])
        unsound = [sound | {fault.column: fault.value} for fault in faults(source)]
        write(folder / "landing", source, "unsound", [sound, *unsound])
    outcome = trueup("refresh", folder / "home", folder / "landing", "--json")
    if outcome.returncode != 2:
        pytest.fail(f"{outcome.stdout}\n{outcome.stderr}", False)
    return folder / "home"


@pytest.fixture(scope="module")
def files(landed: Path) -> dict[tuple[str, str], dict]:
    """Rows of fct_landed_files, shown to add up."""
    return landed_files(landed)


def path_of(source: Source, name: str) -> str:
    suffix = ".csv"
    if source.name in JSON_FORMS:
        suffix = ".jsonl" if JSON_FORMS[source.name] is None else ".json"
    return f"{source.folder}/{source.name}_{name}{suffix}"


def test_every_own_input_has_an_example_here() -> None:
    assert not DECLARED.keys() - SOUND.keys()


@pytest.mark.parametrize("name", DECLARED)
def test_a_sound_row_is_accepted_and_counted_once_where_it_has_a_key(
    name: str, files: dict
) -> None:
    rows = [files[(path_of(DECLARED[name], each), "accepted")] for each in ("sound", "unsound")]
    assert {row["source"] for row in rows} == {name} and rows[0]["rows_total"] == 1
    # the sound row stands in both files
    accepted, duplicate = (1, 1) if name in KEYED else (2, 0)
    assert sum(row["rows_accepted"] for row in rows) == accepted
    assert sum(row["rows_duplicate"] for row in rows) == duplicate


@pytest.mark.parametrize("name", DECLARED)
def test_each_refused_value_is_named_and_its_row_alone_is_refused(
    name: str, landed: Path, files: dict
) -> None:
    source = DECLARED[name]
    path, expected = path_of(source, "unsound"), faults(source)
    with release(landed) as marts:
        found = marts.execute(
            """
            select file_row, column_name, coalesce(value, ''), reason
            from marts.fct_quarantined_rows where path = ? order by file_row
            """,
            [path],
        ).fetchall()
    assert found == [(n, f.column, f.value, f.reason) for n, f in enumerate(expected, start=2)]
    row = files[(path, "accepted")]
    assert (row["rows_total"], row["rows_quarantined"]) == (1 + len(expected), len(expected))


def test_a_contract_version_with_two_contents_is_an_error_that_names_both_files(
    tmp_path: Path,
) -> None:
    source = DECLARED["contracts"]
    write(tmp_path / "landing", source, "signed", [whole(source)])
    write(tmp_path / "landing", source, "draft", [whole(source) | {"discount_percent": "9"}])
    outcome = trueup("refresh", tmp_path / "home", tmp_path / "landing")
    assert outcome.returncode == 1
    said = "contract_id edp, version 1, found_in contracts/contracts_draft.csv row 1,"
    assert f"{said} contracts/contracts_signed.csv row 1" in outcome.stderr
