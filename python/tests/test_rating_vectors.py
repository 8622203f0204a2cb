"""Worked answers that other systems state, replayed by the rating library.

`data/pricing/cases.jsonl` holds numbers and citations; `left_out.csv` names the cases that are not
replayed, and why.
"""

from __future__ import annotations

import csv
import json
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from rating_helpers import QUANTITY, card_rows, decimal, fractions, priced, usage_of

from trueup.rating import contract, meters, rate, read_cards
from trueup.rating.rounding import divide

DATA = Path(__file__).parent / "data" / "pricing"
CASES = [json.loads(line) for line in (DATA / "cases.jsonl").read_text("utf-8").splitlines()]
Case = dict[str, Any]
UNIT = 10**12  # money and quantities of contract functions here: 10 ** -12

ROUNDING = {"ceil": "up", "floor": "down"}
PERIODS = {"monthly": "month", "quarterly": "quarter", "annual": "year"}


def test_every_case_is_replayed_or_left_out_with_a_reason() -> None:
    with (DATA / "left_out.csv").open(encoding="utf-8", newline="") as file:
        left_out = {row["id"]: row["reason"] for row in csv.DictReader(file)}
    replayed = {case["id"] for case in CASES}
    assert len(replayed) == len(CASES)
    assert not replayed & left_out.keys()
    assert len(replayed) + len(left_out) == 448
    assert all(left_out.values())
    assert sum(case["replayable"] for case in CASES) == 163
    assert {case["model"] for case in CASES} <= REPLAYS.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case: Case) -> None:
    assert REPLAYS[case["model"]](case) == expected(case)


def expected(case: Case) -> Any:
    return case["expected"] if case["expected_kind"] == "period" else Fraction(case["expected"])


# --- Priced by rate cards


def by_card(case: Case) -> Fraction:
    """Amount of the case's usage by one rate card, with what its period's end adds."""
    return settled(case, rows_of(case), case["quantity"], case.get("previously_billed"))


def settled(case: Case, rows: list[dict[str, Any]], quantity: str, billed: str | None) -> Fraction:
    """What is due of a quantity after what was billed, with the minimum where the period ends."""
    before, quantities = case.get("previous_quantity"), [quantity]
    if before is not None and case["basis"] == "cumulative_to_date":
        quantities = [before, Fraction(quantity) - Fraction(before)]
    elif before is not None and (Fraction(before) or billed):
        quantities = [before, quantity]
    amounts = priced(rows, *quantities)
    due = sum(amounts)
    if case["params"].get("minimum") and ends_period(case):
        due += contract.shortfall([due], [Fraction(case["params"]["minimum"])])[0]
    due -= Fraction(billed) if billed else sum(amounts[:-1])
    for credit in case.get("credits", ()):
        due -= contract.drawn([due], [(Fraction(credit), None)])[0, 0]
    return due


def ends_period(case: Case) -> bool:
    return case.get("final_run", case.get("line") != "mid period")


def rows_of(case: Case) -> list[dict[str, Any]]:
    """The rate card that says what the case's parameters say."""
    params, model = case["params"], case["model"]
    return card_rows(CARD_MODELS.get(model, model), TIERS[model](params), **columns_of(params))


def columns_of(params: dict[str, Any]) -> dict[str, Any]:
    rounding = params.get("line_rounding") or params.get("rounding") or {}
    convert = params.get("unit_config", {})
    named = {
        "rounding_scale": rounding.get("decimals"),
        "rounding_mode": rounding.get("mode"),
        "maximum_amount": params.get("maximum"),
        "discount_percent": params.get("percent_discount"),
        "usage_discount_quantity": params.get("usage_discount"),
        "unit_divisor": convert.get("factor"),
        "unit_rounding": ROUNDING.get(convert.get("rounding"), convert.get("rounding")),
        "partial_package": params.get("partial"),
        "flat_fee_when": "always" if params.get("zero_usage_flat") else None,
    }
    return {name: value for name, value in named.items() if value is not None}


def tiered(params: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"tier_to": tier["up_to"], "unit_price": tier.get("unit"), "flat_fee": tier.get("flat")}
        for tier in params["tiers"]
    ]


