"""What the worked examples of FOCUS 1.2 are about in our own terms, and what follows from them.

Each agreement gives the rows of its example file, in the file's order, with the amounts that follow
from rate cards, contracts and commitments as inputs.md describes them. Taken from the example are
only the quantities that were metered or bought.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from rating_commitment_reference import Used
from rating_commitment_worlds import units_table, usage_table
from rating_helpers import card_rows, priced

from trueup.rating import contract
from trueup.rating.commitments import apply_commitments, read_commitments

FOLDER = Path(__file__).with_name("data") / "focus_examples"
UNIT = 10**18
Row = dict[str, Any]
Rows = list[Row]


def example(name: str) -> Rows:
    """Rows of an example as it is written; blank lines, BOM and empty values left out."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if any(row.values())]
    return [{key: text for key, text in row.items() if text not in ("", "null")} for row in rows]


def amount(text: str) -> Fraction:
    """An amount as the examples write it."""
    return Fraction(text.replace("$", "").replace(",", "").strip())


def cost(price: Any, quantity: Any, **columns: Any) -> Fraction:
    """What a quantity costs by a card of one price."""
    (found,) = priced(card_rows("standard", [{"unit_price": price}], **columns), quantity)
    assert found is not None
    return found


def costs(quantity: Any, list_price: Any, contracted_price: Any) -> Row:
    """A quantity by the public and by the contract's card."""
    return {
        "PricingQuantity": quantity,
        "ListCost": cost(list_price, quantity),
        "ContractedCost": cost(contracted_price, quantity),
    }


def paid(row: Row) -> Row:
    """Billed at the contract's price; nothing is amortised."""
    return row | {"BilledCost": row["ContractedCost"], "EffectiveCost": row["ContractedCost"]}


def drawn(
    terms: Row, usage: list[Used], units: Any = 1, span: tuple[datetime, datetime] | None = None
) -> list[Row]:
    """Draws on a commitment that may cover all usage, or classes of these units."""
    commitments, defects = read_commitments([terms])
    assert not defects
    by_class = units if isinstance(units, dict) else {used.class_id: units for used in usage}
    eligible = units_table({terms["commitment_id"]: by_class})
    span = span or (terms["starts_at"], terms["ends_at"])
    draws = apply_commitments(commitments, usage_table(usage), eligible, span).draws.to_pylist()
    return [
        {name: Fraction(v) if isinstance(v, Decimal) else v for name, v in draw.items()}
        for draw in draws
    ]


def amortised(draws: list[Row], usage_id: str | None) -> Fraction:
    """What usage, or nothing, draws of an upfront fee."""
    return sum(
        (draw["amortised_fee"] for draw in draws if draw["usage_id"] == usage_id), Fraction(0)
    )


# --- Licences and usage at a price


def plain(price: int) -> Callable[[Rows], Rows]:
    """Billed as it is priced; nothing is amortised."""

    def rows(said: Rows) -> Rows:
        return [paid(costs(amount(row["PricingQuantity"]), price, price)) for row in said]

    return rows


# --- Spend agreements: 1,200 in a year, some of it in each month


YEAR = (datetime(2025, 4, 1), datetime(2026, 4, 1))
YEARLY = {"minimum_commit_amount": 1200, "commit_period": "year"}
MONTHLY = {"minimum_commit_amount": 60, "commit_period": "month"}
PREPAID = {
    "commitment_id": "prepaid", "kind": "prepaid", "upfront_fee": Decimal(1200),
    "starts_at": YEAR[0], "ends_at": YEAR[1],
}  # fmt: skip


def spend(commits: list[Row], prepaid: Row | None = None) -> Callable[[Rows], Rows]:
    """Usage at 12 instead of 15, with minimum commitments, paid as it goes or upfront."""

    def rows(said: Rows) -> Rows:
        used = {
            month(row): amount(row["ConsumedQuantity"]) for row in said if "ConsumedQuantity" in row
        }
        charges = [
            charge
            for number in range(12)
            for charge in month_charges(number, used.get(number), commits)
        ]
        spent = sum(charge["ContractedCost"] for charge in charges)
        charges.append(unused(shortfall(spent, commits, "year")))
        return [paid(row) for row in charges] if prepaid is None else paid_upfront(charges, prepaid)

    return rows


