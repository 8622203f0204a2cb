"""Rate cards, contracts, meters and events as files: what customers owe, to the cent."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import release, trueup, write_bytes, write_rows
from rating_helpers import decimal
from test_rating_vectors import CASES, REPLAYS, by_card, expected, graduated, rows_of

Row = dict[str, Any]
FIRST = "2025-10-01"
TWO = [{"tier_to": "10", "unit_price": "1"}, {"unit_price": "0.5"}]
# Of a release's expected charges: kind, SKU and month to the amount, or the reason why none.
USAGE, OPENED, MINIMUM = "usage", "recurring", "minimum"


@dataclass(frozen=True)
class Case:
    """A customer of its own: its cards, contract and usage, and what it owes."""

    owes: dict[str, Any]  # "kind month" or "kind SKU month": amount, or a part of the reason
    events: tuple[tuple[str, Any], ...] = ()  # time of day in UTC, and value
    tiers: tuple[Row, ...] | list[Row] = (({"unit_price": "1"}),)
    model: str = "graduated"
    card: Row = field(default_factory=dict)  # columns of all tiers
    contract: Row = field(default_factory=dict)
    aggregation: str = "sum"
    cards: tuple[Row, ...] = ()  # instead of tiers, whole rows
    contracts: tuple[Row, ...] = ()  # instead of one contract, its versions
    credits: tuple[Row, ...] = ()
    accounts: tuple[str, ...] = ()  # of the events, in turn


def at(day: str, hour: int = 12) -> str:
    return f"2025-{day}T{hour:02}:00:00Z"


CUSTOMERS = {
    "tiers fill up in event time, and a correction gives back": Case(
        events=((at("10-01"), 10), (at("10-02"), 25), (at("10-03"), -4)), tiers=TWO,
        owes={"usage 10": "20.5"},
    ),
    "accounts of a contract fill its tiers together": Case(
        events=((at("10-01"), 8), (at("10-02"), 8)), accounts=("one", "two"), tiers=TWO,
        card={"aggregation_scope": "contract"}, contract={"account_ids": "one;two"},
        owes={"usage 10": "13"},
    ),
    "a volume price restates its month": Case(
        events=((at("10-01"), 80), (at("10-02"), 40)), model="volume",
        tiers=[{"tier_to": "100", "unit_price": "1"}, {"unit_price": "0.5"}],
        owes={"usage 10": "60"},
    ),
    "a package begun is due": Case(
        events=((at("10-01"), 5), (at("10-02"), 4), (at("10-03"), 2)), model="package",
        tiers=[{"unit_price": "3", "package_size": "10"}], owes={"usage 10": "6"},
    ),
    "a percentage has a fee for each event": Case(
        events=((at("10-01"), 100), (at("10-02"), 50)), model="percentage",
        tiers=[{"percent": "2"}], card={"fixed_per_event": "0.30"}, owes={"usage 10": "3.6"},
    ),
    "a dynamic price is what the event says": Case(
        events=((at("10-01"), "12.34"),), model="dynamic", tiers=[{"percent": "100"}],
        owes={"usage 10": "12.34"},
    ),
    "tiers of a quarter go on in its next month": Case(
        events=((at("10-31"), 8), (at("11-01"), 8)), tiers=TWO, card={"reset": "quarter"},
        owes={"usage 10": "8", "usage 11": "5"},
    ),
    "tiers of a day begin again": Case(
        events=((at("10-01"), 12), (at("10-02"), 12)), tiers=TWO, card={"reset": "day"},
        owes={"usage 10": "22"},
    ),
    "tiers that never reset": Case(
        events=((at("10-31"), 8), (at("12-01"), 8)), tiers=TWO, card={"reset": "never"},
        owes={"usage 10": "8", "usage 12": "5"},
    ),
    "a version of the card prices its own days": Case(
        events=((at("10-14", 23), 4), (at("10-15", 0), 4)),
        cards=(
            {"version": "1", "unit_price": "1", "effective_to": "2025-10-15"},
            {"version": "2", "unit_price": "1.5", "effective_from": "2025-10-15"},
        ),
        owes={"usage 10": "10"},
    ),
    "a version of the contract prices its own days, and tiers go on": Case(
        events=((at("10-14"), 8), (at("10-15"), 8)), tiers=TWO,
        contracts=(
            {"version": "1", "effective_to": "2025-10-15"},
            {"version": "2", "effective_from": "2025-10-15", "discount_percent": "50"},
        ),
        owes={"usage 10": "10.5"},
    ),
    "days are those of the contract's clock": Case(
        events=((at("11-01", 3), 1),), contract={"time_zone": "America/New_York"},
        owes={"usage 10": "1"},
    ),
    "periods may count from the contract's start": Case(
        events=((at("10-12"), 10), (at("11-05"), 10), (at("11-12"), 10)), tiers=TWO,
        contract={"effective_from": "2025-10-10", "period_anchor": "contract_start"},
        owes={"usage 10": "10", "usage 11": "15"},
    ),
    "a fee of a part of a month": Case(
        model="flat", tiers=[{"flat_fee": "31"}],
        card={"flat_fee_when": "always", "proration": "days_inclusive", "rounding_scale": "2"},
        contract={"effective_from": "2025-10-15", "effective_to": "2025-11-01"},
        owes={"recurring 10": "17"},
    ),
    "a fee is due without usage": Case(
        model="flat", tiers=[{"flat_fee": "49"}], card={"flat_fee_when": "always"},
        contract={"effective_to": "2025-11-01"}, owes={"recurring 10": "49"},
    ),
    "a card's minimum is due at the end": Case(
        events=((at("10-01"), 10),), card={"minimum_amount": "25"},
        contract={"effective_to": "2025-11-01"},
        owes={"usage 10": "10", "recurring 10": "0", "minimum 10": "15"},
    ),
    "a fixed discount, then tax": Case(
        events=((at("10-01"), 20),), contract={"fixed_discount": "5", "tax_rate": "10"},
        owes={"usage 10": "20", "discount 10": "-5", "tax 10": "1.5"},
    ),
    "a commitment of a quarter is made up at its end": Case(
        events=((at("10-01"), 30), (at("11-01"), 30), (at("12-01"), 30)),
        contract={"minimum_commit_amount": "100", "commit_period": "quarter"},
        owes={"usage 10": "30", "usage 11": "30", "usage 12": "30", "commitment 12": "10"},
    ),
    "credits are drawn in order, while they last and may pay": Case(
        events=((at("10-01"), 16), (at("11-01"), 8)), contract={"prepaid_credit_amount": "10"},
        credits=(
            {"priority": "2", "amount": "100", "expires_at": "2025-11-01T00:00:00Z"},
            {"priority": "1", "amount": "5", "skus": "other-*"},
            {"priority": "3", "amount": "5", "skus": "sku-*", "granted_at": "2025-11-15"},
        ),
        owes={"usage 10": "16", "credit 10": "-16", "usage 11": "8", "credit 11": "-5"},
    ),
    "a discount of the contract comes before rounding": Case(
        events=((at("10-01"), "0.05"),), card={"rounding_scale": "2"},
        contract={"discount_percent": "10"}, owes={"usage 10": "0.05"},
    ),
    "tax may be in the price": Case(
        events=((at("10-01"), 10),), contract={"tax_rate": "19", "tax_included": "true"},
        owes={"usage 10": "10"},
    ),
    "platform services are priced as well": Case(
        events=((at("10-01"), 7),), contract={"direction": "internal"}, owes={"usage 10": "7"},
    ),
    "a contract's currency takes the rate of the day": Case(
        events=((at("10-05"), 10),), contract={"currency": "EUR"}, owes={"usage 10": "9"},
    ),
    "a currency without a rate is named": Case(
        events=((at("10-05"), 10),), contract={"currency": "CHF"},
        owes={"usage 10": "no exchange rate from USD to CHF"},
    ),
    "versions that overlap are named": Case(
        events=((at("10-20"), 1),),
        cards=(
            {"version": "1", "unit_price": "1"},
            {"version": "2", "unit_price": "2", "effective_from": "2025-10-15"},
        ),
        owes={"usage 10": "version_overlap"},
    ),
    "a gap between versions is named": Case(
        events=((at("10-20"), 1),),
        cards=({"version": "1", "unit_price": "1", "effective_to": "2025-10-15"},),
        owes={"usage 10": "has no price for SKU"},
    ),
    "usage beyond the last tier is named": Case(
        events=((at("10-01"), 12),), tiers=[{"tier_to": "10", "unit_price": "1"}],
        owes={"usage 10": "lies beyond the last tier"},
    ),
    "a card that cannot be read is named": Case(
        events=((at("10-01"), 1),), model="package", tiers=[{"unit_price": "1"}],
        owes={"usage 10": "package_size_missing"},
    ),
    "usage whose quantity is no number is named": Case(
        events=((at("10-01"), "many"),), owes={"usage 10": "quantity_missing"},
    ),
    "the most of a month": Case(
        events=((at("10-01"), 3), (at("10-02"), 7), (at("10-03"), 5)), aggregation="max",
        owes={"usage 10": "7"},
    ),
    "the latest of a month": Case(
        events=((at("10-01"), 3), (at("10-02"), 7), (at("10-03"), 5)), aggregation="latest",
        owes={"usage 10": "5"},
    ),
    "different values of a month": Case(
        events=((at("10-01"), "a"), (at("10-02"), "b"), (at("10-03"), "a")),
        aggregation="unique_count", owes={"usage 10": "2"},
    ),
    "a level goes on into months without an event": Case(
        events=((at("10-16", 12), 10), (at("12-01", 0), -10)), aggregation="weighted_sum",
        owes={"usage 10": "5", "usage 11": "10", "usage 12": "0"},
    ),
    "events are counted": Case(
        events=((at("10-01"), 3), (at("10-02"), 7)), aggregation="count", owes={"usage 10": "2"},
    ),
}  # fmt: skip

# Cases that a card, a customer and its events say whole.
PLAIN = [
    case
    for case in CASES
    if REPLAYS[case["model"]] in (by_card, graduated)
    and isinstance(case["quantity"], str)
    and not case.keys() & {"credits", "line"}
    and not case["params"].keys() & {"minimum", "accounts"}
    and ("previous_quantity" not in case or case.get("previously_billed"))
]


def quantities(case: dict[str, Any]) -> list[str]:
    """What is used before, and then."""
    before, quantity = case.get("previous_quantity"), case["quantity"]
    if before is None:
        return [quantity]
    then = Fraction(quantity)
    if case["basis"] == "cumulative_to_date":
        then -= Fraction(before)
    return [before, text(decimal(then))]


def write_customers(landing: Path) -> None:
    """All customers as the project's own inputs."""
    files: dict[str, list[Row]] = defaultdict(list)
    for number, case in enumerate(CUSTOMERS.values()):
        add_customer(files, f"c{number}", f"sku-{number}", case)
    for case in PLAIN:
        key = f"v-{case['id']}"
        rows = [row | {"rate_card_id": key, "sku_id": key} for row in rows_of(case)]
        tiers = tuple({name: text(value) for name, value in row.items()} for row in rows)
        events = tuple((at(f"12-{day:02}"), used) for day, used in enumerate(quantities(case), 1))
        contract = {"effective_from": "2025-12-01"}
        add_customer(files, key, key, Case({}, events, cards=tiers, contract=contract))
    files["fx_rates"] = [
        {"rate_date": "2025-10-01", "from_currency": "USD", "to_currency": "EUR", "rate": "0.9",
         "source": "ECB"}
    ]  # fmt: skip
    events = files.pop("usage_events")
    for name, rows in files.items():
        columns = dict.fromkeys(column for row in rows for column in row)
        write_rows(landing / f"{name}/{name}.csv", [
            {column: row.get(column, "") for column in columns} for row in rows
        ])  # fmt: skip
    lines = "".join(json.dumps(event) + "\n" for event in events)
    written = datetime.fromisoformat("2026-01-02T00:00:00+00:00").timestamp()
    write_bytes(landing / "usage_events/api/all.jsonl", lines.encode(), written)


