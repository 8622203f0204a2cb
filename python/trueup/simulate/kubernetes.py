"""Kubernetes clusters: what runs on the machines that payers bill as nodes.

Each payer and region with nodes has a cluster. A node is divided into places of one size; replicas
of workloads are dealt to places and stay there: a pod runs on its place whenever its node is there
and its replica is wanted. All pods of a node therefore fit on it, also where they use more than they
request. What ran in a month is made of these tables by kubernetes.sql.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from trueup.simulate.catalog import ENVIRONMENTS
from trueup.simulate.draw import Columns, columns_of, hexes, names
from trueup.simulate.plan import Plan

# Rows of pods are about a tenth of the charge lines, in small worlds this many; but each node has at
# least two places. The smallest cluster is metered by the hour where half of the rows suffice for it.
PODS_PER_LINE, SMALL_ROWS = 0.1, 12_000
# About so many rows a place and day: some pods live less than a day, some replicas are not wanted.
ROWS_PER_PLACE = 1.2
SYSTEM = "kube-system"
MACHINES = ((2_000, 8), (4_000, 16), (8_000, 32), (8_000, 64))  # millicores and GiB


@dataclass(frozen=True)
class Pattern:
    """How a kind of workload behaves: sizes in per mille of a place, usage of what is requested."""

    pattern: str
    controller: str
    profile: str  # of its activity: the catalog's shapes
    share: float  # of workloads
    is_autoscaled: bool  # replicas follow activity; else their usage does
    requested: tuple[int, int]
    cpu_used: tuple[int, int]
    memory_used: tuple[int, int]
    lifetime_hours: int = 0  # after which another pod takes its place; 0: lives as long as its node
    run_permille: int = 1000  # of its lifetime that it runs


PATTERNS = (
    Pattern("web", "Deployment", "office", 0.26, True, (550, 900), (500, 850), (600, 900)),
    Pattern("reserved", "Deployment", "always", 0.18, False, (700, 950), (40, 200), (100, 300)),
    Pattern("bursting", "Deployment", "office", 0.12, False, (200, 350), (700, 1500), (700, 1400)),
    Pattern("store", "StatefulSet", "always", 0.14, False, (500, 850), (400, 750), (700, 950)),
    Pattern("spot", "ReplicaSet", "evening", 0.12, True, (500, 900), (600, 900), (500, 800), 12),
    Pattern("batch", "Job", "work", 0.06, True, (400, 800), (800, 1200), (600, 1100), 6, 250),
    Pattern("system", "Deployment", "always", 0.12, False, (150, 400), (300, 900), (500, 900)),
)  # fmt: skip


def kubernetes(plan: Plan, connection: duckdb.DuckDBPyConnection) -> dict[str, Columns]:
    """Tables of clusters, nodes, namespaces, workloads, their places, volumes and load balancers."""
    tables: dict[str, list[Columns]] = {}
    counts: dict[str, int] = {}
    sites = list(_sites(plan, connection))
    products = connection.execute("select product from products order by product_no").fetchall()
    rows = max(plan.lines * PODS_PER_LINE, SMALL_ROWS)
    node_days = sum(site["node_days"] for site in sites)
    places = int(np.clip(round(rows / ROWS_PER_PLACE / node_days), 2, 10))
    # OpenCost alone can show load balancers, and counts in dollars
    opencost = max(
        (site for site in sites if site["currency"] == "USD" and site["is_cloud"]),
        key=lambda site: (len(site["balancers"]) > 0, len(site["nodes"])),
    )
    smallest = min((s for s in sites if s is not opencost), key=lambda s: s["node_days"])
    is_by_hour = smallest["node_days"] * 24 * places <= rows / 2
    for cluster_no, site in enumerate(sites):
        site["cluster_no"] = cluster_no
        site["step_hours"] = 1 if site is smallest and is_by_hour else 24
        site["is_opencost"] = site is opencost
        for name, columns in _cluster(plan, site, places, [p for (p,) in products], counts).items():
            tables.setdefault(name, []).append(columns)
            counts[name] = counts.get(name, 0) + len(next(iter(columns.values())))
    return {
        name: {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        for name, parts in tables.items()
    }


def _sites(plan: Plan, connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    """Payers' regions that have nodes, with the resources of a cluster that stand on their bills."""
    found = connection.execute("""
        select payer_no, currency, region, export not like 'focus%' as is_cloud,
            list(resource_no order by resource_no) filter (where family = 'kubernetes_node') as nodes,
            list(resource_no order by resource_no) filter (where family = 'block_storage') as disks,
            list(resource_no order by resource_no) filter (where family = 'load_balancer') as balancers,
            sum(date_diff('day', born_at, least(gone_at, $ends_at)))
                filter (where family = 'kubernetes_node') as node_days
        from resources
        inner join skus using (sku_no, payer_no)
        inner join payers using (payer_no)
        where family in ('kubernetes_node', 'block_storage', 'load_balancer')
        group by all
        having len(nodes) > 0
        order by payer_no, region
    """, {"ends_at": plan.ends_at})  # fmt: skip
    fields = [column[0] for column in found.description or []]
    for row in found.fetchall():
        site = dict(zip(fields, row, strict=True))
        yield site | {key: np.array(site[key] or [], dtype=np.int64) for key in fields[4:7]}