def month(row: Row) -> int:
    """Months since April 2025."""
    started = datetime.strptime(row["ChargePeriodStart"], "%m/%d/%y")
    return (started.year - 2025) * 12 + started.month - 4


def month_charges(number: int, quantity: Fraction | None, commits: list[Row]) -> Rows:
    """Usage of a month, and what it lacks; what the last one lacks the year's end has in it."""
    charges = [] if quantity is None else [{"month": number} | costs(quantity, 15, 12)]
    spent = sum(charge["ContractedCost"] for charge in charges)
    lacks = shortfall(spent, commits, "month")
    return charges + [{"month": number} | unused(lacks)] * (lacks > 0 and number < 11)


def shortfall(spent: Any, commits: list[Row], period: str) -> Fraction:
    """What a period's amount lacks to its minimum commitment."""
    minimum = sum(c["minimum_commit_amount"] for c in commits if c["commit_period"] == period)
    (lacks,) = contract.shortfall([int(spent * UNIT)], [minimum * UNIT])
    return Fraction(lacks, UNIT)


def unused(lacks: Fraction) -> Row:
    """A fee for what was committed and not used, as a part of the year's commitment of 1,200."""
    return costs(lacks / 1200, 1200, 1200)


def paid_upfront(charges: Rows, prepaid: Row) -> Rows:
    """Charges drawn from what was paid upfront; the last one is what is left at the end."""
    *charges, rest = charges
    usage = []
    for number, charge in enumerate(charges):
        first = np.datetime64("2025-04") + charge["month"]
        month = ((first + n).astype("datetime64[us]").item() for n in (0, 1))
        usage.append(Used(str(number), 0, *month, Fraction(1), charge["ContractedCost"]))
    draws = drawn(prepaid, usage)
    effective = [amortised(draws, key) for key in (*map(str, range(len(charges))), None)]
    bought = costs(1, prepaid["upfront_fee"], prepaid["upfront_fee"])
    return [
        bought | {"BilledCost": bought["ContractedCost"], "EffectiveCost": 0},
        *(
            charge | {"BilledCost": 0, "EffectiveCost": drew}
            for charge, drew in zip([*charges, rest], effective, strict=True)
        ),
    ]


# --- Tokens: a virtual currency, bought before it is used


def tokens_bought(list_price: int, contracted_price: int) -> Callable[[Rows], Rows]:
    """Tokens are paid for; what they cost is amortised by what uses them."""

    def rows(said: Rows) -> Rows:
        priced = [costs(amount(r["PricingQuantity"]), list_price, contracted_price) for r in said]
        return [
            row | {"BilledCost": row["ContractedCost"], "EffectiveCost": 0,
                   "PricingCurrencyEffectiveCost": 0}
            for row in priced
        ]  # fmt: skip

    return rows


def tokens_used(
    list_rate: int, contracted_rate: int, list_tokens: Row, contracted_tokens: Row
) -> Callable[[Rows], Rows]:
    """Usage priced in tokens, which are worth so many US dollars by list and by contract."""

    def dollars(tokens: Fraction, rate: int) -> Fraction:
        (counts,) = contract.in_currency([int(tokens * UNIT)], Fraction(rate))
        return Fraction(counts, UNIT)

    def rows(said: Rows) -> Rows:
        made, usage = [], []
        for number, row in enumerate(said):
            quantity, sku = amount(row["ConsumedQuantity"]), row["SkuId"]
            public = cost(list_tokens[sku], quantity, currency="Token")
            agreed = cost(contracted_tokens[sku], quantity, currency="Token")
            unit_price = dollars(Fraction(contracted_tokens[sku]), contracted_rate)
            usage.append(Used(str(number), 0, *DAY, quantity, unit_price))
            made.append(
                {
                    "PricingQuantity": quantity,
                    "ListCost": dollars(public, list_rate),
                    "ContractedCost": dollars(agreed, contracted_rate),
                    "BilledCost": 0,
                    "PricingCurrencyEffectiveCost": agreed,
                }
            )
        bought = PREPAID | {"upfront_fee": Decimal(100_000 * contracted_rate)}
        draws = drawn(bought, usage, span=DAY)
        return [row | {"EffectiveCost": amortised(draws, str(n))} for n, row in enumerate(made)]

    return rows


