"""The books of a company over two months: what is posted when, and that it stays so."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import DAY, release, releases, run, trueup, write_bytes, write_rows
from test_internal_billing import JANUARY, filled
from test_internal_billing import land as land_quarter
from test_questions import CARD, CONTRACT, DEARER, METER

ARRIVED = datetime(2026, 2, 1).timestamp()
BALANCES = """
    select gl_account, sum(debit - credit) from marts.fct_ledger_entries group by gl_account
"""
USED, LATE = ("8", "4.5"), "1"


def used(landing: Path, name: str, *values: str, at: float = ARRIVED) -> None:
    """Calls of January that a customer made, as events."""
    events = [
        {"specversion": "1.0", "id": f"{name}-{n}", "source": "/calls", "type": "call",
         "subject": "acme", "time": f"2026-01-2{n}T00:00:00Z", "data": {"value": value}}
        for n, value in enumerate(values)
    ]  # fmt: skip
    lines = "".join(json.dumps(event) + "\n" for event in events)
    write_bytes(landing / f"usage_events/{name}.jsonl", lines.encode(), at)


def invoiced(*lines: tuple[Any, ...]) -> list[dict[str, str]]:
    """Lines of final invoices for January."""
    return [
        row | {"status": "final", "currency": "USD", "issued_at": "2026-02-03",
               "period_start": "2026-01-01", "period_end": "2026-02-01"}
        for row in filled("invoice_id direction issuer recipient account_id line_no line_kind"
                          " amount", *lines)
    ]  # fmt: skip


def land(landing: Path) -> None:
    """The quarter of internal billing, a customer, invoices, a claim, and January's closes."""
    land_quarter(landing)
    write_rows(landing / "rate_cards/cards.csv", [CARD, DEARER])
    write_rows(landing / "contracts/contracts.csv", [CONTRACT])
    write_rows(landing / "meters/meters.csv", [METER])
    used(landing, "calls", *USED)
    write_rows(
        landing / "invoices/invoices.csv",
        invoiced(
            ("V-1", "payable", "Example Cloud", "us", "1", 1, "usage", "100"),
            ("V-1", "payable", "Example Cloud", "us", "1", 2, "tax", "20"),
            ("V-2", "payable", "Another Cloud", "us", "9", 1, "usage", "7"),
            ("C-1", "receivable", "us", "acme", "acme", 1, "usage", "15.75"),
            ("C-1", "receivable", "us", "acme", "acme", 2, "tax", "3.15"),
        ),
    )
    write_rows(
        landing / "disputes/d.csv",
        filled("dispute_id kind subject_id opened_at claimed recovered currency status reference",
               ("D-2", "vendor", "V-1", "2026-02-04 09:00:00", "5", "", "USD", "open", "")),
    )  # fmt: skip
    write_rows(
        landing / "gl_accounts/accounts.csv",
        filled("match gl_account cost_center",
               ("usage;;", "6200", "IT"), ("accounts_payable", "2000", ""),
               ("expense", "6999", "IT")),
    )  # fmt: skip
    write_rows(
        landing / "gl_balances/balances.csv",
        filled("gl_account period balance currency", ("2000", "2026-02-01", "-126", "USD")),
    )
    write_rows(
        landing / "period_closes/closes.csv",
        [
            {"billing_period": str(JANUARY), "direction": direction, "actor": "ada",
             "closed_at": "2026-02-05 00:00:00", "grace_days": "5"}
            for direction in ("payable", "receivable", "internal")
        ],
    )  # fmt: skip


