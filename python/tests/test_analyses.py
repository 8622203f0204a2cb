"""The analyses, on real exports and on a planted month: one figure of each by Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from answers import Answers, Rows, compiled_analyses
from helpers import (
    EXAMPLES,
    PROJECT,
    read_rows,
    total,
    trueup,
    write_bytes,
    write_rows,
)
from test_ownership import RULE, charge

MARCH = [date(2025, 3, 1) + timedelta(days=n) for n in range(31)]
SPIKE = date(2025, 3, 19)
COLD = date(2025, 3, 11)  # from here on, 60 of 100 units are kept in the archive
TIERED = date(2025, 3, 16)  # and the metered SKU is priced in tiers
# Memory of a function in MB, by day.
MEMORY = {MARCH[2]: 512, MARCH[3]: 512, MARCH[4]: 512, MARCH[5]: 1024, MARCH[6]: 1024}
RESIZED = date(2025, 3, 15)  # a database moves to a tier that costs twice as much
CALLED = date(2025, 3, 13)  # a function is called ten times as often
SLOW = date(2025, 3, 15)  # and its calls take five times as long
T_OF_22_DEGREES = 2.073873  # quantile 0.975 of Student's distribution
SAVINGS_PLANS = "aws_cur/cur_savings_plans_2024-08.csv.gz"
OCI = "oci_cost/oci_cost_report_focus_converters.csv"
DOCUMENTED = {
    analysis["name"]: [column["name"] for column in analysis["columns"]]
    for analysis in yaml.safe_load((PROJECT / "analyses/_analyses.yml").read_text())["analyses"]
}


def planted() -> list[dict[str, str]]:
    """March 2025: shop machines that scale, a bucket that spikes, a function and builds."""
    rows = []
    for day in MARCH:
        hours = {"ConsumedQuantity": "24", "Tags": '{"team":"shop"}'}
        weekend = day.isoweekday() > 5
        machines = ("i-1",) if weekend else ("i-1", "i-2", "i-3")
        rows += [charge(day, machine, "2.4", **hours) for machine in machines]
        storage = {"ServiceCategory": "Storage", "ServiceName": "Buckets", "ConsumedUnit": "GB"}
        rows.append(charge(day, "bucket-1", "1", **storage))
        rows.append(charge(day, "bucket-2", "30" if day == SPIKE else "1.5", **storage))
    for cost, quantity, unit in (("0.4", "2000000", "Requests"), ("3.6", "216000", "GB-Seconds")):
        function = {"ServiceName": "Example Functions", "ServiceCategory": "Other"}
        used = {"ConsumedQuantity": quantity, "ConsumedUnit": unit}
        rows.append(charge(MARCH[0], "f-1", cost, **function, **used))
    for branch, minutes in (("main", "300"), ("next", "700")):
        builds = {"ServiceName": "Builds", "ServiceCategory": "Developer Tools"}
        used = {"ConsumedQuantity": minutes, "ConsumedUnit": "Minutes"}
        tags = f'{{"repository":"shop-web","branch":"{branch}"}}'
        cost = str(Decimal(minutes) / 125)
        rows.append(charge(MARCH[0], f"runner-{branch}", cost, Tags=tags, **builds, **used))
    for day in MARCH:
        rows += [*stored(day), metered(day), *searched(day), database(day)]
    rows.append(charge(date(2025, 2, 10), "", "-5", ChargeCategory="Credit", SkuId=""))
    rows += [*spiking(), *media()]
    rows += [
        charge(day, "path/f-2", "0.4" if memory == 1024 else "0.2", **function)
        for day, memory in MEMORY.items()
    ]
    return rows


def spiking() -> list[dict[str, str]]:
    """A function with a day of ten times the calls and a day of calls five times as long."""
    rows = []
    for day in MARCH[9:18]:
        times = 10 if day == CALLED else 1
        length = 5 if day == SLOW else times
        for quantity, cost, unit in (
            (100_000 * times, Decimal("0.02") * times, "Requests"),
            (10_000 * length, Decimal("0.18") * length, "GB-Seconds"),
        ):
            used = {"ConsumedQuantity": str(quantity), "ConsumedUnit": unit}
            function = {"ServiceName": "Example Functions", "ServiceCategory": "Other"}
            rows.append(charge(day, "f-3", str(cost), **function, **used))
    return rows


def media() -> list[dict[str, str]]:
    """Two products that a network delivers, one of them for a customer, and its logs."""
    network = {"ServiceName": "Example CDN", "ServiceCategory": "Networking"}
    customer, nobody = '{"product":"media","tenant":"acme"}', '{"product":"news"}'
    sent = {"ConsumedUnit": "GB", "ChargeDescription": "Data sent to viewers"} | network
    asked = {"ConsumedUnit": "Requests", "ConsumedQuantity": "1000000"} | network
    logs = {"ServiceName": "Example Logging", "ServiceCategory": "Management and Governance"}
    return [
        charge(MARCH[0], "site-1", "4", ConsumedQuantity="50", Tags=customer, **sent),
        charge(MARCH[1], "site-1", "2", ConsumedQuantity="30", Tags=customer, **sent),
        charge(MARCH[1], "site-1", "1.5", Tags=customer, **asked),
        charge(MARCH[0], "site-2", "0.8", ConsumedQuantity="8", Tags=nobody, **sent),
        charge(MARCH[0], "logs-1", "2.5", ConsumedQuantity="5", Tags=customer, **logs),
    ]


def stored(day: date) -> list[dict[str, str]]:
    """Data on a disk, and from a day on most of it in the archive, which is read once."""
    disk = {"ServiceCategory": "Storage", "ServiceName": "Volumes", "PricingUnit": "GB-Days"}
    if day < COLD:
        return [charge(day, "disk", "2", PricingQuantity="100", ChargeDescription="Disk", **disk)]
    archive = disk | {"SkuId": "A", "ChargeDescription": "Archive"}
    rows = [
        charge(day, "disk", "0.8", PricingQuantity="40", ChargeDescription="Disk", **disk),
        charge(day, "disk-archive", "0.24", PricingQuantity="60", **archive),
    ]
    if day == date(2025, 3, 20):
        fetched = {"ChargeDescription": "Archive retrieval", "PricingUnit": "GB"}
        rows.append(charge(day, "disk-archive", "0.5", PricingQuantity="5", **(archive | fetched)))
    return rows


def metered(day: date) -> dict[str, str]:
    """Ten units a day at 0.3; in tiers the 201st and later cost 0.1. The last day is overbilled."""
    used = {"ServiceName": "Metered", "ServiceCategory": "Other", "SkuId": "M"}
    price = Decimal("0.3") if day <= date(2025, 3, 20) else Decimal("0.1")
    cost = str(10 * price + (Decimal("0.5") if day == MARCH[-1] else 0))
    return charge(
        day, "meter-1", cost, SubAccountId="7000", PricingQuantity="10", PricingUnit="Units",
        ContractedUnitPrice=str(price), **used,
    )  # fmt: skip


def searched(day: date) -> list[dict[str, str]]:
    """A small part of a service takes five times its units on two days, after a deployment."""
    used = {"ServiceName": "Search", "ServiceCategory": "Other", "SkuId": "Q"}
    units = 25 if day in (SPIKE, SPIKE + timedelta(1)) else 5
    tags = '{"product":"search"}'
    small = charge(
        day, "search-1", str(units * Decimal("0.1")), Tags=tags, PricingQuantity=str(units), **used
    )
    return [small, charge(day, "search-2", "10", PricingQuantity="100", **used)]


def database(day: date) -> dict[str, str]:
    """A day of the ledger's database, on the small or on the large tier."""
    cost, tier = ("2.4", "DB-S") if day < RESIZED else ("4.8", "DB-L")
    used = {"ServiceName": "Databases", "ServiceCategory": "Databases", "PricingQuantity": "24"}
    return charge(day, "ledger-1", cost, SkuId=tier, Tags='{"product":"ledger"}', **used)


