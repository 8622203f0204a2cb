"""What the company sells: products, plans with their prices, and the contract of each customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from trueup.simulate.catalog import PRICE_SCALE
from trueup.simulate.draw import Columns, columns_of, digits, hexes, names
from trueup.simulate.plan import Plan


@dataclass(frozen=True)
class Offer:
    """A product of ours, its meter, and how much of it the largest customer uses."""

    offer: str
    unit: str
    aggregation: str  # of a month; empty: without a meter, one a month
    daily: int  # thousandths of the unit, about, at weight 1,000,000
    quantum: int  # thousandths of the unit that usage is a multiple of
    weekend_permille: int
    is_running: bool  # adds up from day to day; else it is a level
    is_sampled: bool = False  # some customers' usage is reported by samples
    is_discounted: bool = False  # by the discount of the contract


OFFERS = (
    Offer("platform", "Months", "", 0, 1000, 1000, False),
    Offer("calls", "Calls", "sum", 100_000_000, 1000, 550, True, True, True),
    Offer("storage", "GB-Days", "sum", 1_000_000, 1, 1000, True, False, True),
    Offer("seats", "Seats", "max", 200_000, 1000, 1000, False),
    Offer("payments", "Money", "sum", 50_000_000, 10, 700, True),
)


@dataclass(frozen=True)
class Tier:
    """A tier: prices in the card's currency, or percent of the value."""

    upper: int | None  # quantity up to which it applies
    price: float = 0  # of a unit, or of a package
    fee: int = 0  # due once when the tier is reached
    percent: float = 0


@dataclass(frozen=True)
class Price:
    """How a plan prices an offer; the seed moves prices and bounds."""

    plan: str
    offer: str
    model: str
    tiers: tuple[Tier, ...]
    free: int | None = None  # quantity included
    minimum: int | None = None  # least amount of a month
    package: int | None = None  # units


PRICES = (
    Price("start", "platform", "flat", (Tier(None, fee=49),)),
    Price("start", "calls", "standard", (Tier(None, 0.0004),), free=10_000),
    Price("start", "storage", "graduated",
          (Tier(500, 0.03), Tier(5_000, 0.024), Tier(None, 0.018))),
    Price("start", "seats", "standard", (Tier(None, 12.0),), minimum=100),
    Price("start", "payments", "percentage", (Tier(None, percent=0.9),)),
    Price("grow", "platform", "flat", (Tier(None, fee=199),)),
    Price("grow", "calls", "graduated",
          (Tier(50_000, 0.0003), Tier(500_000, 0.00022, 20), Tier(None, 0.00015, 100))),
    Price("grow", "storage", "volume",
          (Tier(500, 0.028), Tier(5_000, 0.02), Tier(None, 0.016))),
    Price("grow", "seats", "package", (Tier(None, 45.0),), package=5),
    Price("grow", "payments", "percentage", (Tier(None, percent=0.8),), minimum=250),
    Price("scale", "platform", "flat", (Tier(None, fee=999),)),
    Price("scale", "calls", "graduated_package",
          (Tier(100_000, 0.25), Tier(None, 0.12)), package=1_000),
    Price("scale", "storage", "volume", (Tier(1_000, 0.02, 10), Tier(None, 0.012, 60))),
    Price("scale", "seats", "volume", (Tier(10, 9.0), Tier(50, 8.0), Tier(None, 7.0))),
    Price("scale", "payments", "graduated_percentage",
          (Tier(10_000, percent=0.7), Tier(200_000, percent=0.5), Tier(None, percent=0.35))),
)  # fmt: skip
PLANS = ("start", "grow", "scale")
# Price level of each currency in per mille of the one above.
CURRENCIES = {"USD": 1000, "EUR": 930, "GBP": 800}
# In thousandths of a percent.
TAX_RATES = {"DE": 19_000, "GB": 20_000, "US-NY": 8_875}


def sales(plan: Plan, tenants: int) -> dict[str, Columns]:
    """Tables of what is sold: by whom, what, at which prices, on which terms to which tenant."""
    return {
        "company": _company(plan),
        "tax_rates": {"tax_jurisdiction": list(TAX_RATES), "thousandths": list(TAX_RATES.values())},
        "offers": _offers(plan),
        "cards": _cards(plan),
        "card_rows": _card_rows(plan),
        "customer_contracts": _customer_contracts(plan, tenants),
    }