def blocks(params: dict[str, Any]) -> list[dict[str, Any]]:
    """Tiers of so many blocks; usage beyond the last one is priced as it."""
    upper, tiers = 0, []
    for tier in params["tiers"]:
        upper += int(tier["block_size"]) * int(tier["max_blocks"])
        tiers.append(
            {"tier_to": upper, "unit_price": tier["price"], "package_size": tier["block_size"]}
        )
    tiers[-1]["tier_to"] = None
    return tiers


def package(params: dict[str, Any]) -> list[dict[str, Any]]:
    tier = {"unit_price": params["package_amount"], "package_size": params["package_size"]}
    return [tier | {"free_quantity": params.get("free_units")}]


CARD_MODELS = {"block_graduated": "graduated_package", "block_volume": "volume"}
TIERS: dict[str, Callable[[dict[str, Any]], list[dict[str, Any]]]] = {
    "flat": lambda params: [{"flat_fee": params["amount"], "flat_fee_when": "always"}],
    "standard": lambda params: [{"unit_price": params["unit_amount"]}],
    "graduated": tiered,
    "volume": tiered,
    "package": package,
    "dynamic": lambda params: [{"percent": Fraction(params.get("multiplier", 1)) * 100}],
    "block_graduated": blocks,
    "block_volume": blocks,
}


def graduated(case: Case) -> Fraction:
    accounts = case["params"].get("accounts")
    if not accounts:
        return by_card(case)
    usage = [(group, 0, quantity) for group, quantity in enumerate(accounts)]
    return sum(fractions(rate(usage_of(usage), read_cards(rows_of(case))).rows["amount"]))


def percentage(case: Case) -> Fraction:
    """Each event is a row; one batch and one batch an event give the same."""
    params = case["params"]
    tier = {
        "percent": params["rate"],
        "fixed_per_event": params["fixed"],
        "free_events": params.get("free_events"),
        "free_amount": params.get("free_total"),
        "per_event_minimum": params["per_txn_min"],
        "per_event_maximum": params["per_txn_max"],
    }
    cards = read_cards(card_rows("percentage", [tier]))
    usage = usage_of([(1, 0, value) for value in params["events"]])
    amount = sum(fractions(rate(usage, cards).rows["amount"]))
    assert amount == sum(priced(cards, *params["events"]))
    return amount


def block(case: Case) -> Fraction:
    """Usage in blocks, of one unit or of several."""
    if "units" not in case["params"]:
        return by_card(case)
    model, billed = CARD_MODELS[case["model"]], case.get("previously_billed", {})
    return sum(
        settled(case, card_rows(model, blocks({"tiers": tiers})), case["quantity"][unit],
                billed.get(unit))
        for unit, tiers in case["params"]["units"].items()
    )  # fmt: skip


def capacity(case: Case) -> Fraction:
    """The lowest tier that holds all units is the highest that one of them needs."""
    amounts = []
    for unit, quantity in case["quantity"].items():
        limits = [int(tier["limits"][unit]) for tier in case["params"]["tiers"]]
        tiers = [
            {"tier_to": None if limit < 0 else limit, "flat_fee": tier["price"]}
            for limit, tier in zip(limits, case["params"]["tiers"], strict=True)
        ]
        amounts += priced(card_rows("volume", tiers), quantity)
    return max(amounts)


def unit_conversion(case: Case) -> Fraction:
    return priced(card_rows("standard", [{"unit_price": 1}], **columns_of(case["params"])),
                  case["quantity"])[0]  # fmt: skip


def usage_discount(case: Case) -> Fraction:
    rows = card_rows("standard", [{"unit_price": 1}], **columns_of(case["params"]))
    return priced(rows, case["previous_quantity"], case["quantity"])[1]


# --- Periods and proration


def days(*texts: Any) -> list[np.datetime64]:
    return [np.datetime64(text) for text in texts]


def day_count(case: Case) -> int:
    return contract.counted(*days(case["params"]["from"], case["params"]["to"]), "days_exclusive")


def billing_period(case: Case) -> str:
    """Periods are anchored at the billing day; the first one starts with the contract."""
    params = case["params"]
    day = np.datetime64(params["invoice_date"])
    anchor = np.datetime64(f"2021-01-{params['billing_day']:02}")
    start, end = contract.periods(day, anchor, PERIODS[params["period"].lower()])
    return f"{day if params['first_period'] else start}/{end}"


