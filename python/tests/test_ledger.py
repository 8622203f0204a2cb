"""The books: what is posted stands, once, in balance, and whoever touches it is named."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from helpers import PROJECT
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import (
    JANUARY,
    NOW,
    Line,
    entries_of,
    line,
    post_lines,
    reversal,
    store_in,
    transfer,
)

from trueup.ledger.balances import balances
from trueup.ledger.entries import GENESIS, LINE, PLACE
from trueup.ledger.store import Store
from trueup.ledger.verify import first_fault

LONG = "TRUEUP_LONG" in os.environ
ACCOUNTS = ("expense", "accounts_payable", "claims", "prepaid")
CURRENCIES = ("USD", "EUR", "JPY")
# Sums have to fit the 28 digits of a Python decimal.
money = st.decimals("0.000000000000000001", "9999999", places=18)


@st.composite
def events(draw: st.DrawFn, key: str) -> list[Line]:
    """A balanced transaction of two to six lines in one or two currencies."""
    lines: list[Line] = []
    at = NOW + timedelta(minutes=draw(st.integers(-90_000, 90_000)))
    for currency in draw(
        st.lists(st.sampled_from(CURRENCIES), min_size=1, max_size=2, unique=True)
    ):
        amounts = draw(st.lists(money, min_size=1, max_size=3))
        more = {"currency": currency, "effective_at": at, "reference": draw(st.text(max_size=5))}
        for amount in amounts:
            account = draw(st.sampled_from(ACCOUNTS))
            lines.append(line(key, len(lines) + 1, account, debit=amount, **more))
        lines.append(line(key, len(lines) + 1, "cash", credit=sum(amounts), **more))
    return lines


@st.composite
def books(draw: st.DrawFn) -> list[list[Line]]:
    """Transactions of different keys."""
    return [draw(events(f"T{n}")) for n in range(draw(st.integers(1, 6)))]


def fault(store: Store) -> str | None:
    with duckdb.connect() as connection:
        return first_fault(connection, store)


def sums(rows: list[Line]) -> Counter[tuple[str, str]]:
    """Debits less credits by account and currency; accounts at zero are left out."""
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        found[row["gl_account"], row["currency"]] += row["debit"] - row["credit"]
    return Counter({key: value for key, value in found.items() if value})


def flat(transactions: list[list[Line]]) -> list[Line]:
    return [each for lines in transactions for each in lines]


@settings(max_examples=150 if LONG else 15, deadline=None)
@given(transactions=books(), data=st.data())
def test_whatever_is_posted_balances_once_and_in_one_chain(
    tmp_path_factory: pytest.TempPathFactory, transactions: list[list[Line]], data: st.DataObject
) -> None:
    store = store_in(tmp_path_factory.mktemp("ledger"))
    cut = data.draw(st.integers(0, len(transactions)))
    first = post_lines(store, flat(transactions[:cut]))
    held = entries_of(store)
    # some come again, in another order and beside new ones
    later = NOW + timedelta(days=1)
    second = post_lines(store, flat(transactions[::-1]), later)
    assert not first.refusals and not second.refusals
    assert (first.transactions, second.transactions) == (cut, len(transactions) - cut)
    rows = entries_of(store)
    # no update, no delete: what was there is there, unchanged
    assert rows[: len(held)] == held
    # zero-sum per transaction and currency; balances are the fold of the lines
    for lines in transactions:
        own = [row for row in rows if row["idempotency_key"] == lines[0]["idempotency_key"]]
        assert len(own) == len(lines)
        for currency in CURRENCIES:
            assert not sum(r["debit"] - r["credit"] for r in own if r["currency"] == currency)
    assert sums(rows) == sums(flat(transactions))
    # the chain, computed here again by its description, has no gap
    assert [row["entry_seq"] for row in rows] == list(range(1, len(rows) + 1))
    previous = GENESIS
    for row in rows:
        assert row["previous_hash"] == previous
        previous = hashlib.sha256((previous + text_of(row)).encode()).hexdigest()
        assert row["entry_hash"] == previous
    assert (second.head.count, second.head.entry_hash) == (len(rows), previous)
    assert fault(store) is None
    # a replay is a no-op, down to the bytes
    before = {path.name: path.read_bytes() for path in store.segments()}
    again = post_lines(store, flat(transactions), later)
    assert (again.entries, again.refusals, again.head) == (0, [], second.head)
    assert {path.name: path.read_bytes() for path in store.segments()} == before


def text_of(row: Line) -> str:
    """The canonical text of an entry, as its description says it."""
    parts = []
    for name in LINE | PLACE:
        value = row[name]
        if isinstance(value, datetime):
            value = value.strftime("%Y-%m-%dT%H:%M:%S.%f")
        elif isinstance(value, Decimal):
            value = f"{value:.18f}"
        parts.append("-," if value is None else f"{len(str(value).encode())}:{value},")
    return "".join(parts)


@settings(max_examples=100 if LONG else 10, deadline=None)
@given(transactions=books())
def test_a_reversal_nets_to_zero_and_comes_once(
    tmp_path_factory: pytest.TempPathFactory, transactions: list[list[Line]]
) -> None:
    store = store_in(tmp_path_factory.mktemp("ledger"))
    post_lines(store, flat(transactions))
    back = [reversal(f"R{n}", lines) for n, lines in enumerate(transactions)]
    assert not post_lines(store, flat(back)).refusals
    assert sums(entries_of(store)) == Counter()
    twice = post_lines(store, reversal("again", transactions[0]))
    assert [each.reason for each in twice.refusals] == ["what it reverses is reversed already"]
    assert twice.entries == 0


@settings(max_examples=100 if LONG else 10, deadline=None)
@given(transactions=books(), data=st.data())
def test_as_of_a_day_the_books_say_what_they_said_then(
    tmp_path_factory: pytest.TempPathFactory, transactions: list[list[Line]], data: st.DataObject
) -> None:
    store = store_in(tmp_path_factory.mktemp("ledger"))
    said = []
    for number, lines in enumerate(transactions):
        post_lines(store, lines, NOW + timedelta(days=number))
        said.append(as_of(store, recorded=NOW.date() + timedelta(days=number)))
    for number, then in enumerate(said):
        assert as_of(store, recorded=NOW.date() + timedelta(days=number)) == then
        assert then == sums(flat(transactions[: number + 1]))
    day = data.draw(st.dates(date(2025, 12, 1), date(2026, 4, 1)))
    known = [each for each in flat(transactions) if each["effective_at"].date() <= day]
    assert as_of(store, effective=day) == sums(known)


def as_of(
    store: Store, recorded: date | None = None, effective: date | None = None
) -> Counter[tuple[str, str]]:
    with duckdb.connect() as connection:
        rows = balances(connection, store, recorded, effective)
    return Counter({(r["gl_account"], r["currency"]): r["balance"] for r in rows if r["balance"]})


GOOD = transfer("T", "expense", "accounts_payable", 10)
REFUSED = {
    "its key is posted already with other lines": transfer("T", "expense", "accounts_payable", 11),
    "debits and credits differ": [line("U", 1, "expense", debit=1), line("U", 2, "cash", credit=2)],
    "a line has to have either a debit or a credit above zero": [
        line("U", 1, "expense", debit=1, credit=1)
    ],
    "a line lacks a field that every line has": transfer("U", "expense", "cash", 1, currency=None),
    "two lines have the same number": transfer("U", "expense", "cash", 1) * 2,
    "its posting period is closed": transfer(
        "U", "expense", "cash", 1, posting_period=date(2025, 12, 1)
    ),
    "its lines differ in direction, period or what they reverse": [
        line("U", 1, "expense", debit=1),
        line("U", 2, "cash", credit=1, posting_period=date(2026, 2, 1)),
    ],
    "what it reverses is not in the ledger": reversal("U", transfer("X", "expense", "cash", 1)),
    "it does not reverse its transaction line by line": reversal(
        "U", transfer("T", "expense", "accounts_payable", 9)
    ),
    "it has no idempotency key": transfer(None, "expense", "cash", 1),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_posted_is_refused_whole_with_its_reason(
    tmp_path: Path, reason: str
) -> None:
    store = store_in(tmp_path)
    post_lines(store, GOOD)
    sound = transfer("V", "expense", "cash", 3)
    outcome = post_lines(store, REFUSED[reason] + sound, sealed=(date(2025, 12, 1),))
    assert [each.reason for each in outcome.refusals] == [reason]
    assert (outcome.transactions, outcome.entries) == (1, 2)  # sound ones go on
    assert sums(entries_of(store)) == sums(GOOD + sound)
    assert fault(store) is None


def test_a_posted_key_stays_good_when_its_period_is_closed(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    post_lines(store, GOOD)
    assert not post_lines(store, GOOD, sealed=(JANUARY,)).refusals


# --- Tampering ---


def long_ledger(folder: Path) -> Store:
    """Thirty entries in three segments."""
    store = store_in(folder)
    for day in range(3):
        lines = flat([transfer(f"{day}-{n}", "expense", "cash", n + 1) for n in range(5)])
        post_lines(store, lines, NOW + timedelta(days=day))
    return store


def written(store: Store) -> list[Path]:
    """The segments of postings; the first of a ledger only has its columns."""
    return store.segments()[1:]


def rewritten(store: Store, change: Callable[[list[Line]], list[Line]], segment: int) -> None:
    """Change the rows of a segment, as somebody with the file could."""
    path = written(store)[segment]
    with duckdb.connect() as connection:
        table = connection.sql(f"from read_parquet('{path}')").arrow().read_all()
        changed = pa.Table.from_pylist(change(table.to_pylist()), table.schema)
        connection.register("changed", changed)
        connection.execute(f"copy changed to '{path}' (format parquet)")


def amount_changed(rows: list[Line], place: int, random: random.Random) -> list[Line]:
    column = random.choice([*LINE, *PLACE, "previous_hash", "entry_hash"])
    value = rows[place][column]
    other: Any = "tampered"
    if isinstance(value, datetime | date):
        other = value + timedelta(days=1)
    elif isinstance(value, Decimal | int):
        other = value + 1
    return [*rows[:place], rows[place] | {column: other}, *rows[place + 1 :]]


def deleted(rows: list[Line], place: int, _: random.Random) -> list[Line]:
    return rows[:place] + rows[place + 1 :]


def swapped(rows: list[Line], place: int, random: random.Random) -> list[Line]:
    other = random.choice([n for n in range(len(rows)) if n != place])
    one, two = rows[place], rows[other]
    moved = list(rows)
    moved[place] = two | {"entry_seq": one["entry_seq"]}
    moved[other] = one | {"entry_seq": two["entry_seq"]}
    return moved


def inserted(rows: list[Line], place: int, _: random.Random) -> list[Line]:
    return [*rows[:place], rows[place], *rows[place:]]


def tail_cut(rows: list[Line], place: int, _: random.Random) -> list[Line]:
    return rows[:place]


TAMPERS = (amount_changed, deleted, swapped, inserted, tail_cut)


@pytest.mark.parametrize("tamper", TAMPERS)
def test_whatever_is_touched_is_named(
    tmp_path: Path, tamper: Callable[[list[Line], int, random.Random], list[Line]]
) -> None:
    """Twenty random places each, a hundred in all."""
    chance = random.Random(tamper.__name__)
    for number in range(20):
        store = long_ledger(tmp_path / str(number))
        segment, place = chance.randrange(3), chance.randrange(10)

        def change(rows: list[Line], place: int = place) -> list[Line]:
            return tamper(rows, place, chance)

        rewritten(store, change, segment)
        said = fault(store)
        first = segment * 10 + place + 1
        assert said is not None, (segment, place)
        if tamper is not swapped:  # of two that changed places the earlier one is named
            named = {str(first), str(first + 1)} | {
                row["transaction_id"] for row in entries_of(store)[first - 2 : first + 2]
            }
            assert any(name in said.split() for name in named), (said, first)


def test_a_segment_that_is_gone_or_cut_off_is_named(tmp_path: Path) -> None:
    store = long_ledger(tmp_path / "last")
    written(store)[-1].unlink()
    assert fault(store) == f"entry 21 is missing: 30 were noted in {store.heads}"
    store = long_ledger(tmp_path / "middle")
    written(store)[1].unlink()
    assert fault(store) == "entry 11 is missing"
    store = long_ledger(tmp_path / "torn")
    torn = written(store)[1]
    torn.write_bytes(torn.read_bytes()[:-20])
    assert (
        fault(store) == f"segment {torn.name} cannot be read: its entries are lost or were changed"
    )


def test_a_chain_made_anew_is_not_the_one_that_was_noted(tmp_path: Path) -> None:
    store = long_ledger(tmp_path / "true")
    other = store_in(tmp_path / "other")
    for day in range(3):
        lines = flat([transfer(f"{day}-{n}", "expense", "cash", n + 7) for n in range(5)])
        post_lines(other, lines, NOW + timedelta(days=day))
    forged = Store(other.folder, store.heads)
    assert fault(other) is None
    assert fault(forged) == f"entry 10 or one before it is not what {store.heads} noted"


# --- Killed while posting ---

POSTING = """
import sys
from datetime import timedelta
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from ledgers import NOW, post_lines, store_in, transfer
store = store_in(Path(sys.argv[2]))
print("ready", flush=True)
for day in range(400):
    lines = [l for n in range(10) for l in transfer(f"{day}-{n}", "expense", "cash", n + 1)]
    post_lines(store, lines, NOW + timedelta(days=day))
