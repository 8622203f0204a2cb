"""Who the simulated company is: accounts, teams, products, tenants, prices and resources of a seed.

Everything here is drawn with NumPy from named streams of the seed and stored as small tables; usage
and charges are made of them by SQL (world.py). Names, ids, prices and sizes come from the seed
alone, so that nothing can be learned by heart.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa

from trueup.simulate.catalog import (
    ENVIRONMENTS,
    FAMILIES,
    LIFE_SHARE,
    PRICE_SCALE,
    PROVIDERS,
    Family,
)
from trueup.simulate.draw import Columns, columns_of, digits, hexes, names, uuids
from trueup.simulate.happenings import happenings
from trueup.simulate.kubernetes import kubernetes
from trueup.simulate.plan import Plan
from trueup.simulate.resources import commitments, functions, resources
from trueup.simulate.sales import sales


def found_company(plan: Plan, connection: duckdb.DuckDBPyConnection) -> None:
    """Create the company's tables: one row per payer, account, team, tenant and so on."""
    payers, products, tenants = _payers(plan), _products(plan), _tenants(plan)
    tenant_count = len(tenants["tenant"])
    for name, table in {
        "payers": payers,
        "teams": _teams(plan),
        "products": products,
        "tenants": tenants,
        "profiles": _profiles(),
        **sales(plan, tenant_count),
        **happenings(plan, len(payers["payer_no"]), len(products["product"]), tenant_count),
    }.items():
        _store(connection, name, table)
    _store(connection, "days", _days(plan, connection))
    _store(connection, "accounts", _accounts(plan, connection))
    _store(connection, "skus", _skus(plan, connection))
    _store(connection, "deployments", _deployments(plan, connection))
    _store(connection, "levels", _levels(plan, connection))
    _store(connection, "resources", resources(plan, connection))
    _store(connection, "functions", functions(plan, connection))
    _store(connection, "commitments", commitments(plan, connection))
    _store(connection, "credits", _credits(plan))
    for name, table in kubernetes(plan, connection).items():
        _store(connection, name, table)


def _store(connection: duckdb.DuckDBPyConnection, name: str, columns: Columns) -> None:
    connection.register("drawn", pa.table(dict(columns)))
    connection.execute(f"create table {name} as from drawn")
    connection.unregister("drawn")


def _payers(plan: Plan) -> Columns:
    """Billing accounts: whom a provider bills, in which currency, under which contract."""
    random = plan.stream("payers")
    vendors = iter(name.capitalize() for name in names(random, len(PROVIDERS)))
    rows: list[dict[str, Any]] = []
    for provider in PROVIDERS:
        name = provider.provider or next(vendors)
        lines = plan.lines * provider.share
        is_large = lines >= 2 * len(FAMILIES) * plan.hours
        step_hours = provider.steps[0 if is_large else -1]
        rows.append(
            {
                "payer_no": len(rows),
                "export": provider.export,
                "provider": name,
                "issuer": provider.issuer or f"{name} Ltd",
                "payer_id": _payer_id(provider.export, random),
                "payer_name": names(random, 1, 4)[0].capitalize(),
                "currency": provider.currency,
                "time_zone": provider.time_zone,
                "regions": list(provider.regions),
                "step_hours": step_hours,
                "resource_count": max(
                    2 * len(FAMILIES), round(lines * step_hours / plan.hours / LIFE_SHARE)
                ),
                "contract_id": f"C-{digits(random, 1, 6)[0]}",
                "rate_card_id": f"R-{digits(random, 1, 6)[0]}",
                "tax_percent": int(random.choice((8, 19, 20))),
                "is_taxed": provider.is_taxed,
                "invoice_prefix": hexes(random, 1, 6)[0].upper(),
            }
        )
    return columns_of(rows)


def _payer_id(export: str, random: np.random.Generator) -> str:
    if export.startswith("aws"):
        return digits(random, 1, 12)[0]
    if export == "azure_cost":
        return digits(random, 1, 8)[0]
    if export == "gcp_billing":
        text = hexes(random, 1, 18)[0].upper()
        return f"{text[:6]}-{text[6:12]}-{text[12:]}"
    if export == "oci_cost":
        return f"ocid1.tenancy.oc1..{hexes(random, 1, 40)[0]}"
    return names(random, 1, 4)[0]