DAY = (datetime(2025, 4, 1), datetime(2025, 4, 2))
TOKENS = {"762343": 1, "12345": 2, "78314": 3}


# --- Commitment discounts, in their first hour


HOUR = (datetime(2023, 1, 1), datetime(2023, 1, 1, 1))
TERM = {
    "commitment_id": "mine", "kind": "savings_plan",
    "starts_at": datetime(2023, 1, 1), "ends_at": datetime(2024, 1, 1),
}  # fmt: skip


def money_bought(terms: Row) -> Callable[[Rows], Rows]:
    """Fees of committed money: upfront once, else in each hour."""

    def rows(said: Rows) -> Rows:
        made = []
        for row in said:
            is_upfront = row["ChargeFrequency"] == "One-Time"
            fee = Fraction(terms["upfront_fee" if is_upfront else "recurring_fee_per_hour"])
            made.append({"BilledCost": fee, "EffectiveCost": 0, "CommitmentDiscountQuantity": fee})
        return made

    return rows


def money_used(*used: tuple[Any, Any]) -> Callable[[Rows], Rows]:
    """An hour of 1 US dollar committed and paid upfront, and usage (quantity, price) in it."""
    terms = TERM | {"amount_per_hour": Decimal(1), "upfront_fee": Decimal(8760)}
    usage = [Used(str(n), 0, *HOUR, Fraction(q), Fraction(p)) for n, (q, p) in enumerate(used)]

    def rows(said: Rows) -> Rows:
        draws = drawn(terms, usage, span=HOUR)
        return [*(committed(draw) for draw in draws), *on_demand(draws, usage)]

    return rows


def committed(draw: Row, of_unit: int = 1) -> Row:
    """A row of what a commitment covers, or of what nothing uses of it."""
    row = {
        "BilledCost": 0,
        "EffectiveCost": draw["amortised_fee"] + draw["recurring_fee"],
        "CommitmentDiscountQuantity": draw["drawn"] * of_unit,
        "CommitmentDiscountStatus": "Unused" if draw["usage_id"] is None else "Used",
    }
    if draw["usage_id"] is None:
        return row
    return row | {
        "PricingQuantity": draw["covered_quantity"],
        "ListCost": draw["covered_amount"],
    }


def on_demand(draws: list[Row], usage: list[Used]) -> Rows:
    """Rows of what no commitment covers."""
    made = []
    for used in usage:
        of_it = [draw for draw in draws if draw["usage_id"] == used.usage_id]
        quantity = used.quantity - sum(draw["covered_quantity"] for draw in of_it)
        due = cost(used.unit_price, used.quantity) - sum(draw["covered_amount"] for draw in of_it)
        row = {"PricingQuantity": quantity, "ListCost": due, "ContractedCost": due}
        made += [paid(row)] * (quantity > 0)
    return made


# Sizes of one machine: units of the smallest, and list price of an hour.
SIZES = {"VM_SMALL": (1, 1), "VM_MEDIUM": (2, 2), "VM_LARGE": (3, 3), "VM_XLARGE": (4, 4)}