"""


def test_killed_while_posting_nothing_is_half_or_double(tmp_path: Path) -> None:
    store, chance = store_in(tmp_path), random.Random(8)
    command = [sys.executable, "-c", POSTING, str(PROJECT / "python/tests"), str(tmp_path)]
    for _ in range(50 if LONG else 5):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            count = len(store.segments())
            while len(store.segments()) == count:
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.4))
            process.send_signal(signal.SIGKILL)
        assert fault(store) is None
        counts = Counter(row["idempotency_key"] for row in entries_of(store))
        assert set(counts.values()) <= {2}
    assert len(written(store)) > 1


# --- Answers of other systems ---

DATA = Path(__file__).parent / "data/ledger"
CASES = [json.loads(line) for line in (DATA / "cases.jsonl").read_text("utf-8").splitlines()]
ELSEWHERE = {
    "ledger-003": "nothing is pending here: a line is posted or it is not",
    "ledger-010": "accounts have no limits; that a refused chain leaves nothing: ledger-009",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_answers_of_other_systems(tmp_path: Path, case: dict[str, Any]) -> None:
    if case["id"] in ELSEWHERE:
        pytest.skip(ELSEWHERE[case["id"]])
    store, given, expected = store_in(tmp_path), case["input"], case["expected"]
    if case["kind"] == "atomic_group":  # a chain is one event
        _, debit, credit, amount = given["chain"][0]
        post_lines(store, [*transfer("T", debit, credit, amount), line("T", 3, "invalid")])
        assert not entries_of(store) and all(set(held) == {0} for held in expected.values())
    elif case["kind"] == "close":  # a closed period, for a closed account
        shut = {"posting_period": date(2025, 12, 1)}
        post_lines(store, transfer("T1", "A1", "A2", 15, **shut))
        closed = post_lines(
            store,
            transfer("T3", "A1", "A2", 5, **shut) + transfer("T4", "A2", "A1", 5, **shut),
            sealed=(shut["posting_period"],),
        )
        assert len(closed.refusals) == len(expected["refused"])
        assert sums(entries_of(store)) == {("A1", "USD"): 15, ("A2", "USD"): -15}
        post_lines(store, transfer("T7", "A1", "A2", 5), sealed=(shut["posting_period"],))
        assert sums(entries_of(store)) == {("A1", "USD"): 20, ("A2", "USD"): -20}
    else:  # backdated
        for number, (source, target, amount, minutes) in enumerate(given["inserted_in_order"]):
            at = NOW + timedelta(days=minutes)
            lines = transfer(f"tx{number}", target, source, amount, effective_at=at)
            post_lines(store, lines, NOW + timedelta(days=number))
        with duckdb.connect() as connection:
            if "effective" in given["question"]:
                day = NOW.date() + timedelta(days=60)
                found = balances(connection, store, NOW.date() + timedelta(days=3), day)
            else:  # as recorded when tx1, the second, was
                found = balances(connection, store, NOW.date() + timedelta(days=1))
        volumes = {row["gl_account"]: [row["debit"], row["credit"]] for row in found}
        assert {name: volumes[name] for name in expected} == expected
