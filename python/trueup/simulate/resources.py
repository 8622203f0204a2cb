"""What uses: resources with their size, shape and life; and what is committed for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import duckdb
import numpy as np

from trueup.simulate.catalog import FAMILIES, QUANTITY_SCALE
from trueup.simulate.draw import Columns, columns_of, hexes, names, uuids
from trueup.simulate.plan import Plan


def resources(plan: Plan, connection: duckdb.DuckDBPyConnection) -> Columns:
    """Things that use: each of one SKU, account, team, product and environment."""
    parts = []
    for payer_no, export, count in connection.execute(
        "select payer_no, export, resource_count from payers order by payer_no"
    ).fetchall():
        parts.append(_payer_resources(plan, connection, payer_no, export, count))
    columns = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    return {"resource_no": np.arange(len(columns["payer_no"]))} | columns


def _payer_resources(
    plan: Plan, connection: duckdb.DuckDBPyConnection, payer_no: int, export: str, count: int
) -> dict[str, Any]:
    random = plan.stream("resources", payer_no)
    skus = connection.execute(
        "select sku_no, family from skus where payer_no = ? order by sku_no", [payer_no]
    ).fetchnumpy()
    accounts = connection.execute(
        "from accounts where payer_no = ? order by account_no",
        [payer_no],
    ).fetchnumpy()
    products = connection.execute("select team_no from products order by product_no").fetchnumpy()
    tenants = connection.execute("select count(*) from tenants").fetchone()[0]  # type: ignore[index]
    shares = np.array([family.share for family in FAMILIES])
    # two of each family first, so that every world has all of them
    family_no = np.concatenate(
        [
            np.repeat(np.arange(len(FAMILIES)), 2),
            random.choice(len(FAMILIES), count - 2 * len(FAMILIES), p=shares / shares.sum()),
        ]
    )
    per_family = len(skus["sku_no"]) // len(FAMILIES)
    sku = skus["sku_no"][family_no * per_family + random.integers(0, per_family, count)]
    account = random.integers(0, len(accounts["account_no"]), count)
    # a product of the account's team where it has one, else the platform's
    team_of_product = products["team_no"]
    product = random.integers(0, len(team_of_product), count)
    team = accounts["team_no"][account]
    fits = team_of_product[product] == team
    own_product = np.array(
        [next((p for p, t in enumerate(team_of_product) if t == n), 0) for n in range(8)]
    )
    product = np.where(fits, product, own_product[team])
    is_constant = np.array([family.profile == "always" for family in FAMILIES])[family_no]
    sized = np.array([family.quantity for family in FAMILIES])[family_no]
    size = np.where(is_constant, 1.0, sized * random.lognormal(0, 0.5, count))
    born, gone = _lives(plan, random, count)
    return {
        "payer_no": np.full(count, payer_no),
        "account_no": accounts["account_no"][account],
        "sku_no": sku,
        "resource_id": np.array(_resource_ids(export, random, count)),
        "resource_name": np.array(
            [f"{name}-{n}" for n, name in enumerate(names(random, count, 4))]
        ),
        "team_no": team_of_product[product],
        "product_no": product,
        "environment": accounts["environment"][account],
        "tenant_no": np.where(random.random(count) < 0.15, random.integers(0, tenants, count), -1),
        "is_tagged": np.full(count, True),
        "is_planned": np.full(count, True),  # not come by an effect
        "profile": np.array([family.profile for family in FAMILIES])[family_no],
        # machines that run all the time do so exactly: they have no noise
        "noise_permille": np.where(is_constant, 0, 40),
        "base_quantity": np.maximum(1, np.round(size * 10**QUANTITY_SCALE)).astype(np.int64),
        "born_at": born,
        "gone_at": gone,
    }


def _lives(
    plan: Plan, random: np.random.Generator, count: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """First and last day of each resource: seven in ten live the whole time."""
    days = plan.hours // 24
    kind = random.random(count)
    kind[: 2 * len(FAMILIES)] = 0
    born = np.where(kind > 0.85, random.integers(0, days, count), 0)
    gone = np.where((kind > 0.7) & (kind <= 0.85), random.integers(1, days + 1, count), days + 1)
    start = np.datetime64(plan.starts_at, "us")
    return start + born * np.timedelta64(1, "D"), start + gone * np.timedelta64(1, "D")


def _resource_ids(export: str, random: np.random.Generator, count: int) -> list[str]:
    if export.startswith("aws"):
        return [f"i-{text}" for text in hexes(random, count, 17)]
    if export == "azure_cost":
        groups = names(random, 6)
        chosen = random.integers(0, 6, count)
        kinds = names(random, count, 4)
        return [
            f"/resourceGroups/{groups[group]}/providers/Microsoft.Compute/virtualMachines/{kind}{n}"
            for n, (group, kind) in enumerate(zip(chosen, kinds, strict=True))
        ]
    if export == "oci_cost":
        return [f"ocid1.instance.oc1..{text}" for text in hexes(random, count, 60)]
    return [f"{name}-{n}" for n, name in enumerate(names(random, count, 4))]


def functions(plan: Plan, connection: duckdb.DuckDBPyConnection) -> Columns:
    """Memory of each function, in MB, and milliseconds that a call of it takes."""
    random = plan.stream("functions")
    numbers = connection.execute(
        "select resource_no from resources inner join skus on resources.sku_no = skus.sku_no"
        " where family = 'function_seconds' order by resource_no"
    ).fetchnumpy()["resource_no"]
    return {
        "resource_no": numbers,
        "memory_mb": random.choice((256, 512, 1024), len(numbers)),
        "milliseconds": random.integers(40, 900, len(numbers)),
    }


def commitments(plan: Plan, connection: duckdb.DuckDBPyConnection) -> Columns:
    """Reservations, savings plans and committed use: units of one SKU, a little more than needed.

    `unit_fee` is due each hour per unit, `unit_upfront` is the fee paid at the start spread over
    the hours of the term: their sum times the hours of all units is the whole fee, exactly. Terms
    are of 365 days that begin as those of the payer's provider do.
    """
    rows: list[dict[str, Any]] = []
    for payer_no, export, starts_at, sku_no, price, count in connection.execute("""
        select
            payers.payer_no, payers.export, first_days.starts_at, skus.sku_no, skus.base_price,
            count(*) as fitting
        from resources
        inner join skus on resources.sku_no = skus.sku_no
        inner join payers on resources.payer_no = payers.payer_no
        inner join (select payer_no, min(day_start) as starts_at from days group by payer_no)
            as first_days on payers.payer_no = first_days.payer_no
        where skus.family = 'compute' and gone_at > $ends_at and born_at = $starts_at
            and payers.export != 'oci_cost'
        group by
            payers.payer_no, payers.export, first_days.starts_at, skus.sku_no, skus.base_price
        qualify row_number()
            over (partition by payers.payer_no order by count(*) desc, skus.sku_no) = 1
        order by payers.payer_no
    """, {"starts_at": plan.starts_at, "ends_at": plan.ends_at}).fetchall():  # fmt: skip
        random = plan.stream("commitments", payer_no)
        fee = round(price * random.uniform(0.55, 0.7))
        is_upfront = export == "aws_cur2"
        kinds = {"aws_cur": "savings_plan", "gcp_billing": "committed_use"}
        rows.append(
            {
                "commitment_no": len(rows),
                "payer_no": payer_no,
                "sku_no": sku_no,
                "commitment_id": uuids(random, 1)[0],
                "kind": kinds.get(export, "reservation"),
                "units": max(1, count // 2),
                "unused_units": max(1, count // 10),
                "unit_fee": fee // 2 if is_upfront else fee,
                "unit_upfront": fee - fee // 2 if is_upfront else 0,
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(days=365),
            }
        )
    return columns_of(rows)
