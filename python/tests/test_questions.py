"""Questions of a release that publish nothing: explain, reprice, shadow."""

from __future__ import annotations

import json
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from helpers import release, releases, run, trueup, write_bytes, write_rows

CARD = {
    "rate_card_id": "card", "version": "1", "sku_id": "calls", "model": "graduated", "tier": "1",
    "tier_from": "0", "tier_to": "10", "unit_price": "1", "currency": "USD",
    "effective_from": "2025-01-01", "reset": "month", "rounding_scale": "2",
}  # fmt: skip
DEARER = CARD | {"tier": "2", "tier_from": "10", "tier_to": "", "unit_price": "3"}
CONTRACT = {
    "contract_id": "k", "version": "1", "direction": "receivable", "counterparty": "acme",
    "account_id": "acme", "rate_card_id": "card", "currency": "USD", "discount_percent": "10",
    "effective_from": "2025-01-01", "tax_rate": "20", "tax_scope": "invoice",
}  # fmt: skip
METER = {
    "meter_id": "calls", "event_type": "call", "aggregation": "sum", "value_property": "value",
    "unit": "Calls", "sku_id": "calls", "window": "event",
}  # fmt: skip
USED = ("8", "4.5")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("questions")
    landing = folder / "landing"
    write_rows(landing / "rate_cards/cards.csv", [CARD, DEARER])
    write_rows(landing / "contracts/contracts.csv", [CONTRACT])
    write_rows(landing / "meters/meters.csv", [METER])
    events = [
        {"specversion": "1.0", "id": str(n), "source": "/calls", "type": "call", "subject": "acme",
         "time": f"2025-11-0{n + 1}T00:00:00Z", "data": {"value": value}}
        for n, value in enumerate(USED)
    ]  # fmt: skip
    lines = "".join(json.dumps(event) + "\n" for event in events)
    write_bytes(landing / "usage_events/calls.jsonl", lines.encode())
    assert trueup("refresh", folder / "home", landing).returncode == 0
    return folder / "home"


def ask(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run([*words, "--home", str(home)], home)


def charge(home: Path, condition: str) -> str:
    with release(home) as marts:
        query = f"select expected_charge_id from marts.fct_expected_charges where {condition}"
        return str((marts.execute(query).fetchone() or ("",))[0])


def test_explain_tells_usage_version_tiers_discounts_and_rounding(home: Path) -> None:
    told = ask(home, "explain", charge(home, "quantity = 4.5")).stdout
    for part in (
        "acme is billed by us: usage of SKU calls", "4.5 Calls, by our own metering",
        "usage_events/calls.jsonl, row 2", "Contract k, version 1", "Rate card card, version 1",
        "8 used before in the period from 2025-11-01, in 1 rows", "tier 1: 2 at 1 = 2 USD",
        "tier 2: 2.5 at 3 = 7.5 USD", "Tiers together: 9.5 USD", "Less 10 percent by the contract",
        "rounded to 2 decimals, half up", "Expected: 8.55 USD",
    ):  # fmt: skip
        assert part in told


def test_explain_tells_what_a_months_tax_is_of(home: Path) -> None:
    found = json.loads(ask(home, "explain", charge(home, "charge_kind = 'tax'"), "--json").stdout)
    told = "\n".join(found[0]["lines"])
    assert "Tax of 20 percent on what the month comes to after credit, rounded by invoice" in told
    assert "usage calls: 15.75 USD" in told
    assert "Expected: 3.15 USD" in told


@pytest.mark.parametrize("identity", ["nothing", "00000000-0000-0000-0000-000000000000"])
def test_explain_knows_no_such_charge(home: Path, identity: str) -> None:
    outcome = ask(home, "explain", identity)
    assert outcome.returncode == 3
    assert identity in outcome.stderr


def test_reprice_replaces_a_card(home: Path, tmp_path: Path) -> None:
    before = releases(home)
    file = write_rows(tmp_path / "card.csv", [CARD, DEARER | {"unit_price": "4"}])
    (row,) = repriced(home, "--card", str(file))
    assert (row["expected_amount"], row["repriced_amount"]) == (Decimal("15.75"), Decimal(18))
    assert row["difference"] == Decimal("2.25")
    assert "2.25" in ask(home, "reprice", "--card", str(file)).stdout
    assert releases(home) == before


def repriced(home: Path, *words: str) -> list[dict[str, Any]]:
    found = json.loads(ask(home, "reprice", *words, "--json").stdout)
    amounts = ("expected_amount", "repriced_amount", "difference")
    return [row | {name: Decimal(row[name]) for name in amounts} for row in found]


def test_reprice_by_a_version_at_all_times(home: Path) -> None:
    (row,) = repriced(home, "--rate-card", "card", "--version", "1")
    assert row["difference"] == 0


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([CARD | {"reset": "year", "tier_to": ""}], "try it with `trueup shadow`"),
        ([{"rate_card_id": "card"}], "lacks the column model"),
        ([CARD | {"unit_price": "cheap"}], "cheap"),
    ],
)
def test_reprice_says_why_it_cannot(
    home: Path, tmp_path: Path, rows: list[dict[str, str]], told: str
) -> None:
    outcome = ask(home, "reprice", "--card", str(write_rows(tmp_path / "card.csv", rows)))
    assert outcome.returncode == 3
    assert told in outcome.stderr


def test_shadow_reports_what_would_differ_and_leaves_all_as_it_is(
    home: Path, tmp_path: Path
) -> None:
    before = releases(home)
    changed = [CARD, DEARER | {"unit_price": "4", "reset": "month"}]
    write_rows(tmp_path / "changed/rate_cards/cards.csv", changed)
    words = ("shadow", "--landing", str(tmp_path / "changed"), "--as-of", "2026-01-31T12:00:00Z")
    outcome = ask(home, *words, "--json", "--quiet")
    assert outcome.returncode == 0, outcome.stderr
    found = json.loads(outcome.stdout)["comparison"]
    assert {(row["subject"], row["figure"], Decimal(row["difference"])) for row in found} == {
        ("receivable acme usage", "expected", Decimal("2.25")),
        ("receivable acme tax", "expected", Decimal("0.45")),
        ("acme awaiting_bill unbilled", "difference", Decimal("-2.25")),
        ("acme awaiting_bill tax", "difference", Decimal("-0.45")),
    }
    assert releases(home) == before
    assert not (home / "shadow").exists()


def test_nothing_can_be_asked_before_the_first_release(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "home", ignore_errors=True)
    for words in (("explain", "x"), ("reprice", "--card", "x"), ("shadow",)):
        outcome = ask(tmp_path / "home", *words)
        assert outcome.returncode == 3
        assert "Nothing is published" in outcome.stderr