def refreshed(place: Path, day: str) -> Path:
    outcome = trueup(
        "refresh", place / "home", place / "landing", "--as-of", f"2026-02-{day}T00:00:00Z"
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return place / "home"


def asked(home: Path, query: str) -> list[tuple[Any, ...]]:
    with release(home) as marts:
        return marts.execute(query).fetchall()


def balances(home: Path) -> dict[str, Decimal]:
    return {account: amount for account, amount in asked(home, BALANCES) if amount}


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first run after January became final."""
    place = tmp_path_factory.mktemp("books")
    land(place / "landing")
    return refreshed(place, "12")


@pytest.fixture(scope="module")
def trued_up(closed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week later, after a call of January came late."""
    place = tmp_path_factory.mktemp("later")
    for name in ("landing", "home"):
        shutil.copytree(closed.with_name(name), place / name, symlinks=True)
    shutil.copy(closed.with_name("home.heads.jsonl"), place)
    refreshed(place, "13")
    used(place / "landing", "late", LATE, at=ARRIVED + 18 * DAY)
    return refreshed(place, "20")


def test_a_close_posts_what_the_period_owes(closed: Path) -> None:
    # January cost 288.50, of which a vendor invoiced 100; another, whose charges nobody has, 7
    chargeback, markup = asked(closed, """
        select sum(amount), sum(markup_amount) from marts.fct_internal_transfers
        where billing_period = '2026-01-01'""")[0]  # fmt: skip
    assert chargeback > 0 and markup > 0
    assert balances(closed) == {
        "expense": Decimal("288.5") + 7 - 5,
        "accrued_liabilities": Decimal("-188.5"),
        "accounts_payable": -127,
        "input_tax": 20,
        "claims": 5,
        "accounts_receivable": Decimal("18.9"),
        "revenue": Decimal("-15.75"),
        "output_tax": Decimal("-3.15"),
        "chargeback_expense": chargeback,
        "chargeback_recovery": -chargeback,
        "intercompany_expense": markup,
        "intercompany_income": -markup,
    }
    places = asked(closed, """
        select event_type, list(distinct posting_period::text) from marts.fct_ledger_entries
        group by event_type""")  # fmt: skip
    january, february = ["2026-01-01"], ["2026-02-01"]
    assert dict(places) == {
        "accrual": january, "customer_usage": january, "chargeback": january, "markup": january,
        "vendor_invoice": february, "customer_invoice": february, "claim": february,
    }  # fmt: skip


def test_an_accrual_is_taken_back_and_late_usage_is_a_true_up(closed: Path, trued_up: Path) -> None:
    before = asked(closed, "from marts.fct_ledger_entries order by entry_seq")
    after = asked(trued_up, "from marts.fct_ledger_entries order by entry_seq")
    assert after[: len(before)] == before
    now = balances(trued_up)
    assert "accrued_liabilities" not in now and now["expense"] == 102
    # the call is in the second tier: 3 less 10 percent
    assert now["revenue"] == Decimal("-18.45") and now["unbilled_receivables"] == Decimal("2.7")
    adjustments = asked(trued_up, """
        select kind, direction, contract_id, account_id, origin_period, posting_period, amount,
            transaction_id in (select transaction_id from marts.fct_ledger_entries)
        from marts.fct_adjustments""")  # fmt: skip
    assert adjustments == [
        ("true_up", "receivable", "k", "acme", JANUARY, date(2026, 2, 1), Decimal("2.7"), True)
    ]


def test_a_journal_has_the_accounts_of_the_general_ledger_and_is_tied_to_it(
    closed: Path, trued_up: Path
) -> None:
    january = "from marts.fct_gl_journal where posting_period = '2026-01-01' order by all"
    assert asked(trued_up, january) == asked(closed, january) != []
    [totals] = asked(trued_up, "select sum(debit) - sum(credit) from marts.fct_gl_journal")
    assert totals == (0,)
    [payable] = asked(trued_up, """
        select closing_balance, stated_balance, difference from marts.fct_gl_balances
        where gl_account = '2000' and posting_period = '2026-02-01'""")  # fmt: skip
    assert payable == (-127, -126, 1)
    accounts = {row[0] for row in asked(trued_up, "select gl_account from marts.fct_gl_journal")}
    assert {"2000", "6999"} <= accounts and not {"expense", "accounts_payable"} & accounts


def test_running_again_posts_nothing(trued_up: Path) -> None:
    before = {path.name: path.read_bytes() for path in (trued_up / "ledger").iterdir()}
    outcome = trueup("post", trued_up, trued_up.with_name("landing"), "--as-of", "2026-02-20")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert {path.name: path.read_bytes() for path in (trued_up / "ledger").iterdir()} == before


def test_a_lost_warehouse_has_the_same_books_again(trued_up: Path) -> None:
    before = asked(trued_up, "from marts.fct_ledger_entries order by entry_seq")
    shutil.rmtree(trued_up / "build")
    refreshed(trued_up.parent, "20")
    assert asked(trued_up, "from marts.fct_ledger_entries order by entry_seq") == before


def test_the_books_are_read_and_verified_by_command(trued_up: Path) -> None:
    def ask(*words: str) -> tuple[int, Any]:
        outcome = run([*words, "--home", str(trued_up), "--json"], trued_up)
        return outcome.returncode, json.loads(outcome.stdout)

    code, said = ask("verify")
    assert (code, said["fault"]) == (0, None)
    assert said["head"]["count"] == asked(
        trued_up, "select max(entry_seq) from marts.fct_ledger_entries"
    )[0][0]  # fmt: skip
    for day, revenue in (("2026-02-11", None), ("2026-02-12", "-15.75"), ("2026-02-20", "-18.45")):
        code, rows = ask("ledger", "as-of", day)
        held = {row["gl_account"]: Decimal(row["balance"]) for row in rows}
        assert held.get("revenue") == (revenue and Decimal(revenue))
    _, rows = ask("ledger", "as-of", "2026-01-31", "--effective")
    assert {r["gl_account"]: Decimal(r["balance"]) for r in rows}["revenue"] == Decimal("-18.45")


def test_a_changed_entry_stops_everything_by_name(trued_up: Path, tmp_path: Path) -> None:
    for name in ("landing", "home"):
        shutil.copytree(trued_up.with_name(name), tmp_path / name, symlinks=True)
    home = tmp_path / "home"
    segment = sorted((home / "ledger").glob("*.parquet"))[1]
    with duckdb.connect() as connection:
        connection.execute(
            f"create table entries as from read_parquet('{segment}');"
            "update entries set debit = debit + 1 where entry_seq = 1;"
            f"copy entries to '{segment}' (format parquet)"
        )
    before = releases(home)
    outcome = trueup("refresh", home, tmp_path / "landing", "--as-of", "2026-02-21T00:00:00Z")
    assert outcome.returncode == 1, outcome.stdout
    assert "law_6_ledger_is_as_written" in outcome.stderr
    assert releases(home) == before
    verified = run(["verify", "--home", str(home)], home)
    assert verified.returncode == 1
    assert "entry 1 was changed" in verified.stderr