def _company(plan: Plan) -> Columns:
    """The company itself: one row."""
    random = plan.stream("company")
    name = names(random, 1, 3)[0]
    return {
        "company": [name],
        "legal_name": [f"{name.capitalize()} AG"],
        "number_prefix": [f"{name[:3].upper()}-{hexes(random, 1, 4)[0].upper()}-"],
    }


def _offers(plan: Plan) -> Columns:
    """Products sold: SKU, meter and the events that it measures."""
    random = plan.stream("offers")
    skus = hexes(random, len(OFFERS), 6)
    return columns_of(
        [
            {
                "offer_no": n,
                "offer": offer.offer,
                "sku_id": f"{offer.offer.upper()}-{sku.upper()}",
                "unit": offer.unit,
                "aggregation": offer.aggregation,
                "daily": offer.daily,
                "quantum": offer.quantum,
                "weekend_permille": offer.weekend_permille,
                "is_running": offer.is_running,
                "is_sampled": offer.is_sampled,
                "is_discounted": offer.is_discounted,
            }
            for n, (offer, sku) in enumerate(zip(OFFERS, skus, strict=True))
        ]
    )


def _cards(plan: Plan) -> Columns:
    """Rate cards: one a plan and currency, in one or two versions."""
    random = plan.stream("cards")
    changed_at = plan.periods[len(plan.periods) // 2]
    rows: list[dict[str, Any]] = []
    for plan_no in range(len(PLANS)):
        for currency, level in CURRENCIES.items():
            card = {
                "rate_card_id": f"P-{digits(random, 1, 6)[0]}",
                "plan_no": plan_no,
                "currency": currency,
            }
            # the middle plan becomes dearer halfway
            changes = PLANS[plan_no] == "grow" and len(plan.periods) > 1
            rows.append(
                card | _version(1, level, date(2020, 1, 1), changed_at if changes else None)
            )
            if changes:
                rows.append(card | _version(2, level * 104 // 100, changed_at, None))
    return columns_of(rows)


def _version(version: int, level: int, first: date, end: date | None) -> dict[str, Any]:
    return {"version": version, "permille": level, "effective_from": first, "effective_to": end}


def _card_rows(plan: Plan) -> Columns:
    """Tiers of each plan and offer before the card's level: prices in units of PRICE_SCALE."""
    random = plan.stream("card rows")
    rows: list[dict[str, Any]] = []
    for price in PRICES:
        factor, stretch = random.uniform(0.8, 1.3), int(random.integers(1, 4))
        bounds = [tier.upper and tier.upper * stretch for tier in price.tiers]
        for n, tier in enumerate(price.tiers):
            rows.append(
                {
                    "plan_no": PLANS.index(price.plan),
                    "offer_no": [offer.offer for offer in OFFERS].index(price.offer),
                    "model": price.model,
                    "tier": n + 1,
                    "tier_from": bounds[n - 1] if n else 0,
                    "tier_to": bounds[n],
                    "price_units": round(tier.price * factor * 10**PRICE_SCALE),
                    "fee": tier.fee,
                    "percent_hundredths": round(tier.percent * factor * 100),
                    "free_quantity": price.free and price.free * stretch,
                    "minimum": price.minimum,
                    "package_size": price.package,
                }
            )
    return columns_of(rows)


def _customer_contracts(plan: Plan, tenants: int) -> Columns:
    """Terms of each tenant, amounts in its currency; every plan has its share of the tenants."""
    random = plan.stream("customer contracts")
    grants = random.permutation(np.arange(tenants) % 8)
    granted = random.integers(2, 40, tenants) * 100
    return {
        "tenant_no": range(tenants),
        "contract_id": [f"S-{n:04}{text}" for n, text in enumerate(digits(random, tenants, 3))],
        "plan_no": random.permutation(np.arange(tenants) % len(PLANS)),
        "discount_percent": random.choice((0, 0, 0, 5, 10), tenants),
        "minimum_commit": random.choice((0, 150, 2000), tenants, p=[0.5, 0.4, 0.1]),
        # paid in advance, or granted as a credit
        "prepaid": np.where(grants < 2, granted, 0),
        "credit": np.where(grants == 2, granted, 0),
        "credit_id": [f"CG-{n:04}{text}" for n, text in enumerate(digits(random, tenants, 3))],
        "payment_terms_days": random.choice((14, 30, 45), tenants),
        "growth_permille": random.integers(-10, 40, tenants),
        # of so many calls one is reported
        "sample_of": random.choice((1, 1, 1, 2, 4, 10), tenants),
    }