def _cluster(
    plan: Plan, site: dict[str, Any], places: int, products: list[str], counts: dict[str, int]
) -> dict[str, Columns]:
    """Tables of one cluster; `counts` are the rows that the tables have already."""
    cluster_no, nodes = site["cluster_no"], site["nodes"]
    random = plan.stream("kubernetes", site["payer_no"], site["region"])
    cpu, memory = MACHINES[random.integers(0, len(MACHINES))]
    cluster = {
        key: [site[key]] for key in ("cluster_no", "payer_no", "region", "step_hours", "is_opencost")
    } | {
        "cluster": [f"{names(random, 1)[0]}-{hexes(random, 1, 4)[0]}"],
        "node_millicores": [cpu],
        "node_bytes": [memory << 30],
        "places_per_node": [places],
    }
    total = len(nodes) * places
    namespaces = _namespaces(random, cluster_no, products, int(np.clip(total // 3, 1, 10)))
    workloads, replicas = _workloads(random, total, len(namespaces["namespace"]))
    first_namespace, first_workload = counts.get("namespaces", 0), counts.get("workloads", 0)
    workload = np.repeat(np.arange(len(replicas)), replicas)
    replica = np.concatenate([np.arange(count) for count in replicas])
    scaled = np.array([p.is_autoscaled for p in PATTERNS])[workloads["pattern_no"]][workload]
    place_no = counts.get("places", 0) + np.arange(total)
    is_store = np.array([p.pattern == "store" for p in PATTERNS])[workloads["pattern_no"]]
    stores = place_no[is_store[workload]]
    mounted = min(len(stores), len(site["disks"]))
    is_web = np.array([p.pattern == "web" for p in PATTERNS])[workloads["pattern_no"]]
    served = np.flatnonzero(is_web) if is_web.any() else np.arange(len(replicas))
    return {
        "clusters": cluster,
        "nodes": {
            "resource_no": nodes,
            "cluster_no": np.full(len(nodes), cluster_no),
            "node": [f"node-{text}" for text in hexes(random, len(nodes), 10)],
        },
        "namespaces": {"namespace_no": first_namespace + namespaces.pop("number")} | namespaces,
        "workloads": {
            "workload_no": first_workload + np.arange(len(replicas)),
            "cluster_no": np.full(len(replicas), cluster_no),
            "namespace_no": first_namespace + workloads.pop("namespace"),
        }
        | _behaviour(random, workloads, cpu // places, (memory << 30) // places),
        "places": {
            "place_no": place_no,
            # neighbours of one workload lie on different nodes
            "resource_no": nodes[np.arange(total) % len(nodes)],
            "workload_no": first_workload + workload,
            "replica": replica,
            # the level of activity from which the replica is wanted, in per mille
            "wanted_from": 1 + np.where(scaled, replica * 1700 // replicas[workload], 0),
        },
        "volumes": {"resource_no": site["disks"][:mounted], "place_no": stores[:mounted]},
        "balancers": {
            "resource_no": site["balancers"],
            "workload_no": first_workload + random.choice(served, len(site["balancers"])),
        },
    }


def _namespaces(
    random: np.random.Generator, cluster_no: int, products: list[str], count: int
) -> dict[str, Any]:
    """The platform's own namespace, then one for each product and environment that runs here."""
    chosen = random.choice(len(products) * len(ENVIRONMENTS), count, replace=False)
    product_no, environment_no = np.divmod(chosen, len(ENVIRONMENTS))
    environments = [ENVIRONMENTS[number] for number in environment_no]
    own = [f"{products[n]}-{text}" for n, text in zip(product_no, environments, strict=True)]
    return {
        "number": np.arange(count + 1),
        "cluster_no": np.full(count + 1, cluster_no),
        "namespace": [SYSTEM, *own],
        "product_no": np.array([0, *product_no]),
        "environment": [ENVIRONMENTS[0], *environments],
    }


def _workloads(
    random: np.random.Generator, places: int, namespaces: int
) -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
    """Workloads, and how many replicas each has: together as many as there are places."""
    replicas = random.integers(1, int(np.clip(places // 3, 2, 6)) + 1, places)
    replicas = replicas[: np.searchsorted(np.cumsum(replicas), places) + 1]
    replicas[-1] -= replicas.sum() - places
    count = len(replicas)
    shares = np.array([pattern.share for pattern in PATTERNS])
    pattern_no = random.choice(len(PATTERNS), count, p=shares / shares.sum())
    is_system = np.array([pattern.pattern == "system" for pattern in PATTERNS])[pattern_no]
    return {
        "pattern_no": pattern_no,
        "namespace": np.where(is_system, 0, random.integers(1, namespaces, count)),
        "workload": names(random, count),
        "is_labelled": random.random(count) < 0.95,
    }, replicas


def _behaviour(
    random: np.random.Generator, workloads: dict[str, Any], millicores: int, memory: int
) -> dict[str, Any]:
    """Sizes and usage of workloads on places of so many millicores and bytes."""
    patterns = [PATTERNS[number] for number in workloads.pop("pattern_no")]

    def between(bounds: list[tuple[int, int]]) -> np.ndarray[Any, Any]:
        low, high = np.array(bounds).T
        return random.integers(low, high + 1)

    requested = between([pattern.requested for pattern in patterns])
    return workloads | {
        key: [getattr(pattern, key) for pattern in patterns]
        for key in (
            "pattern", "controller", "profile", "is_autoscaled", "lifetime_hours", "run_permille",
        )
    } | {
        "millicores_requested": requested * millicores // 1000,
        "bytes_requested": requested * (memory >> 20) // 1000 << 20,
        "cpu_used_permille": between([pattern.cpu_used for pattern in patterns]),
        "memory_used_permille": between([pattern.memory_used for pattern in patterns]),
    }  # fmt: skip