def text(value: Any) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def add_customer(files: dict[str, list[Row]], key: str, sku: str, case: Case) -> None:
    """A customer's rows, file by file."""
    fixed = {"rate_card_id": f"card-{key}", "sku_id": sku, "model": case.model,
             "currency": "USD", "effective_from": "2025-01-01"}  # fmt: skip
    lower = "0"
    for number, tier in enumerate(case.cards or case.tiers, 1):
        numbered = {"version": "1", "tier": "1" if case.cards else str(number), "tier_from": lower}
        files["rate_cards"].append(
            fixed | numbered | case.card | tier | {"rate_card_id": f"card-{key}"}
        )
        lower = tier.get("tier_to", "") if not case.cards else "0"
    for contract in case.contracts or (case.contract,):
        files["contracts"].append(
            {"contract_id": f"k-{key}", "version": "1", "direction": "receivable",
             "counterparty": key, "account_id": key, "rate_card_id": f"card-{key}",
             "currency": "USD", "effective_from": "2025-01-01", "tax_scope": "invoice"} | contract
        )  # fmt: skip
    files["meters"].append(
        {"meter_id": f"m-{key}", "event_type": f"use.{key}", "aggregation": case.aggregation,
         "value_property": "value", "unit": "1", "sku_id": sku, "window": "month"}
    )  # fmt: skip
    for number, credit in enumerate(case.credits):
        files["credits"].append(
            {"credit_id": f"{key}-{number}", "contract_id": f"k-{key}", "currency": "USD",
             "granted_at": "2025-01-01"} | credit
        )  # fmt: skip
    accounts = case.accounts or (key,)
    for number, (time, value) in enumerate(case.events):
        files["usage_events"].append(
            {"specversion": "1.0", "id": f"{key}-{number}", "source": "/product",
             "type": f"use.{key}", "subject": accounts[number % len(accounts)], "time": time,
             "data": {"value": str(value)}}
        )  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pricing")
    write_customers(folder / "landing")
    outcome = trueup("refresh", folder / "home", folder / "landing")
    assert outcome.returncode == 0, outcome.stderr
    return folder / "home"