def booked(day: date) -> int:
    """Transactions of the ledger: by turns 90 and 110 a day."""
    return 90 + day.day % 2 * 20


def tiers() -> list[dict[str, str]]:
    """The rate card of the metered SKU: one price, then tiers."""
    columns = (
        "rate_card_id", "version", "sku_id", "model", "tier", "tier_from", "tier_to", "unit_price",
        "currency", "effective_from", "effective_to",
    )  # fmt: skip
    rows = [
        ("R", "1", "M", "standard", "1", "0", "", "0.3", "USD", "2025-01-01", str(TIERED)),
        ("R", "2", "M", "graduated", "1", "0", "200", "0.3", "USD", str(TIERED), ""),
        ("R", "2", "M", "graduated", "2", "200", "", "0.1", "USD", str(TIERED), ""),
    ]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def invoice() -> list[dict[str, str]]:
    """What the customer pays for March: 12.50, less a credit, and tax."""
    head = {
        "invoice_id": "A-1", "direction": "receivable", "issuer": "us", "recipient": "acme",
        "account_id": "acme-1", "issued_at": "2025-04-02", "period_start": "2025-03-01",
        "period_end": "2025-04-01", "currency": "USD", "status": "final",
    }  # fmt: skip
    lines = (("usage", "12.5"), ("credit", "-1"), ("tax", "2.3"))
    return [
        head | {"line_no": str(n), "line_kind": kind, "amount": amount}
        for n, (kind, amount) in enumerate(lines)
    ]


