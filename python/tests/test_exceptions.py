"""What becomes of a difference: one planted month, four refreshes, decisions between them."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import read_rows, run, trueup, write_rows
from test_ownership import charge

VENDOR = "Example Cloud"
# Billed of each SKU; ten units of each, at a price of 1 by the card, so that 10 is expected.
BILLED = {
    "tolerated": "10.005", "accepted": "15", "disputed": "3010", "gated": "20010", "under": "7",
    "gone": "12", "unpriced": "4",
}  # fmt: skip
CHANGED = {sku: cost for sku, cost in BILLED.items() if sku != "gone"} | {
    "accepted": "25", "under": "10",
}  # fmt: skip
UNKNOWN = "00000000-0000-0000-0000-000000000000"
CARD = {
    "rate_card_id": "card", "version": "1", "model": "graduated", "tier": "1", "tier_from": "0",
    "unit_price": "1", "currency": "USD", "effective_from": "2025-01-01", "reset": "month",
}  # fmt: skip
CONTRACT = {
    "contract_id": "k", "version": "1", "direction": "payable", "counterparty": VENDOR,
    "account_id": "1", "rate_card_id": "card", "currency": "USD", "effective_from": "2025-01-01",
    "payment_terms_days": "30",
}  # fmt: skip
INVOICE = {
    "direction": "payable", "issuer": VENDOR, "issued_at": "2026-01-08",
    "period_start": "2026-01-01", "line_no": "1", "line_kind": "usage", "currency": "USD",
    "status": "issued", "due_at": "2026-01-28", "po_number": "",
}  # fmt: skip
INVOICES = [
    INVOICE | {"invoice_id": "I-1", "amount": "23068"},
    INVOICE | {"invoice_id": "I-2", "amount": "100", "po_number": "PO-1", "due_at": ""},
    INVOICE | {"invoice_id": "I-3", "amount": "60", "po_number": "PO-1"},
    INVOICE | {"invoice_id": "I-4", "amount": "50", "po_number": "PO-9"},
    INVOICE | {"invoice_id": "I-5", "amount": "9"},
    INVOICE | {"invoice_id": "I-6", "amount": "30", "status": "draft"},
]
ORDER = {
    "po_number": "PO-1", "vendor": VENDOR, "amount": "150", "currency": "USD",
    "valid_from": "2026-01-01",
}  # fmt: skip
DISPUTE = {
    "dispute_id": "D-1", "kind": "vendor", "subject_id": "I-5", "opened_at": "2026-01-09",
    "claimed": "4", "recovered": "1", "currency": "USD", "status": "open", "reference": "T-9",
}  # fmt: skip
BY_HAND = [
    {"decided_at": "2026-01-11", "subject_type": "exception", "subject_id": subject,
     "action": "accept", "actor": "bob"}
    for subject in (UNKNOWN, "a typo")
]  # fmt: skip


@dataclass(frozen=True)
class History:
    """The home after its last refresh, its landing folder, and the release of each refresh."""

    home: Path
    landing: Path
    releases: tuple[Path, ...]
    told: dict[str, subprocess.CompletedProcess[str]]


def land_bill(landing: Path, billed: dict[str, str]) -> None:
    period = {
        "BillingPeriodStart": "2026-01-01 00:00:00",
        "BillingPeriodEnd": "2026-02-01 00:00:00",
    }
    rows = [
        charge(
            date(2026, 1, 3), "machine", cost, SkuId=sku, PricingQuantity="10",
            ContractedUnitPrice=str(Decimal(cost) / 10), **period,
        ) | {"InvoiceId": "I-1"}
        for sku, cost in billed.items()
    ]  # fmt: skip
    write_rows(landing / "focus/january.csv", rows)


def rows_of(release: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(release), read_only=True) as connection:
        return connection.execute(query, values).fetchall()


def exception_of(release: Path, sku: str) -> str:
    query = "select exception_id from marts.fct_exceptions where sku_id = ?"
    ((found,),) = rows_of(release, query, sku)
    return str(found)


def ask(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run([*words, "--home", str(home)], home)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("exceptions")
    home, landing = folder / "home", folder / "landing"
    releases: list[Path] = []
    told: dict[str, subprocess.CompletedProcess[str]] = {}

    def refresh(day: int, *options: str) -> None:
        outcome = trueup("refresh", home, landing, "--as-of", f"2026-01-{day}", *options)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr
        releases.append((home / "published/current.duckdb").resolve())

    def decide(sku: str, action: str, actor: str, day: int, *options: str, code: int = 0) -> None:
        words = ("--as", action, "--actor", actor, "--reason", f"{action} of {sku}", *options)
        place = ("--landing", str(landing), "--as-of", f"2026-01-{day}T10:00")
        outcome = ask(home, "resolve", exception_of(releases[0], sku), *words, *place)
        assert outcome.returncode == code, outcome.stderr
        told[f"{actor} {action} {sku}"] = outcome

    land_bill(landing, BILLED)
    cards = [CARD | {"sku_id": sku} for sku in BILLED if sku != "unpriced"]
    write_rows(landing / "rate_cards/card.csv", cards)
    write_rows(landing / "contracts/contract.csv", [CONTRACT])
    write_rows(landing / "invoices/vendors/january.csv", INVOICES)
    write_rows(landing / "purchase_orders/orders.csv", [ORDER])
    write_rows(landing / "disputes/register.csv", [DISPUTE])
    refresh(10)

    decide("accepted", "accept", "ada", 11)
    decide("disputed", "dispute", "ada", 11, "--amount", "2990", "--reference", "T-1")
    decide("gated", "write_off", "ada", 11)
    decide("gone", "note", "ada", 11)
    decide("tolerated", "accept", "ada", 11, code=3)
    decide("under", "dispute", "ada", 11, "--amount", "4", code=3)
    write_rows(landing / "decisions/by_hand.csv", BY_HAND)
    refresh(12)

    # the same command once more, and the bill as it was corrected
    files = sorted((landing / "decisions").iterdir())
    decide("accepted", "accept", "ada", 13)
    assert sorted((landing / "decisions").iterdir()) == files
    decide("gated", "approve", "ada", 13, code=3)
    decide("gated", "approve", "grace", 13)
    land_bill(landing, CHANGED)
    refresh(14)
    refresh(14, "--full-refresh")
    return History(home, landing, tuple(releases), told)


@pytest.fixture(scope="module")
def latest(history: History) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(history.releases[-1]), read_only=True) as connection:
        yield connection


def standings(release: Path) -> dict[str, tuple[str, str, str]]:
    query = "select sku_id, cause, status, action from marts.fct_exceptions"
    return {sku: (cause, status, action) for sku, cause, status, action in rows_of(release, query)}


def test_rules_say_what_is_to_become_of_a_difference(history: History) -> None:
    assert standings(history.releases[0]) == {
        "tolerated": ("rate", "auto_resolved", "auto_resolve"),
        "accepted": ("rate", "open", "dispute"),
        "disputed": ("rate", "open", "dispute"),
        "gated": ("rate", "open", "dispute"),
        "under": ("rate", "in_review", "review"),
        "gone": ("rate", "open", "dispute"),
        "unpriced": ("unpriced", "in_review", "review"),
    }


def test_what_is_tolerated_is_still_summed(history: History) -> None:
    ((variance, at_risk, opened),) = rows_of(
        history.releases[0],
        "select variance_amount, amount_at_risk, opened_at from marts.fct_exceptions "
        "where status = 'auto_resolved'",
    )
    assert (variance, at_risk, opened) == (Decimal("0.005"), 0, None)
    query = """
        select sum(variance_amount) from marts.{} where status in {}
    """
    every = rows_of(history.releases[0], "select sum(variance_amount) from marts.fct_exceptions")
    diffs = query.format("fct_reconciliation_diffs", "('within_tolerance', 'exception')")
    assert every == rows_of(history.releases[0], diffs)


def test_a_decision_holds_above_the_gate_only_when_two_agree(history: History) -> None:
    second = standings(history.releases[1])
    assert second["accepted"] == ("rate", "accepted", "accept")
    assert second["disputed"] == ("rate", "disputed", "dispute")
    assert second["gated"] == ("rate", "in_review", "write_off")
    assert second["gone"] == ("rate", "open", "dispute")
    refused = history.told["ada approve gated"]
    assert "ada proposed it: it takes another person to approve it." in refused.stderr
    assert standings(history.releases[2])["gated"] == ("rate", "written_off", "write_off")
    query = "select proposed_by, decided_by from marts.fct_exceptions where sku_id = 'gated'"
    assert rows_of(history.releases[2], query) == [("ada", "grace")]


def test_facts_that_move_reopen_and_resolve(history: History) -> None:
    third = standings(history.releases[2])
    assert third["accepted"] == ("rate", "open", "dispute")
    assert third["disputed"][1] == "disputed"
    assert third["under"][1] == third["gone"][1] == "auto_resolved"
    assert third["tolerated"][1] == "auto_resolved"


def test_ages_are_counted_to_the_runs_time(history: History) -> None:
    query = "select sku_id, age_hours from marts.fct_exceptions where opened_at is not null"
    ages = dict(rows_of(history.releases[2], query))
    assert ages == {
        "accepted": 96, "disputed": 96, "gated": 82, "under": 96, "gone": 96, "unpriced": 96,
    }  # fmt: skip


def test_history_tells_each_event_once(latest: duckdb.DuckDBPyConnection) -> None:
    found = latest.execute("""
        select sku_id, list(event_type order by events.recorded_at, event_type)
        from marts.fct_exception_events as events
        inner join marts.fct_exceptions using (exception_id)
        group by sku_id
    """).fetchall()
    assert dict(found) == {
        "accepted": ["opened", "decided", "changed", "reopened"],
        "disputed": ["opened", "decided"],
        "gated": ["opened", "decided", "decided"],
        "under": ["opened", "resolved"],
        "gone": ["opened", "noted", "resolved"],
        "unpriced": ["opened"],
    }


def test_a_refresh_without_news_and_a_full_one_keep_the_history(history: History) -> None:
    tables = ("fct_exceptions", "fct_exception_events", "fct_exception_evidence", "fct_actions")
    for table in tables:
        query = f"select * exclude (partition_version) from marts.{table} order by all"
        if table in ("fct_exception_events", "fct_actions"):
            query = f"select * from marts.{table} order by all"
        assert rows_of(history.releases[3], query) == rows_of(history.releases[2], query), table


def test_wrong_decisions_are_refused_in_a_sentence(history: History) -> None:
    for told, sentence in (
        ("ada accept tolerated", "was never outside its tolerance of 0.01 USD"),
        ("ada dispute under", "--amount 4 is not between 0 and what is at risk, 3 USD."),
    ):
        assert sentence in history.told[told].stderr
    unknown = ask(
        history.home, "resolve", UNKNOWN, "--as", "accept", "--actor", "ada", "--reason", "none"
    )
    assert unknown.returncode == 3
    assert f"No exception has the id {UNKNOWN}." in unknown.stderr


def test_decisions_on_unknown_ids_are_told_by_name(latest: duckdb.DuckDBPyConnection) -> None:
    query = "select title from marts.fct_alerts where rule_id = 'unknown_decision' order by title"
    assert [title for (title,) in latest.execute(query).fetchall()] == [
        f"bob decided accept on exception {UNKNOWN}, which was never open",
        "bob decided accept on exception a typo, which was never open",
    ]


def test_disputes_are_landed_or_decided(latest: duckdb.DuckDBPyConnection) -> None:
    query = """
        select invoice_id, claimed_amount, recovered_amount, outcome, reference, age_hours, age_days
        from marts.fct_disputes order by invoice_id
    """
    assert latest.execute(query).fetchall() == [
        ("I-1", 2990, 0, "open", "T-1", 62, 2),
        ("I-5", 4, 1, "open", "T-9", 120, 5),
    ]


def test_actions_name_who_proposed_and_who_approved(latest: duckdb.DuckDBPyConnection) -> None:
    query = """
        select sku_id, actions.action, amount, actions.status, actions.proposed_by, approved_by
        from marts.fct_actions as actions
        inner join marts.fct_exceptions using (exception_id) order by sku_id
    """
    assert latest.execute(query).fetchall() == [
        ("accepted", "dispute", 15, "proposed", "rule payable_over, version 1", None),
        ("disputed", "dispute", 2990, "approved", "rule payable_large, version 1", "ada"),
        ("gated", "write_off", 20000, "approved", "ada", "grace"),
    ]


def test_a_payment_waits_is_cut_or_is_made(latest: duckdb.DuckDBPyConnection) -> None:
    query = """
        select invoice_id, due_at::date::text, recommendation, payable_amount, reason
        from marts.fct_payments_due order by invoice_id
    """
    assert latest.execute(query).fetchall() == [
        ("I-1", "2026-01-28", "hold", 0, "1 differences of 15.00 USD wait for a decision"),
        ("I-2", "2026-02-07", "approve", 100, "nothing is disputed"),
        ("I-3", "2026-01-28", "hold", 0, "purchase order PO-1 is drawn over by 10.00 USD"),
        ("I-4", "2026-01-28", "hold", 0, "purchase order PO-9 is unknown"),
        ("I-5", "2026-01-28", "short_pay", 6, "less what is disputed"),
        ("I-6", "2026-01-28", "hold", 0, "a draft"),
    ]


def test_indicators_follow_from_the_runs(latest: duckdb.DuckDBPyConnection) -> None:
    query = "select sli_id, value from marts.fct_slis where value is not null"
    values = dict(latest.execute(query).fetchall())
    found = {sli: value for sli, value in values.items() if sli[:2] in ("RM", "TM")}
    found["BM10"] = values["BM10"]
    assert found == {
        "RM1": 0,  # one invoice, and four of its differences waited for somebody
        "RM2": Decimal("0.086718"),  # 20.005 of 23069.005
        "RM3": 4,
        "RM4": 96,
        "RM5": Decimal("91.333333"),  # 96, 96 and 82 hours
        "RM6": Decimal("0.024993"),  # 0.005 of 20.005
        "RM7": Decimal("16.666666"),
        "RM8": 100,
        "RM10": 100,
        "BM10": 2,
        "TM6": Decimal("66.666666"),
    }


def test_the_evidence_stands_without_the_warehouse(history: History, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    release = history.releases[-1]
    exception = exception_of(release, "disputed")
    assert ask(history.home, "evidence", exception, "--out", str(out)).returncode == 0
    manifest = json.loads((out / "manifest.json").read_text())
    hashes = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.iterdir() if path.name != "manifest.json"
    }  # fmt: skip
    assert manifest["files"] == hashes
    summary = (out / "summary.md").read_text()
    assert "Billed 3010 USD, expected 10 USD: variance 3000 USD." in summary
    assert "- rate: 3000 USD" in summary
    ((charged,),) = (read_rows(out / "charges.csv"),)
    place = (charged["path"], charged["file_row"], Decimal(charged["billed_cost"]))
    assert place == ("focus/january.csv", "3", 3010)
    assert [row["invoice_id"] for row in read_rows(out / "invoice_lines.csv")] == ["I-1"]
    assert [row["rate_version"] for row in read_rows(out / "rate_tiers.csv")] == ["1"]
    (step,) = read_rows(out / "computation.csv")
    assert Decimal(step["multiplied_amount"]) == Decimal(step["amount"]) == 10
    assert "tier 1: 10 at 1 = 10 USD" in (out / "computation.md").read_text()
    raw = {row["path"]: row for row in read_rows(out / "files.csv")}
    landed = history.landing / "focus/january.csv"
    assert raw["focus/january.csv"]["sha256"] == hashlib.sha256(landed.read_bytes()).hexdigest()
    again = ask(history.home, "evidence", exception, "--out", str(out))
    assert again.returncode == 3 and "exists: name a new folder" in again.stderr


def test_the_same_evidence_of_an_invoice(history: History, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    invoice = ("evidence", "--invoice", f"{VENDOR}/I-1", "--out", str(out), "--json")
    assert "summary.md" in json.loads(ask(history.home, *invoice).stdout)
    with (out / "charges.csv").open(encoding="utf-8") as lines:
        assert {row["sku_id"] for row in csv.DictReader(lines)} == set(CHANGED)
    for words, sentence in (
        (("--invoice", f"{VENDOR}/none"), f"Nothing in the release is of invoice {VENDOR}/none."),
        (("--invoice", "none"), "is not of the form ISSUER/ID"),
        (("nothing",), "'nothing' is no id of an exception"),
        ((), "Name either an exception or, by --invoice, an invoice."),
    ):
        refused = ask(history.home, "evidence", *words, "--out", str(tmp_path / "none"))
        assert refused.returncode == 3
        assert sentence in refused.stderr
        assert not (tmp_path / "none").exists()