def cycles(case: Case) -> Fraction:
    """Periods billed in advance up to a day, anchored at the billing day; parts by days."""
    params = case["params"]
    start = date.fromisoformat(params["start"])
    last_day = monthrange(start.year, start.month)[1]
    anchor = np.datetime64(start.replace(day=min(params["billing_cycle_day"], last_day)))
    target = np.datetime64(params["target"])
    end = np.datetime64(params["end"] or "9999-12-31")
    total = Fraction(0)
    for begin, first, last in spans(np.datetime64(start), anchor, params):
        if begin > target or begin >= end:
            break
        part = contract.counted(begin, min(last, end), "days_exclusive")
        whole = contract.counted(first, last, "days_exclusive")
        total += rounded(Fraction(int(part), int(whole)), params["rounding"])
    return total


def spans(start: Any, anchor: Any, params: dict[str, Any]) -> Iterator[tuple[Any, Any, Any]]:
    while True:
        first, last = contract.periods(start, anchor, PERIODS[params["billing_period"]])
        yield start, first, last
        start = last


def coefficient(case: Case) -> Fraction:
    start, end = days(*case["params"]["partial"])
    first, last = contract.periods(start, np.datetime64("2025-04-01"), "year")
    part = contract.counted(start, end, "days_exclusive")
    return Fraction(int(part), int(contract.counted(first, last, "days_exclusive")))


def proration(case: Case) -> Fraction:
    params = case["params"]
    if "tax_rate" not in params:
        return money(
            contract.prorated([units(params["amount"])], int(params["used"]), int(params["total"]))
        )
    return taxed(contract.prorated([int(params["amount"])], int(params["used"]),
                                   int(params["total"])), params)  # fmt: skip


def credit_note(case: Case) -> Fraction:
    params = case["params"]
    net = contract.prorated([int(params["amount"])], int(params["unused"]), int(params["total"]))
    return taxed(net, params)


def taxed(net: Any, params: dict[str, Any]) -> Fraction:
    """Cents with tax on them."""
    return Fraction(int(net[0] + contract.tax(net, Fraction(params["tax_rate"]), "line")[0]))


def proration_change(case: Case) -> Fraction:
    """The new price for the rest of a period, less the old one for it; each rounded to cents."""
    params = case["params"]
    if "remaining" in params:  # credited now, due with the next period
        old, new, rest = int(params["old"]), int(params["new"]), Fraction(params["remaining"])
        return new + sum(
            sign * Fraction(int(contract.prorated([price], rest.numerator, rest.denominator)[0]))
            for sign, price in ((1, new), (-1, old))
        )
    if "old_amount" in params:
        part, whole = int(params["remaining_days"]), int(params["period_days"])
        amounts = [int(params["old_amount"]), int(params["new_amount"])]
        credit, charge = contract.prorated(amounts, part, whole)
        return Fraction(int(charge - credit))
    start, end = days(*params["period"])
    part = contract.counted(np.datetime64(params["change_date"]), end, "days_inclusive")
    whole = contract.counted(start, end, "days_inclusive")
    cents = [
        int(Fraction(quantity) * Fraction(price) * 100)
        for quantity, price in (params.get("old", ("0", "0")), params.get("new", ("0", "0")))
    ]
    credit, charge = contract.prorated(cents, int(part), int(whole))
    return Fraction(int(charge - credit), 100)


# --- Commitments, discounts, tax, currency


def hourly_commitment(case: Case) -> Fraction:
    params = case["params"]
    used, unused, beyond = contract.covered(
        [units(case["quantity"])], [units(params["hourly_commit"])]
    )
    return money({"used": used, "unused": unused, "on_demand": beyond}[params["part"]])


def coverage(case: Case) -> Fraction:
    params = case["params"]
    usage = params["normalization_factor_usage"]
    used, _, _ = contract.covered([usage], [params["normalization_factor_commitment"]])
    return Fraction(int(used[0]), usage)


def amortization(case: Case) -> Fraction:
    params = case["params"]
    fee = Fraction(params["hourly_commit"]) * params["hours"] * Fraction(params["upfront_share"])
    return money([contract.amortised(units(fee), params["hours"]).sum()])


def commitment_true_up(case: Case) -> Fraction:
    params = case["params"]
    if "month" in params:
        used = units(params["usage_by_month"][params["month"] - 1])
        return money(contract.shortfall([used], [units(params["monthly_minimum"])]))
    usage = priced(card_rows("standard", [{"unit_price": params["unit_amount"]}]), case["quantity"])
    spent = usage[0] + Fraction(params["subscription"])
    return money(contract.shortfall([units(spent)], [units(params["commitment"])]))