def reservation() -> dict[str, str]:
    """A year at 365 upfront and a cent an hour."""
    return {
        "commitment_id": "r-1", "contract_id": "C", "kind": "reservation", "sku_pattern": "R",
        "quantity_per_hour": "1", "upfront_fee": "365", "recurring_fee_per_hour": "0.01",
        "currency": "USD", "starts_at": "2025-01-01", "ends_at": "2026-01-01",
    }  # fmt: skip


def calls() -> bytes:
    """A thousand calls of the function a day, as events that say its memory."""
    return b"".join(
        json.dumps({
            "specversion": "1.0", "id": f"calls-{day}", "source": "/agents", "subject": "1000",
            "type": "function.called", "time": f"{day}T12:00:00Z",
            "data": {"calls": 1000, "resource": "f-2", "memory_mb": memory},
        }).encode() + b"\n"
        for day, memory in MEMORY.items()
    )  # fmt: skip


def pods() -> list[dict[str, str]]:
    """One pod on each machine on the first Monday, at half of its cores."""
    zero = dict.fromkeys(
        (
            "pod_request_cpu_core_seconds", "pod_limit_cpu_core_seconds",
            "pod_usage_memory_byte_seconds", "pod_request_memory_byte_seconds",
            "pod_limit_memory_byte_seconds", "node_capacity_memory_bytes",
            "node_capacity_memory_byte_seconds",
        ),
        "0",
    )  # fmt: skip
    return [
        zero | {
            "report_period_start": "2025-03-01 00:00:00 +0000 UTC",
            "report_period_end": "2025-04-01 00:00:00 +0000 UTC",
            "interval_start": "2025-03-03 08:00:00 +0000 UTC",
            "interval_end": "2025-03-03 08:59:59 +0000 UTC",
            "pod": f"web-{n}", "namespace": "shop", "node": f"node-{n}", "resource_id": f"i-{n}",
            "pod_usage_cpu_core_seconds": "3600", "node_capacity_cpu_cores": "2",
            "node_capacity_cpu_core_seconds": "7200", "pod_labels": "",
        }
        for n in (1, 2, 3)
    ]  # fmt: skip