@pytest.fixture(scope="module")
def marts(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with release(home) as connection:
        yield connection


@pytest.fixture(scope="module")
def owed(marts: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """What each customer owes: kind and month to the amount, or to why there is none."""
    rows = marts.execute("""
        select
            counterparty, concat_ws(' ', charge_kind, month(billing_period)),
            sum(expected_amount), max(unpriced_reason), any_value(currency)
        from marts.fct_expected_charges group by 1, 2
    """).fetchall()
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for customer, what, amount, reason, _ in rows:
        found[customer][what] = reason or amount
    return found


@pytest.mark.parametrize("what", CUSTOMERS)
def test_customer_owes(owed: dict[str, dict[str, Any]], what: str) -> None:
    case, found = CUSTOMERS[what], owed[f"c{list(CUSTOMERS).index(what)}"]
    assert found.keys() == case.owes.keys()
    for kind, amount in case.owes.items():
        if isinstance(found[kind], str):
            assert amount in found[kind]
        else:
            assert found[kind] == Decimal(amount), kind


def test_worked_cases_come_out_of_files(owed: dict[str, dict[str, Any]]) -> None:
    """Those of other systems that one card and one event say whole."""
    assert len(PLAIN) > 130
    wrong = {
        case["id"]: owed[f"v-{case['id']}"]
        for case in PLAIN
        if sum(map(Fraction, owed[f"v-{case['id']}"].values()))
        != expected(case) + Fraction(case.get("previously_billed") or 0)
    }
    assert not wrong


def test_each_row_says_by_what_it_was_priced(marts: duckdb.DuckDBPyConnection) -> None:
    """TF5: usage of a month in which the card changes, each by the version of its day."""
    number = list(CUSTOMERS).index("a version of the card prices its own days")
    rows = marts.execute(f"""
        select rate_version, contract_version, expected_amount, tier_detail, assurance, file_row > 0
        from marts.fct_expected_charges where counterparty = 'c{number}' order by local_at
    """).fetchall()
    assert [row[:3] for row in rows] == [("1", "1", 4), ("2", "1", 6)]
    assert json.loads(rows[1][3])[0].keys() == {"tier", "quantity", "unit_price", "amount"}
    assert {row[4:] for row in rows} == {("independent", True)}


@pytest.mark.parametrize("kind", ["usage", "tax"])
def test_a_lost_row_of_a_customer_stops_publication(home: Path, tmp_path: Path, kind: str) -> None:
    """Law 8 counts what customers owe, too, by usage and for a month as a whole."""
    copy = Path(shutil.copytree(home, tmp_path / "home", symlinks=True))
    with duckdb.connect(str(copy / "build" / "marts.duckdb")) as marts:
        marts.execute(
            "delete from marts.marts.fct_expected_charges where expected_charge_id = ("
            "select min(expected_charge_id) from marts.marts.fct_expected_charges"
            f" where charge_kind = '{kind}')"
        )
    outcome = trueup("gate", copy, home.parent / "landing")
    assert outcome.returncode == 1
    assert "law_8_partitions_are_current: 1 row breaks it" in outcome.stderr
