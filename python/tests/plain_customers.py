"""What customers owe, again: from the written files alone, row by row and without floats."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from helpers import read_rows

Rows = list[tuple[Any, ...]]


def events(landing: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((landing / "usage_events" / "products-weekly").rglob("*.jsonl.gz")):
        with gzip.open(path, "rt") as lines:
            for line in lines:
                yield json.loads(line, parse_float=Decimal, parse_int=Decimal)


def usage(landing: Path) -> dict[tuple[str, str, str], Fraction]:
    """Quantity by customer, month and SKU."""
    latest: dict[str, dict[str, Any]] = {}
    for event in events(landing):
        kept = latest.get(event["id"])
        if kept is None or event["data"]["revision"] > kept["data"]["revision"]:
            latest[event["id"]] = event
    meters = {row["event_type"]: row for row in read_rows(landing / "meters" / "products.csv")}
    values: dict[tuple[str, str, str], list[Fraction]] = defaultdict(list)
    for event in latest.values():
        meter = meters[event["type"]]
        value = Fraction(event["data"][meter["value_property"]])
        if meter["aggregation"] == "sum":
            value /= Fraction(event["data"]["sampling_rate"])
        values[event["subject"], event["time"][:7], meter["sku_id"]].append(value)
    how = {row["sku_id"]: max if row["aggregation"] == "max" else sum for row in meters.values()}
    return {key: Fraction(how[key[2]](found)) for key, found in values.items()}


def number(text: str) -> Fraction:
    return Fraction(text or 0)


def in_tier(row: dict[str, str], quantity: Fraction) -> Fraction:
    """How much of a quantity lies in a tier."""
    upper = min(quantity, number(row["tier_to"])) if row["tier_to"] else quantity
    return max(upper - number(row["tier_from"]), Fraction(0))


def price(rows: list[dict[str, str]], quantity: Fraction) -> Fraction:
    """Amount of a quantity by the tiers of a SKU."""
    first, last = rows[0], rows[0]
    quantity = max(quantity - number(first["free_quantity"]), Fraction(0))
    amount = Fraction(0)
    for row in rows:
        taken = in_tier(row, quantity)
        if taken:
            last = row
        if row["model"] == "flat":
            amount += number(row["flat_fee"])
        elif row["model"] in ("standard", "graduated"):
            amount += taken * number(row["unit_price"])
            amount += number(row["flat_fee"]) if taken else 0
        elif row["model"] in ("package", "graduated_package"):
            amount += ceil(taken / number(row["package_size"])) * number(row["unit_price"])
        elif row["model"] in ("percentage", "graduated_percentage"):
            amount += taken * number(row["percent"]) / 100
    if first["model"] == "volume":
        amount = quantity * number(last["unit_price"])
        amount += number(last["flat_fee"]) if quantity else 0
    return max(amount, number(first["minimum_amount"]))


def cents(amount: Fraction) -> Decimal:
    """Rounded half up to cents; amounts here are not negative."""
    return Decimal((amount * 200 + 1) // 2) / 100


def owed(landing: Path, periods: Iterable[date]) -> Rows:
    """Lines that customers owe: customer, month, SKU or kind of line, quantity and amount."""
    used, months = usage(landing), [f"{period:%Y-%m}" for period in periods]
    cards: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in read_rows(landing / "rate_cards" / "customers.csv"):
        cards[row["rate_card_id"], row["sku_id"]].append(row)
    grants = {
        row["contract_id"]: Decimal(row["amount"])
        for row in read_rows(landing / "credits" / "customers.csv")
    }
    found: Rows = []
    for contract in read_rows(landing / "contracts" / "customers.csv"):
        customer, left = contract["account_id"], grants.get(contract["contract_id"], Decimal(0))
        left += Decimal(contract["prepaid_credit_amount"] or 0)
        for month in months:
            spent = Decimal(0)
            for (card, sku), rows in cards.items():
                if card != contract["rate_card_id"]:
                    continue
                first = f"{month}-01"
                valid = [
                    row
                    for row in rows
                    if row["effective_from"] <= first
                    and (not row["effective_to"] or first < row["effective_to"])
                ]
                quantity = used.get((customer, month, sku), Fraction(1))
                amount = price(sorted(valid, key=lambda row: int(row["tier"])), quantity)
                if sku in contract["discount_skus"].split(";"):
                    amount *= 1 - number(contract["discount_percent"]) / 100
                found.append((customer, month, sku, quantity, cents(amount)))
                spent += cents(amount)
            short = Decimal(contract["minimum_commit_amount"] or 0) - spent
            if short > 0:
                found.append((customer, month, "fee", None, short))
                spent += short
            drawn = min(left, spent)
            left -= drawn
            if drawn:
                found.append((customer, month, "credit", None, -drawn))
            if spent > drawn:
                tax = cents(Fraction(spent - drawn) * number(contract["tax_rate"]) / 100)
                found.append((customer, month, "tax", None, tax))
    return sorted(found, key=lambda row: row[:3])