def land(landing: Path) -> Path:
    """The landing folder of the planted month: charges and all that analyses ask for."""
    write_rows(landing / "focus/march.csv", planted())
    write_rows(landing / "kubernetes/one/pods.csv", pods())
    rules = [
        {"priority": "1", "match_on": "tag:team", "pattern": "shop", "owner": "shop",
         "product": "checkout", "cost_center": "CC-1"},
        {"priority": "2", "match_on": "tag:repository", "pattern": "shop-*", "owner": "web"},
    ]  # fmt: skip
    write_rows(landing / "owners/rules.csv", [dict.fromkeys(RULE, "") | rule for rule in rules])
    write_rows(
        landing / "owner_directory/owners.csv",
        [{"owner": "web", "cost_center": "CC-2", "mode": "chargeback", "approver": "ada"}],
    )
    metrics = ("metric_date", "metric", "owner", "product", "tenant", "cohort", "value")
    values = [
        ("2025-03-01", "revenue", "", "checkout", "", "", "400"),
        ("2025-03-31", "revenue", "", "checkout", "", "", "100"),
        ("2025-03-31", "transactions", "", "checkout", "", "", "1000"),
        *((f"{day}", "transactions", "", "ledger", "", "", f"{booked(day)}") for day in MARCH),
    ]
    write_rows(
        landing / "business_metrics/metrics.csv",
        [dict(zip(metrics, row, strict=True)) for row in values],
    )
    budget = ("budget_id", "owner", "product", "period_start", "period_end", "amount", "currency")
    row = ("b-1", "web", "shop-web", "2025-03-01", "2025-04-01", "6.40", "USD")
    write_rows(landing / "budgets/budgets.csv", [dict(zip(budget, row, strict=True))])
    write_rows(landing / "rate_cards/cards.csv", tiers())
    contract = {
        "contract_id": "C", "version": "1", "direction": "payable", "account_id": "7000",
        "counterparty": "Example Cloud", "rate_card_id": "R", "currency": "USD",
        "effective_from": "2025-01-01", "effective_to": "",
    }  # fmt: skip
    write_rows(landing / "contracts/contracts.csv", [contract])
    meter = {
        "meter_id": "calls", "event_type": "function.called", "aggregation": "sum",
        "value_property": "calls", "unit": "Calls", "dimensions": "resource;memory_mb",
    }  # fmt: skip
    write_rows(landing / "meters/meters.csv", [meter])
    write_bytes(landing / "usage_events/functions/march.jsonl", calls())
    deployment = ("deployed_at", "service", "version", "owner", "resource_pattern", "commit")
    deployments = [
        (f"{SPIKE - timedelta(2)} 12:00:00", "search", "1.1", "web", "", "a1"),
        (f"{SPIKE} 00:30:00", "search", "1.2", "web", "", "b2"),
        (f"{SPIKE} 01:00:00", "shop", "7.0", "web", "", "c3"),
    ]
    write_rows(
        landing / "deployments/deployments.csv",
        [dict(zip(deployment, row, strict=True)) for row in deployments],
    )
    write_rows(landing / "invoices/acme.csv", invoice())
    write_rows(landing / "commitments/vendors.csv", [reservation()])
    return landing


@pytest.fixture(scope="module")
def queries(refreshed: Path) -> dict[str, str]:
    """SQL of each analysis, compiled once."""
    return compiled_analyses(refreshed)


@pytest.fixture(scope="module")
def bundled(refreshed: Path, queries: dict[str, str]) -> Iterator[Answers]:
    """Answers on the bundled real exports."""
    answers = Answers(refreshed, queries)
    yield answers
    answers.connection.close()


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory, queries: dict[str, str]) -> Iterator[Answers]:
    """Answers on the planted month."""
    place = tmp_path_factory.mktemp("planted")
    outcome = trueup("refresh", place / "home", land(place / "landing"), "--json")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    answers = Answers(place / "home", queries)
    yield answers
    answers.connection.close()


def only(rows: Rows) -> dict[str, Any]:
    assert len(rows) == 1, rows
    return rows[0]


def test_every_analysis_is_documented_and_asks_its_question_first(queries: dict[str, str]) -> None:
    assert queries.keys() == DOCUMENTED.keys()
    for name, query in queries.items():
        first = query.splitlines()[0]
        assert first.startswith("-- ") and first.endswith("?"), name


# asked of a quarter with rules, drivers and an incident in test_internal_billing.py, of tags that
# policies ask for in test_ownership.py, of entitlements and samples in test_true_up_questions.py
ELSEWHERE = {
    "ci_plan_minutes", "entitlement_true_up", "incident_costs", "internal_transfers",
    "platform_unit_prices", "sampled_telemetry", "seats_and_agents", "tag_compliance",
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTED)
def test_an_analysis_answers_with_the_documented_columns(
    name: str, bundled: Answers, month: Answers
) -> None:
    assert bundled.columns(name) == DOCUMENTED[name]
    assert name in ELSEWHERE or bundled.rows(name) or month.rows(name)
    types = [str(c[1]) for c in month.connection.execute(month.queries[name]).description or []]
    assert not {"DOUBLE", "FLOAT"} & set(types)


def test_teams_are_charged_what_their_rules_own(month: Answers) -> None:
    """Three machines on 21 weekdays, one on ten days of weekends."""
    shop = only(month.rows("team_chargeback", owner="shop"))
    assert shop["effective_cost"] == Decimal("2.4") * (21 * 3 + 10)
    web = only(month.rows("team_chargeback", owner="web"))
    assert (web["cost_center"], web["charging_mode"]) == ("CC-2", "chargeback")
    everything = total(row["EffectiveCost"] for row in planted())
    assert sum(row["effective_cost"] for row in month.rows("team_chargeback")) == everything


