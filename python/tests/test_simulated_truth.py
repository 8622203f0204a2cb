"""The simulator's truth against a plain recomputation of what its landing folder says was agreed.

Two tiny worlds: one clean, one where vendors bill otherwise than agreed, usage runs away, contracts
and price models change, and storage moves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isqrt
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from helpers import read_rows
from plain_charges import Cost, agreed, cents, costs
from plain_customers import owed

from trueup.simulate.plan import Plan
from trueup.simulate.run import simulate

WORLDS: dict[int, tuple[str, ...]] = {
    21: (),
    22: ("RF9", "BF3", "RF5", "EF7", "ES3", "TF5", "RS4", "TF6", "BS4", "RS1", "IF3"),
}
KINDS = {"usage", "covered", "unused", "commitment_fee", "upfront_fee", "credit", "tax"}
INVOICED_AS = {"commitment_fee": "recurring", "upfront_fee": "fee", "credit": "credit"}


@dataclass(frozen=True)
class Written:
    """A world that was written: its plan, its landing folder and the truth of its lines."""

    plan: Plan
    landing: Path
    lines: list[dict[str, Any]]


@pytest.fixture(scope="module", params=WORLDS)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    plan = Plan(request.param, months=2, lines=3_000)
    out = tmp_path_factory.mktemp("world") / "out"
    world = simulate(plan, WORLDS[request.param], out, lambda _: None)
    lines = [
        line
        for path in sorted((world.truth / "lines").glob("*.parquet"))
        for line in pq.read_table(path).to_pylist()
    ]
    return Written(plan, world.landing, lines)


def test_each_line_is_due_what_was_agreed(written: Written) -> None:
    found = costs(written.landing, written.lines)
    assert {line["kind"] for line in written.lines} == KINDS
    assert len(found) == len(written.lines) > 10_000
    wrong = []
    for line in written.lines:
        # of what is billed otherwise than agreed, the effective cost is what is billed
        extra = Fraction(line["billed_cost"]) - Fraction(line["due_cost"])
        told = Cost(Fraction(line["due_cost"]), Fraction(line["effective_cost"]) - extra)
        if told != found[line["line_no"]]:
            wrong.append((line, found[line["line_no"]]))
        if extra:
            assert line["effect_id"]
    assert wrong == []


def test_commitments_are_amortised_to_the_last_hour(written: Written) -> None:
    """What is paid for a month, and its part of what was paid at the start, is used or unused."""
    amounts: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for line in written.lines:
        column = "due_cost" if line["kind"] == "commitment_fee" else "effective_cost"
        amounts[line["payer_id"], line["kind"]] += Fraction(line[column])
    days = sum((b - a).days for a, b in month_bounds(written.plan))
    terms = agreed(written.landing)
    for payer, [contract, *_] in terms.contracts.items():
        for commitment in terms.commitments[contract["contract_id"]]:
            paid = Fraction(commitment["upfront_fee"]) * days / 365
            paid += amounts[payer, "commitment_fee"]
            assert amounts[payer, "covered"] + amounts[payer, "unused"] == paid > 0


def month_bounds(plan: Plan) -> Iterator[tuple[Any, Any]]:
    """First day of each month and of the one after it."""
    return zip(plan.periods, (*plan.periods[1:], plan.ends_at.date()), strict=True)


def test_vendors_invoice_what_their_lines_bill(written: Written) -> None:
    """By the rounding rule of FOCUS; here each invoice's net is its lines' sum, in cents."""
    contracts = agreed(written.landing).contracts
    billed: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    rows: dict[str, int] = defaultdict(int)
    for line in written.lines:
        kind = line["kind"] if line["kind"] == "tax" else INVOICED_AS.get(line["kind"], "usage")
        billed[line["invoice_id"]][kind] += Fraction(line["billed_cost"])
        rows[line["invoice_id"]] += 1
    stated: dict[str, list[dict[str, str]]] = defaultdict(list)
    for path in sorted((written.landing / "invoices" / "vendors").glob("*.csv")):
        for row in read_rows(path):
            stated[row["invoice_id"]].append(row)
    assert stated.keys() == billed.keys()
    for invoice, lines in stated.items():
        amounts: dict[str, Fraction] = defaultdict(Fraction)
        for row in lines:
            amounts[row["line_kind"]] += Fraction(row["amount"])
            assert Fraction(row["amount"]) == cents(Fraction(row["amount"]))
        assert sum(amounts.values()) == Fraction(lines[0]["stated_total"])
        tax = amounts.pop("tax")
        exported_tax = billed[invoice].pop("tax", None)
        net, exact = sum(amounts.values()), sum(billed[invoice].values())
        assert net == cents(exact)
        assert abs(net - exact) <= max(Fraction(1), Fraction(isqrt(rows[invoice]), 200))
        for kind, amount in billed[invoice].items():
            assert abs(amounts[kind] - amount) <= Fraction(1, 100)
        rate = Fraction(contracts[lines[0]["account_id"]][0]["tax_rate"]) / 100
        assert tax == (cents(net * rate) if exported_tax is None else exported_tax)


def test_customers_are_invoiced_what_they_owe(written: Written) -> None:
    invoiced, totals = [], defaultdict(Decimal)
    stated = {}
    for path in sorted((written.landing / "invoices" / "customers").glob("*-final.csv")):
        for row in read_rows(path):
            quantity = Fraction(row["quantity"]) if row["quantity"] else None
            what = row["sku_id"] or row["line_kind"]
            amount = Decimal(row["amount"])
            invoiced.append((row["account_id"], row["period_start"][:7], what, quantity, amount))
            totals[row["invoice_id"]] += amount
            stated[row["invoice_id"]] = Decimal(row["stated_total"])
    assert sorted(invoiced, key=lambda row: row[:3]) == owed(written.landing, written.plan.periods)
    assert totals == stated
    numbers = sorted(int(invoice[-6:]) for invoice in stated)
    assert numbers == list(range(1, len(numbers) + 1))