def reserved(size: str, used: list[str], is_flexible: bool) -> Callable[[Rows], Rows]:
    """One machine of a size reserved at half its price, and machines used in the hour."""
    units, price = SIZES[size]
    terms = TERM | {"kind": "reservation", "quantity_per_hour": Decimal(1)}
    terms["recurring_fee_per_hour"] = Decimal(price) / 2
    usage = [
        Used(str(n), [*SIZES].index(each), *HOUR, Fraction(1), Fraction(SIZES[each][1]))
        for n, each in enumerate(used)
    ]
    eligible = {
        number: Fraction(of[0], units)
        for number, (each, of) in enumerate(SIZES.items())
        if is_flexible or each == size
    }

    def rows(said: Rows) -> Rows:
        draws = drawn(terms, usage, eligible, HOUR)
        of_unit = units if is_flexible else 1
        bought = {
            "PricingQuantity": 1,
            "ListCost": cost(price, 1),
            "BilledCost": Fraction(terms["recurring_fee_per_hour"]),
            "EffectiveCost": 0,
            "CommitmentDiscountQuantity": of_unit,
        }
        lost = {"ListCost": cost(price, 1), "PricingQuantity": 1}
        return [
            bought,
            *(
                committed(draw, of_unit) | (lost if draw["usage_id"] is None else {})
                for draw in draws
            ),
            *on_demand(draws, usage),
        ]

    return rows


FLEXIBLE = "one_hundred_percent_utilization_with_commitment_discount_flexibility_with"
NOT_FLEXIBLE = "utilization_without_commitment_discount_flexibility"
AGREEMENTS: dict[str, Callable[[Rows], Rows]] = {
    "simple_saas_agreements_a1": plain(10_000),
    "simple_saas_agreements_a2": plain(100),
    "simple_saas_agreements_a3": plain(100),
    "simple_saas_agreements_b": plain(100),
    "simple_saas_agreements_c": plain(20),
    "saas_spend_agreements_a1": spend([YEARLY]),
    "saas_spend_agreements_a2": spend([YEARLY, MONTHLY]),
    "saas_spend_agreements_b1": spend([YEARLY], PREPAID),
    "saas_spend_agreements_b2": spend([YEARLY, MONTHLY], PREPAID),
    "virtual_currency_pricing_model_a1": tokens_bought(2, 2),
    "virtual_currency_pricing_model_a2": tokens_used(2, 2, TOKENS, TOKENS),
    "virtual_currency_pricing_model_b1": tokens_bought(2, 1),
    "virtual_currency_pricing_model_b2": tokens_used(2, 1, TOKENS, TOKENS),
    "virtual_currency_pricing_model_b3": tokens_used(2, 1, TOKENS, TOKENS | {"78314": 2}),
    "virtual_currency_pricing_model_c": tokens_bought(2, 2),
    "commitment_discount_purchase_scenario_1": money_bought({"upfront_fee": "8760"}),
    "commitment_discount_purchase_scenario_2": money_bought({"recurring_fee_per_hour": "1"}),
    "commitment_discount_purchase_scenario_3": money_bought(
        {"upfront_fee": "4380", "recurring_fee_per_hour": "0.5"}
    ),
    "commitment_discount_usage_scenario_1": money_used((1, 1)),
    "commitment_discount_usage_scenario_2": money_used(),
    "commitment_discount_usage_scenario_3": money_used((1, "0.75")),
    "commitment_discount_usage_scenario_4": money_used((1, "1.5")),
    f"{FLEXIBLE}_1_resource": reserved("VM_SMALL", ["VM_LARGE"], True),
    f"{FLEXIBLE}_2_resources": reserved("VM_XLARGE", ["VM_MEDIUM", "VM_MEDIUM"], True),
    f"one_hundred_percent_{NOT_FLEXIBLE}": reserved("VM_LARGE", ["VM_LARGE"], False),
    f"zero_percent_{NOT_FLEXIBLE}": reserved("VM_LARGE", ["VM_MEDIUM"], False),
}

# Cells that contradict others of the same example: row from 1, column, why. Not among them are
# times of purchases (10:00 for 01:00, and even 30:00), which no amount depends on.
LARGE_HOUR = "one hour of VM_LARGE, a third of it covered, leaves 2/3 at 3.00, not 0.75"
CONTRADICTIONS = {
    f"{FLEXIBLE}_1_resource": [
        (2, "ListCost", "0.333 hours at a list price of 3.00 are 1.00, not 3.00"),
        (3, "BilledCost", LARGE_HOUR),
        (3, "EffectiveCost", LARGE_HOUR),
        (3, "ListCost", LARGE_HOUR),
        (3, "PricingQuantity", LARGE_HOUR),
    ],
}