def test_only_the_day_that_is_far_from_its_weekdays_is_an_anomaly(month: Answers) -> None:
    """Machines that stop every weekend are no anomaly."""
    found = only(month.rows("cost_anomalies"))
    assert (found["usage_date"], found["top_resource_id"]) == (SPIKE, "bucket-2")
    assert (found["expected_cost"], found["excess_cost"]) == (Decimal("2.5"), Decimal("28.5"))
    assert found["days_compared"] == 3


def test_a_savings_plan_is_used_and_covers_as_its_report_says(bundled: Answers) -> None:
    rows = read_rows(EXAMPLES / SAVINGS_PLANS)
    covered = [r for r in rows if r["lineItem/LineItemType"] == "SavingsPlanCoveredUsage"]
    used = total(row["savingsPlan/SavingsPlanEffectiveCost"] for row in covered)
    found = only(bundled.rows("commitment_coverage", commitment_type="ComputeSavingsPlans"))
    assert found["used_cost"] == used
    assert found["unused_cost"] == Decimal(18)
    percent = used * 100 / (used + 18)
    assert abs(found["utilisation_percent"] - percent) <= Decimal("0.005")


def test_a_product_earns_its_revenue_less_its_charges(month: Answers) -> None:
    found = only(month.rows("product_profitability", product="checkout"))
    cost = Decimal("2.4") * (21 * 3 + 10)
    assert (found["revenue_reporting"], found["margin_reporting"]) == (500, 500 - cost)
    assert found["cost_per_transaction"] == cost / 1000


def test_the_trail_of_a_file_leads_to_all_its_rows_and_money(bundled: Answers) -> None:
    rows = read_rows(EXAMPLES / OCI)
    found = only(bundled.rows("compliance_trail", path=OCI))
    assert found["rows_total"] == found["charge_count"] == len(rows)
    assert found["billed_cost"] == total(row["cost/myCost"] for row in rows)
    assert len(found["sha256"]) == 64


def test_machines_above_the_leanest_day_are_what_scaling_costs(month: Answers) -> None:
    """On a Monday two of three machines run that do not on Sunday; a cluster names its fleet."""
    days = {row["usage_date"]: row for row in month.rows("autoscaling_cost")}
    sunday, tuesday = days[date(2025, 3, 2)], days[date(2025, 3, 4)]
    assert (sunday["machine_count"], sunday["scaling_cost"]) == (1, 0)
    assert tuesday["base_machine_hours"] == 24
    assert tuesday["scaling_cost"] == Decimal("7.2") * Decimal("0.666666")
    assert days[date(2025, 3, 3)]["cpu_used_percent"] == 50


def test_a_function_costs_its_calls_and_its_time(month: Answers) -> None:
    found = only(month.rows("serverless_breakdown", resource_id="f-1"))
    assert (found["calls"], found["call_cost"]) == (2_000_000, Decimal("0.4"))
    assert (found["duration_cost"], found["other_cost"]) == (Decimal("3.6"), 0)
    assert found["cost_per_1000_calls"] == Decimal("0.002")


def test_data_between_regions_costs_what_those_meters_do(bundled: Answers) -> None:
    rows = [
        row
        for row in read_rows(EXAMPLES / SAVINGS_PLANS)
        if row["lineItem/UsageType"].endswith("-AWS-Out-Bytes")
    ]
    found = [
        row
        for row in bundled.rows("cross_region_egress", traffic="between_regions")
        if row["billing_period"] == date(2024, 8, 1)
    ]
    assert sum(row["effective_cost"] for row in found) == total(
        row["lineItem/UnblendedCost"] for row in rows
    )
    assert {row["route"] for row in found} == {
        row["lineItem/UsageType"].removesuffix("-AWS-Out-Bytes") for row in rows
    }


def test_a_repository_over_its_budget_is_named(month: Answers) -> None:
    found = month.rows("ci_governance", repository="shop-web")
    assert [(row["branch"], row["build_minutes"], row["effective_cost"]) for row in found] == [
        ("next", 700, Decimal("5.6")),
        ("main", 300, Decimal("2.4")),
    ]
    assert {
        (r["repository_cost"], r["budget_used_percent"], r["budget_status"]) for r in found
    } == {(Decimal(8), Decimal(125), "over_budget")}


