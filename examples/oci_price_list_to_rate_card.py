"""Turn Oracle's public price list (JSON) into a rate card.

Example: python oci_price_list_to_rate_card.py list.json landing/rate_cards/oci.csv
"""

import csv
import json
import sys
from decimal import Decimal

UNBOUNDED = Decimal(999_999_999)
COLUMNS = [
    "rate_card_id",
    "version",
    "sku_id",
    "model",
    "tier",
    "tier_from",
    "tier_to",
    "unit_price",
    "flat_fee",
    "package_size",
    "percent",
    "free_quantity",
    "minimum_amount",
    "maximum_amount",
    "currency",
    "aggregation_scope",
    "reset",
    "rounding_scale",
    "rounding_mode",
    "effective_from",
    "effective_to",
]


def tiers(item: dict) -> list[dict]:
    """Rate card rows of one part number: a flat price, or one row per quantity range."""
    rows = []
    for money in item["currencyCodeLocalizations"]:
        prices = [p for p in money["prices"] if p["model"] == "PAY_AS_YOU_GO"]
        prices.sort(key=lambda price: price.get("rangeMin", 0))
        for tier, price in enumerate(prices, start=1):
            upper = price.get("rangeMax", UNBOUNDED)
            rows.append(
                {
                    "rate_card_id": "oci_public_price_list",
                    "version": "1",
                    "sku_id": item["partNumber"],
                    "model": "graduated" if len(prices) > 1 else "flat",
                    "tier": tier,
                    "tier_from": price.get("rangeMin", 0),
                    "tier_to": "" if upper >= UNBOUNDED else upper,
                    "unit_price": price["value"],
                    "currency": money["currencyCode"],
                    "aggregation_scope": "account",
                    "reset": "month",
                    "effective_from": "2023-01-01",
                }
            )
    return rows


if __name__ == "__main__":
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as stream:
        items = json.load(stream, parse_float=Decimal)["items"]
    with open(target, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for part in items:
            writer.writerows(tiers(part))