def minimum_true_up(case: Case) -> Fraction:
    return Fraction(
        int(contract.shortfall([int(case["quantity"])], [int(case["params"]["minimum"])])[0])
    )


def coupon_share(case: Case) -> Fraction:
    """Coupons one after the other, each shared by what is left, in 10 ** -5 cents."""
    params = case["params"]
    left = contract.exact([int(fee) * 10**5 for fee in params["fees"]])
    full = left.copy()
    for coupon in params["coupons"]:
        chosen = [
            coupon["fees"] == "all" or number in coupon["fees"]
            for number in range(1, len(left) + 1)
        ]
        left = left - contract.shared(int(coupon["amount"]) * 10**5, left * chosen)
    return Fraction(int((full - left)[params["fee_index"] - 1]), 10**5)


def coupons(case: Case) -> Fraction:
    params = case["params"]
    percents = [Fraction(value) for kind, value in params["coupons"] if kind == "percent"]
    fixed = sum(int(value) * 100 for kind, value in params["coupons"] if kind == "fixed")
    steps = contract.discounted([int(case["quantity"])], percents, fixed)
    return Fraction(int(steps.percent[0] + steps.fixed[0]))


def percent_discount(case: Case) -> Fraction:
    percent = Fraction(case["params"]["percent"])
    return money(contract.discounted([units(case["quantity"])], [percent]).percent)


def tax(case: Case) -> Fraction:
    params = case["params"]
    net = units(Fraction(case["quantity"]) - Fraction(params.get("coupon", 0)))
    if "rounding" in params:
        return money(contract.tax([net], Fraction(params["rate"]), "line", unit=UNIT))
    total = net
    for rate_ in params["rates"]:
        base = total if params["compound"] else net
        total += int(contract.tax([base], Fraction(rate_), "line")[0])
    return money([total - net])


def currency_conversion(case: Case) -> Fraction:
    return money(contract.in_currency([units(case["quantity"])], Fraction(case["params"]["rate"])))


def currency_rounding(case: Case) -> Fraction:
    return rounded(Fraction(case["quantity"]), case["params"])


# --- Meters


def weighted_sum(case: Case) -> Fraction:
    params = case["params"]
    start, last = days(*params["period"])
    events = params["events"]
    [quantity] = meters.aggregated(
        "weighted_sum",
        pa.array([decimal(value) for _, value in events], QUANTITY),
        np.array([0]),
        np.array([time for time, _ in events], "datetime64[us]"),
        (np.array([start]), np.array([last + 1])),
        pa.array([decimal(params["initial"])], QUANTITY),
    ).to_pylist()
    return rounded(Fraction(quantity), params["rounding"])


# --- Numbers


def units(number: Any) -> int:
    """A decimal in units of 10 ** -12."""
    value = Fraction(number) * UNIT
    assert value.denominator == 1
    return int(value)


def money(amounts: Any) -> Fraction:
    """The one amount, from units of 10 ** -12."""
    [amount] = amounts
    return Fraction(int(amount), UNIT)


def rounded(number: Fraction, rounding: dict[str, Any]) -> Fraction:
    scale = 10 ** rounding["decimals"]
    mode = rounding.get("mode", "half_up")
    return Fraction(divide(number.numerator * scale, number.denominator, mode), scale)


REPLAYS: dict[str, Callable[[Case], Any]] = {
    **dict.fromkeys(("flat", "standard", "volume", "package", "dynamic"), by_card),
    **dict.fromkeys(("block_graduated", "block_volume"), block),
    "graduated": graduated,
    "percentage": percentage,
    "capacity": capacity,
    "unit_conversion": unit_conversion,
    "usage_discount": usage_discount,
    "day_count": day_count,
    "billing_period": billing_period,
    "billing_cycles_in_advance": cycles,
    "proration": proration,
    "proration_change": proration_change,
    "proration_coefficient": coefficient,
    "credit_note": credit_note,
    "hourly_commitment": hourly_commitment,
    "commitment_coverage": coverage,
    "commitment_amortization": amortization,
    "commitment_true_up": commitment_true_up,
    "minimum_true_up": minimum_true_up,
    "coupon_share": coupon_share,
    "coupons": coupons,
    "percent_discount": percent_discount,
    "tax": tax,
    "currency_conversion": currency_conversion,
    "currency_rounding": currency_rounding,
    "weighted_sum": weighted_sum,
}