def test_databases_cost_machines_and_storage_as_their_products_say(bundled: Answers) -> None:
    rows = read_rows(EXAMPLES / OCI)
    product = "MySQL Database Service - Storage"
    storage = total(r["cost/myCost"] for r in rows if r["product/Description"] == product)
    found = only(bundled.rows("managed_database_drivers", service_name="MYSQL", driver="storage"))
    assert found["effective_cost"] == storage != 0
    assert found["share_percent"] == Decimal("1.91")


def test_a_price_model_is_compared_with_the_one_before(month: Answers) -> None:
    """Half a month at one price; in tiers 50 units more cost as much, the other 110 a third."""
    before, after = month.rows("price_model_migrations", sku_id="M")
    assert (before["price_model"], after["price_model"]) == ("standard", "graduated")
    assert (before["expected_amount"], before["amount_at_former_price"]) == (45, None)
    assert (after["expected_amount"], after["billed_amount"]) == (26, Decimal("26.5"))
    assert after["amount_at_former_price"] == Decimal("0.3") * 160
    assert (after["variance_amount"], after["amount_change"]) == (Decimal("0.5"), Decimal("-21.5"))


def test_a_tier_costs_what_is_fetched_from_it_and_saves_what_moved(month: Answers) -> None:
    disk = only(month.rows("storage_tiers", tier="Disk"))
    assert (disk["storage_cost"], disk["saving"]) == (Decimal(20) + Decimal("0.8") * 21, None)
    archive = only(month.rows("storage_tiers", tier="Archive"))
    kept, fetched = Decimal("0.24") * 21, Decimal("0.5")
    assert (archive["storage_cost"], archive["retrieval_cost"]) == (kept, fetched)
    assert archive["saving"] == Decimal("0.02") * 60 * 21 - kept - fetched


def test_a_thousand_calls_cost_twice_as_much_with_twice_the_memory(month: Answers) -> None:
    small, large = month.rows("function_memory_settings", resource_id="path/f-2")
    assert (small["memory_mb"], small["calls"], small["effective_cost"]) == (
        512,
        3000,
        Decimal("0.6"),
    )
    assert (large["memory_mb"], large["calls"], large["effective_cost"]) == (
        1024,
        2000,
        Decimal("0.8"),
    )
    assert (small["cost_per_1000_calls"], small["above_cheapest"]) == (Decimal("0.2"), 0)
    assert (large["cost_per_1000_calls"], large["above_cheapest"]) == (
        Decimal("0.4"),
        Decimal("0.2"),
    )


def test_a_spike_leads_to_the_deployment_that_began_it(month: Answers) -> None:
    """Twenty units beyond the usual five on each of two days."""
    first, second = month.rows("spike_postmortem", resource_id="search-1")
    assert (first["usage_date"], second["usage_date"]) == (SPIKE, SPIKE + timedelta(1))
    assert (first["service"], first["version"], first["commit_id"]) == ("search", "1.2", "b2")
    assert (first["usual_quantity"], first["excess_quantity"]) == (5, 20)
    assert (first["excess_cost"], first["charge_count"], first["usage_count"]) == (2, 1, 0)
    assert (second["spike_cost"], second["deployment_cost"]) == (4, 4)


def test_nodes_without_pods_are_paid_for_nothing(month: Answers) -> None:
    """Pods ran on three machines on one Monday; two of the machines are away on weekends."""
    found = only(month.rows("cluster_growth"))
    assert (found["cluster"], found["most_nodes"], found["added_cost"]) == ("one", 3, 0)
    assert found["billed_cost"] == Decimal("2.4") * (21 * 3 + 10)
    assert found["empty_cost"] == found["billed_cost"] - Decimal("7.2")


def test_a_credit_of_an_earlier_month_stands_where_it_is_billed(month: Answers) -> None:
    found = only(month.rows("late_and_retroactive"))
    assert (found["kind"], found["amount"], found["row_count"]) == ("credit", -5, 1)
    assert found["origin_period"] == date(2025, 2, 1)
    assert found["posting_period"] == date(2025, 3, 1)


