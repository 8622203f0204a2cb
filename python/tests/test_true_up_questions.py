"""The true-up use cases: one planted month, each question with a figure worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from answers import Answers, compiled_analyses
from helpers import release, trueup, write_bytes, write_rows
from test_clusters import pod
from test_ownership import charge

MARCH = date(2025, 3, 1)
DAYS = [MARCH + timedelta(days=n) for n in range(6)]
BILLED = DAYS[1:5]  # our meters begin before the first line and end after the last
LATE = datetime.fromisoformat("2025-04-05T00:00:00+00:00").timestamp()
# Of what vendors bill: what they bill a day, and what our agents say; of flows one in ten.
EDGE, ORIGIN = (100, 100, 100, 100), (10, 10, 10, 10)
LOGGED = (100, 100, 90, 100)
CALLS, MADE = (1000, 1200, 1000, 1000), (1000, 1000, 1000, 1000)
FLOWS, SAMPLED = (100, 100, 100, 100), ("9.4", "9.6", "9.3", "9.7")
PRICES = {"EDGE": "0.1", "ORIGIN": "0.02", "CALL": "0.001", "FLOW": "0.05"}
USER = "user"


def billed(sku: str, resource: str, quantities: tuple[int, ...], **columns: str) -> list[dict]:
    """A line a day, at the price of the SKU."""
    return [
        charge(
            day, resource, str(quantity * Decimal(PRICES[sku])), SkuId=sku,
            PricingQuantity=str(quantity), ConsumedQuantity=str(quantity), **columns,
        )
        for day, quantity in zip(BILLED, quantities, strict=True)
    ]  # fmt: skip


def charges() -> list[dict[str, str]]:
    """A network that delivers, a function, flows through a gateway, and a node of a cluster."""
    data = {"PricingUnit": "GB", "ConsumedUnit": "GB", "Tags": '{"product":"media"}'}
    network = data | {"ServiceName": "Example CDN", "ServiceCategory": "Networking"}
    gateway = data | {"ServiceName": "Gateways", "ServiceCategory": "Networking"}
    calls = {"PricingUnit": "Requests", "ConsumedUnit": "Requests"}
    function = calls | {"ServiceName": "Example Functions", "ServiceCategory": "Compute"}
    hour = {"ChargePeriodStart": "2025-03-03 12:00:00", "ChargePeriodEnd": "2025-03-03 13:00:00"}
    return [
        *billed("EDGE", "site-1", EDGE, ChargeDescription="Data sent to viewers", **network),
        *billed("ORIGIN", "site-1", ORIGIN, ChargeDescription="Data from origin", **network),
        *billed("CALL", "f-1", CALLS, **function),
        *billed("FLOW", "nat-1", FLOWS, **gateway),
        charge(DAYS[2], "i-1", "1", SubAccountId="lab", **hour),
    ]


def event(kind: str, number: Any, day: date, subject: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": f"{kind}-{number}", "source": "/agents", "type": kind,
        "subject": subject, "time": f"{day}T12:00:00Z", "data": data,
    }  # fmt: skip


def counted(kind: str, resource: str, values: tuple[Any, ...], rate: str = "1") -> list[dict]:
    """What an agent says of a resource each day, and nothing on the days around."""
    return [
        event(kind, day, day, "1000", value=str(value), resource=resource, sampling_rate=rate)
        for day, value in zip(DAYS, (0, *values, 0), strict=True)
    ]


def events() -> list[dict[str, Any]]:
    """Logs of vendors' services, heartbeats, builds, and a customer's calls."""
    users, hosts = ("ann", "bob", "ann"), ("h-1", "h-2", "h-3")
    builds = (("web", 900), ("api", 300))
    return [
        *counted("edge", "site-1", LOGGED),
        *counted("call", "f-1", MADE),
        *counted("flow", "nat-1", SAMPLED, rate="0.1"),
        *(event("seat", n, DAYS[n], "corp", user=user) for n, user in enumerate(users)),
        *(event("agent", host, DAYS[0], "corp", user=host) for host in hosts),
        *(
            event("build", name, DAYS[n], "corp", value=minutes, repository=name)
            for n, (name, minutes) in enumerate(builds)
        ),
        event("api", 1, DAYS[0], "acme-1", value=80),
        event("api", 2, DAYS[1], "acme-1", value=50),
    ]


def meters() -> list[dict[str, str]]:
    kinds = {
        "edge": ("sum", "value", "GB", "EDGE", "resource"),
        "call": ("sum", "value", "Requests", "CALL", "resource"),
        "flow": ("sum", "value", "GB", "FLOW", "resource"),
        "seat": ("unique_count", USER, "Seats", "SEAT", ""),
        "agent": ("unique_count", USER, "Agents", "AGENT", ""),
        "build": ("sum", "value", "Minutes", "BUILD", "repository"),
        "api": ("sum", "value", "Calls", "API", ""),
    }
    names = ("aggregation", "value_property", "unit", "sku_id", "dimensions")
    return [
        {"meter_id": kind, "event_type": kind, "window": "month"}
        | dict(zip(names, values, strict=True))
        for kind, values in kinds.items()
    ]


def contracts() -> dict[str, list[dict[str, str]]]:
    """Terms with vendors and with the customer, their cards, and what they include."""
    parties = {
        "cloud": ("payable", "Example Cloud", "1000"),
        "office": ("payable", "Office", "corp"),
        "guard": ("payable", "Guard", "corp"),
        "ci": ("payable", "Builder", "corp"),
        "acme": ("receivable", "acme", "acme-1"),
    }
    prices = [("cloud", sku, price, "") for sku, price in PRICES.items()]
    prices += [("ci", "BUILD", "0.008", "1000"), ("acme", "API", "0.5", "100")]
    grants = (("office", "corp", "seat", "4"), ("guard", "corp", "agent", "2"),
              ("ci", "corp", "build", "1000"), ("acme", "acme-1", "api", "100"))  # fmt: skip
    since = {"version": "1", "effective_from": "2025-01-01"}
    return {
        "contracts": [
            since | {"contract_id": name, "direction": direction, "counterparty": party,
                     "account_id": account, "rate_card_id": name, "currency": "USD"}
            for name, (direction, party, account) in parties.items()
        ],
        "rate_cards": [
            since | {"rate_card_id": name, "sku_id": sku, "model": "standard", "tier": "1",
                     "tier_from": "0", "tier_to": "", "unit_price": price, "free_quantity": free,
                     "currency": "USD"}
            for name, sku, price, free in prices
        ],
        "entitlements": [
            since | {"contract_id": name, "account_id": account, "meter_id": meter,
                     "included_quantity": quantity, "period": "month", "overage_policy": "charge"}
            for name, account, meter, quantity in grants
        ],
    }  # fmt: skip


def invoices() -> list[dict[str, str]]:
    """Seats and agents as paid for, a cloud's invoice three too high, a customer's five."""
    exported = sum(Decimal(row["BilledCost"]) for row in charges())
    rows = [
        ("O-1", "payable", "Office", "corp", "recurring", "SEAT", "4", "40"),
        ("G-1", "payable", "Guard", "corp", "recurring", "AGENT", "2", "10"),
        ("C-1", "payable", "Example Cloud", "1", "usage", "", "", str(exported + 3)),
        ("A-1", "receivable", "us", "acme-1", "usage", "API", "140", "20"),
    ]
    names = ("invoice_id", "direction", "issuer", "account_id", "line_kind", "sku_id", "quantity",
             "amount")  # fmt: skip
    return [
        dict(zip(names, row, strict=True))
        | {"recipient": "acme" if row[1] == "receivable" else "us", "line_no": "1",
           "issued_at": "2025-04-02", "period_start": "2025-03-01", "period_end": "2025-04-01",
           "currency": "USD", "status": "final"}
        for row in rows
    ]  # fmt: skip


def pods() -> list[dict[str, str]]:
    """Of two cores, one pod requests half and uses an eighth, another uses what it requests."""
    return [
        pod(DAYS[2], 12) | {
            "pod": name, "namespace": name, "pod_labels": "",
            "pod_request_cpu_core_seconds": requested, "pod_usage_cpu_core_seconds": "900",
        }
        for name, requested in (("greedy", "3600"), ("modest", "900"))
    ]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("true-up")
    landing = place / "landing"
    write_rows(landing / "focus/march.csv", charges())
    write_rows(landing / "meters/meters.csv", meters())
    write_rows(landing / "kubernetes/one/pods.csv", pods())
    for name, rows in contracts().items():
        write_rows(landing / f"{name}/{name}.csv", rows)
    lines = "".join(json.dumps(each) + "\n" for each in events())
    moment = datetime.fromisoformat("2025-03-31T00:00:00+00:00").timestamp()
    write_bytes(landing / "usage_events/agents/march.jsonl", lines.encode(), moment)
    write_rows(landing / "invoices/march.csv", invoices(), LATE)
    close = {"billing_period": "2025-03-01", "direction": "payable", "actor": "finance",
             "closed_at": "2025-04-03T00:00:00Z", "grace_days": "5"}  # fmt: skip
    write_rows(landing / "period_closes/closes.csv", [close])
    tier = {"account_id": "1000", "customer": "", "tier": "silver", "tenant": "", "cohort": "",
            "legal_entity": "", "tax_jurisdiction": "", "valid_from": "2025-01-01",
            "valid_to": ""}  # fmt: skip
    write_rows(landing / "accounts/accounts.csv", [tier])
    outcome = trueup("refresh", place / "home", landing, "--json")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return place / "home"


@pytest.fixture(scope="module")
def answers(home: Path) -> Iterator[Answers]:
    answers = Answers(home, compiled_analyses(home))
    yield answers
    answers.connection.close()


def only(answers: Answers, name: str, **where: Any) -> dict[str, Any]:
    rows = answers.rows(name, **where)
    assert len(rows) == 1, rows
    return rows[0]


def has(row: dict[str, Any], **values: Any) -> None:
    assert {name: row[name] for name in values} == values


def test_calls_beyond_the_plan_are_due_and_the_rest_is_credited(answers: Answers) -> None:
    row = only(answers, "entitlement_true_up", meter_id="api", period_start=MARCH)
    has(row, entitled_quantity=100, used_quantity=130, overage_quantity=30, overage_amount=15,
        due_amount=15, invoiced_quantity=140, invoiced_amount=20, invoiced_less_due=5,
        consequence="charge", status="provisional")  # fmt: skip


def test_an_invoice_says_more_than_its_export_and_came_late(answers: Answers) -> None:
    row = only(answers, "provider_invoices", issuer="Example Cloud")
    has(row, invoice_id="C-1", difference=3, largest_difference_in="usage", status="exception")
    assert row["late_since"] == datetime(2025, 4, 5)


def test_seats_without_a_heartbeat_are_paid_for_nothing(answers: Answers) -> None:
    row = only(answers, "seats_and_agents", meter_id="seat", billing_period=MARCH)
    has(row, entitled_quantity=4, paid_quantity=4, active_quantity=2, inactive_quantity=2,
        unpaid_quantity=0, inactive_amount=20, status="final")  # fmt: skip


def test_agents_that_report_are_more_than_are_paid_for(answers: Answers) -> None:
    row = only(answers, "seats_and_agents", meter_id="agent", billing_period=MARCH)
    has(row, paid_quantity=2, active_quantity=3, inactive_quantity=0, unpaid_quantity=1)


def test_a_namespace_pays_for_what_it_requests_and_not_for_what_it_uses(answers: Answers) -> None:
    """Half and an eighth of the node, idle cores shared by them; by use both are alike."""
    row = only(answers, "kubernetes_requests", namespace="greedy")
    has(row, cpu_requested_core_hours=1, cpu_used_percent=25, cost_by_request=Decimal("0.8"),
        cost_by_use=Decimal("0.5"), true_up_cost=Decimal("-0.3"),
        unused_cost=Decimal("0.375"))  # fmt: skip
    has(only(answers, "kubernetes_requests", namespace="modest"), true_up_cost=Decimal("0.3"))


def test_the_edge_sends_what_the_origin_need_not(answers: Answers) -> None:
    row = only(answers, "cdn_edge_and_origin", product="media")
    has(row, edge_quantity=400, logged_edge_quantity=390, unlogged_edge_quantity=10,
        origin_quantity=40, offload_percent=90, edge_cost=40, origin_cost=Decimal("0.8"),
        overbilled_cost=1)  # fmt: skip


def test_calls_that_we_never_made_are_credited(answers: Answers) -> None:
    row = only(answers, "serverless_invocations", resource_id="f-1")
    has(row, component="calls", region_id="r1", billed_quantity=4200, metered_quantity=4000,
        surplus_quantity=200, true_up_cost=Decimal("0.2"), treatment="credit")  # fmt: skip


def test_a_repository_bears_its_part_of_the_minutes_beyond_the_plan(answers: Answers) -> None:
    row = only(answers, "ci_plan_minutes", repository="web")
    has(row, build_minutes=900, share_percent=75, plan_minutes=1000, plan_used_minutes=1200,
        plan_overage_minutes=200, plan_overage_amount=Decimal("1.6"),
        repository_overage_amount=Decimal("1.2"))  # fmt: skip


def test_flows_are_sampled_and_lean_to_one_side(answers: Answers) -> None:
    """Four days of 94 to 97 where 100 are billed; one event in ten leaves more room than silver."""
    row = only(answers, "sampled_telemetry", meter_id="flow")
    has(row, tier="silver", lowest_sampling_rate=Decimal("0.1"), estimated_quantity=380,
        tolerance_percent=2, billed_quantity=400, bias_quantity=-20, bias_percent=-5,
        is_biased=True, is_within_tolerance=False, variance_amount=1)  # fmt: skip
    squares = sum((Decimal(value) * 10) ** 2 for value in SAMPLED) * Decimal("0.9")
    bound = squares.sqrt() * Decimal("1.96")
    assert abs(row["error_bound_quantity"] - bound) < Decimal("0.000001")


def test_a_sampled_estimate_keeps_what_was_measured(home: Path) -> None:
    with release(home) as connection:
        rows = connection.execute("""
            select quantity_measured, quantity, sampled_count, line_count
            from marts.fct_sampled_usage
        """).fetchall()
    assert rows == [(38, 380, 6, 4)]