def _teams(plan: Plan) -> Columns:
    """Teams own resources and pay for them; the first one is the platform that others share."""
    random = plan.stream("teams")
    count = 8
    return {
        "team_no": range(count),
        "team": [f"team-{name}" for name in names(random, count)],
        "cost_center": [f"CC{n}" for n in random.choice(9000, count, replace=False) + 1000],
        "approver": [f"{name}@example.com" for name in names(random, count, 2)],
        "mode": ["showback", *random.choice(["showback", "chargeback"], count - 1)],
    }


def _products(plan: Plan) -> Columns:
    """Products are what teams build and tenants use; the first two are the platform's."""
    random = plan.stream("products")
    count = 12
    return {
        "product_no": range(count),
        "product": names(random, count, 4),
        "team_no": [0, 0, *random.integers(1, 8, count - 2)],
        "growth_permille": random.integers(-5, 40, count),  # of the first month, each month
    }


def _tenants(plan: Plan) -> Columns:
    """Customers, sized by a power law; each has a contract with us in its own currency."""
    random = plan.stream("tenants")
    count = int(np.clip(plan.lines // 2000, 12, 400))
    weights = np.round(1e6 / np.arange(1, count + 1) ** 1.1).astype(int)
    return {
        "tenant_no": range(count),
        "tenant": names(random, count, 4),
        "customer_id": [f"K{text}" for text in digits(random, count, 7)],
        "tier": random.choice(["gold", "silver", "bronze"], count, p=[0.2, 0.3, 0.5]),
        "cohort": random.choice(["a", "b"], count),
        "weight": random.permutation(weights),
        "legal_entity": random.choice([f"{n.capitalize()} GmbH" for n in names(random, 3)], count),
        "tax_jurisdiction": random.choice(["DE", "GB", "US-NY"], count),
        "currency": random.choice(["EUR", "USD", "GBP"], count, p=[0.4, 0.4, 0.2]),
    }


def _profiles() -> Columns:
    """Weight of each hour of the week in per mille of the base, Monday 00:00 first."""
    hour, weekday = np.tile(np.arange(24), 7), np.repeat(np.arange(7), 24)
    weekend = weekday >= 5
    sun = 1 + np.sin((hour - 9) / 24 * 2 * np.pi)
    shapes = {
        "always": np.full(168, 1000.0),
        "flat": np.full(168, 1000.0),
        "office": (350 + 650 * sun) * np.where(weekend, 0.6, 1.0),
        "evening": (500 + 500 * (1 + np.sin((hour - 14) / 24 * 2 * np.pi))) * 0.8,
        "work": np.where(weekend | (hour < 8) | (hour >= 19), 0.0, 2200.0),
    }
    return {
        "profile": np.repeat(list(shapes), 168),
        "hour_of_week": np.tile(np.arange(168), len(shapes)),
        "weight": np.concatenate([np.round(shape).astype(int) for shape in shapes.values()]),
    }


def _accounts(plan: Plan, connection: duckdb.DuckDBPyConnection) -> Columns:
    """Sub-accounts of payers, each of one team and one environment."""
    rows: list[dict[str, Any]] = []
    for payer_no, export, resource_count in connection.execute(
        "select payer_no, export, resource_count from payers order by payer_no"
    ).fetchall():
        random = plan.stream("accounts", payer_no)
        count = int(np.clip(resource_count // 12, 4, 40))
        for name in names(random, count, 4):
            rows.append(
                {
                    "account_no": len(rows),
                    "payer_no": payer_no,
                    "account_id": _account_id(export, name, random),
                    "account_name": name,
                    "team_no": int(random.integers(0, 8)),
                    "environment": str(random.choice(ENVIRONMENTS, p=[0.6, 0.2, 0.2])),
                }
            )
    return columns_of(rows)


def _account_id(export: str, name: str, random: np.random.Generator) -> str:
    if export.startswith("aws"):
        return digits(random, 1, 12)[0]
    if export == "azure_cost":
        return uuids(random, 1)[0]
    if export == "oci_cost":
        return f"ocid1.compartment.oc1..{hexes(random, 1, 40)[0]}"
    return f"{name}-{digits(random, 1, 5)[0]}"


def _skus(plan: Plan, connection: duckdb.DuckDBPyConnection) -> Columns:
    """What a payer buys: for each family one SKU a region, with its price about."""
    rows: list[dict[str, Any]] = []
    for payer_no, export, regions in connection.execute(
        "select payer_no, export, regions from payers order by payer_no"
    ).fetchall():
        random = plan.stream("skus", payer_no)
        services = names(random, len(FAMILIES), 3)
        for family, service in zip(FAMILIES, services, strict=True):
            for region in regions:
                price = family.price * random.uniform(0.7, 1.4)
                rows.append(
                    {
                        "sku_no": len(rows),
                        "payer_no": payer_no,
                        "family": family.family,
                        "service": service.capitalize(),
                        "sku_id": _sku_id(export, random),
                        "meter": f"{service}-{names(random, 1, 2)[0]}",
                        "region": region,
                        "unit": family.unit,
                        "is_tiered": family.is_tiered,
                        "base_price": max(1, round(price * 10**PRICE_SCALE)),
                        "discount_percent": _discount(family, random),
                        "change_percent": int(random.choice((0, 0, 0, 4, 9, -6))),
                    }
                )
    return columns_of(rows)


def _discount(family: Family, random: np.random.Generator) -> int:
    """Negotiated, except for what commitments cover: those are priced off the public rate."""
    return 0 if family.family.startswith("compute") else int(random.choice((0, 0, 5, 12)))


def _sku_id(export: str, random: np.random.Generator) -> str:
    text = hexes(random, 1, 16)[0].upper()
    if export == "azure_cost":
        return uuids(random, 1)[0]
    if export == "gcp_billing":
        return "-".join((text[:4], text[4:8], text[8:12]))
    if export == "oci_cost":
        return f"B{digits(random, 1, 6)[0]}"
    return text


def _deployments(plan: Plan, connection: duckdb.DuckDBPyConnection) -> Columns:
    """Releases of products; each moves the usage of its product by some per mille, for good."""
    random = plan.stream("deployments")
    products = connection.execute("select count(*) from products").fetchone()[0]  # type: ignore[index]
    count = 2 * plan.months
    hours = np.sort(random.integers(0, plan.hours, count))
    return {
        "deployment_no": range(count),
        "product_no": random.integers(0, products, count),
        "deployed_at": [plan.starts_at + timedelta(hours=int(hour)) for hour in hours],
        "version": [f"1.{n}.0" for n in range(count)],
        "commit": hexes(random, count, 40),
        "permille": random.integers(970, 1050, count),
    }


def _days(plan: Plan, connection: duckdb.DuckDBPyConnection) -> Columns:
    """Days of each payer's months, which begin at midnight in its provider's time zone."""
    midnights = [plan.starts_at + timedelta(days=day) for day in range(plan.hours // 24 + 1)]
    rows: list[dict[str, Any]] = []
    for payer_no, zone, step_hours in connection.execute(
        "select payer_no, time_zone, step_hours from payers order by payer_no"
    ).fetchall():
        starts = [
            day.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
            for day in midnights
        ]
        rows += [
            {
                "payer_no": payer_no,
                "step_hours": step_hours,
                "billing_period": day.date().replace(day=1),
                "day_start": start,
                "day_end": end,
            }
            for day, start, end in zip(midnights, starts[:-1], starts[1:], strict=False)
        ]
    return columns_of(rows)


def _levels(plan: Plan, connection: duckdb.DuckDBPyConnection) -> Columns:
    """Usage of a product each hour against the first one, in per mille: growth and deployments.

    It reaches a day past the end, because some providers' months end later than ours.
    """
    products = connection.execute("from products order by product_no").fetchnumpy()
    deployments = connection.execute("from deployments").fetchnumpy()
    hours = np.arange(plan.hours + 24)
    hour_start = np.datetime64(plan.starts_at, "us") + hours * np.timedelta64(1, "h")
    levels = []
    for product_no, growth in zip(products["product_no"], products["growth_permille"], strict=True):
        level = 1000 + growth * (hours // 730)
        mine = deployments["product_no"] == product_no
        for deployed_at, permille in zip(
            deployments["deployed_at"][mine], deployments["permille"][mine], strict=True
        ):
            level = np.where(hour_start >= deployed_at, level * permille // 1000, level)
        levels.append(level)
    return {
        "product_no": np.repeat(products["product_no"], len(hours)),
        "hour_start": np.tile(hour_start, len(levels)),
        "permille": np.concatenate(levels),
    }


def _credits(plan: Plan) -> Columns:
    """Promotional credits of the first AWS payer: used up in the month they are granted."""
    random = plan.stream("credits")
    months = random.integers(0, plan.months, 2)
    return {
        "credit_no": range(2),
        "payer_no": [0, 0],
        "credit_id": [f"CR-{text}" for text in digits(random, 2, 6)],
        "granted_at": [plan.periods[month] for month in months],
        "amount": random.integers(50, 500, 2),
    }