def test_a_day_of_more_calls_and_a_day_of_dearer_calls_are_spikes(month: Answers) -> None:
    more, dearer = month.rows("serverless_spikes")
    assert {more["resource_id"], dearer["resource_id"]} == {"f-3"}
    assert (more["usage_date"], more["reason"], more["times_usual"]) == (CALLED, "more_calls", 10)
    assert (more["calls"], more["usual_calls"]) == (1_000_000, 100_000)
    assert (dearer["usage_date"], dearer["reason"]) == (SLOW, "dearer_calls")
    assert dearer["excess_cost"] == Decimal("0.92") - Decimal("0.2")


def test_a_network_costs_each_product_what_it_sends(month: Answers) -> None:
    media, news = month.rows("cdn_egress_by_product")
    assert (media["product"], media["egress_quantity"], media["egress_unit"]) == ("media", 80, "GB")
    assert (media["egress_cost"], media["other_cost"]) == (6, Decimal("1.5"))
    assert media["cost_per_unit"] == Decimal("0.075")
    assert (news["product"], news["egress_cost"], news["other_cost"]) == ("news", Decimal("0.8"), 0)


def test_logs_cost_a_third_of_what_they_observe(month: Answers) -> None:
    found = only(month.rows("observability_costs"))
    assert (found["product"], found["service_name"]) == ("media", "Example Logging")
    assert (found["effective_cost"], found["observed_cost"]) == (Decimal("2.5"), Decimal("7.5"))
    assert found["percent_of_observed"] == Decimal("33.33")


def test_a_tool_of_the_vendor_costs_what_its_lines_do(bundled: Answers) -> None:
    rows = [r for r in read_rows(EXAMPLES / OCI) if r["product/service"] == "TELEMETRY"]
    found = bundled.rows("observability_costs", service_name="TELEMETRY")
    assert sum(r["effective_cost"] for r in found) == total(r["cost/myCost"] for r in rows) != 0


def test_a_customer_leaves_what_vendors_do_not_cost(month: Answers) -> None:
    found = only(month.rows("reseller_margin"))
    assert (found["customer"], found["invoiced_reporting"]) == ("acme", Decimal("12.5"))
    assert (found["credits_reporting"], found["vendor_cost_reporting"]) == (-1, 10)
    assert (found["margin_reporting"], found["margin_percent"]) == (Decimal("2.5"), 20)


def test_a_fee_is_spread_over_the_hours_of_its_year(month: Answers) -> None:
    """A dollar a day; each hour is cut to 18 places, and the last one takes what is left."""
    found = only(month.rows("commitment_amortisation", billing_period=MARCH[0]))
    assert round(found["amortised_fee"], 12) == 31
    assert round(found["fee_amortised_so_far"], 12) == 90
    assert found["recurring_fee"] == Decimal("7.44")


def test_a_dearer_tier_costs_more_a_transaction_than_days_differ(month: Answers) -> None:
    """14 days of the small tier against 16 after the day of the change; Welch by hand."""
    found = only(month.rows("size_trials"))
    assert (found["changed_on"], found["a_sku_id"], found["b_sku_id"]) == (RESIZED, "DB-S", "DB-L")
    assert (found["a_unit_cost"], found["b_unit_cost"]) == (Decimal("0.024"), Decimal("0.048"))
    assert (found["unit_cost_difference"], found["difference_percent"]) == (Decimal("0.024"), 100)
    squares = []
    for days, cost in ((MARCH[:14], 2.4), (MARCH[15:], 4.8)):
        units = [booked(day) for day in days]
        assert len(days) in (found["a_day_count"], found["b_day_count"])
        off = [(cost - len(days) * cost / sum(units) * count) ** 2 for count in units]
        squares.append((sum(off) / (len(days) - 1) * len(days) / sum(units) ** 2, len(days) - 1))
    degrees = sum(s for s, _ in squares) ** 2 / sum(s**2 / n for s, n in squares)
    reach = T_OF_22_DEGREES * sum(s for s, _ in squares) ** 0.5
    assert int(degrees) == 22
    assert abs(float(found["difference_low"]) - (0.024 - reach)) < 1e-9
    assert abs(float(found["difference_high"]) - (0.024 + reach)) < 1e-9
    assert found["is_beyond_scatter"]
    assert found["excess_cost"] == Decimal("2.4") * 17
