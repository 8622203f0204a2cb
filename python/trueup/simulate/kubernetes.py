"""Kubernetes clusters: what runs on the machines that payers bill as nodes.

Each payer and region with nodes has a cluster. A node is divided into places of one size; replicas
of workloads are dealt to places and stay there: a pod runs on its place whenever its node is there
and its replica is wanted. So all pods of a node fit on it, also where they use more than they
request. What ran in a month is made of these tables by kubernetes.sql. A cluster that is metered by
the hour is one whose months end in UTC: no two of its files hold hours of one day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from trueup.simulate.catalog import ENVIRONMENTS
from trueup.simulate.draw import Columns, hexes, names
from trueup.simulate.plan import Plan

# Rows of pods are about a tenth of the charge lines, in small worlds this many; but each node has
# at least two places. The smallest cluster is metered by the hour where a share of rows will do.
PODS_PER_LINE, SMALL_ROWS, HOURLY_SHARE = 0.1, 12_000, 0.6
# About so many rows a place and day: some pods live less, some replicas are not wanted.
ROWS_PER_PLACE = 1.2
SYSTEM = "kube-system"
MACHINES = ((2_000, 8), (4_000, 16), (8_000, 32), (8_000, 64))  # millicores and GiB
# Tables whose rows are numbered through all clusters, by their number.
NUMBERED = {"namespace_no": "namespaces", "workload_no": "workloads", "place_no": "places"}
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Site:
    """A payer's region that has nodes, with the resources that its cluster is made of."""

    payer_no: int
    region: str
    is_priced_in_dollars: bool  # as OpenCost does it, and by a cloud
    is_in_utc: bool  # its months are those of a cluster's own clock
    nodes: list[int]  # resource_no
    disks: list[int]
    balancers: list[int]
    node_days: int


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
    Pattern("reserved", "Deployment", "always", 0.18, False, (700, 950), (120, 250), (100, 300)),
    Pattern("bursting", "Deployment", "office", 0.12, False, (200, 350), (700, 1500), (700, 1400)),
    Pattern("store", "StatefulSet", "always", 0.14, False, (500, 850), (400, 750), (700, 950)),
    Pattern("spot", "ReplicaSet", "evening", 0.12, True, (500, 900), (600, 900), (500, 800), 12),
    Pattern("batch", "Job", "work", 0.06, True, (400, 800), (800, 1200), (600, 1100), 6, 250),
    Pattern("system", "Deployment", "always", 0.12, False, (150, 400), (300, 900), (500, 900)),
)  # fmt: skip


def kubernetes(plan: Plan, connection: duckdb.DuckDBPyConnection) -> dict[str, Columns]:
    """Tables: clusters, nodes, namespaces, workloads, their places, volumes and balancers."""
    sites = _sites(plan, connection)
    products = connection.execute("select product from products order by product_no").fetchall()
    rows = max(plan.lines * PODS_PER_LINE, SMALL_ROWS)
    node_days = sum(site.node_days for site in sites)
    places = int(np.clip(round(rows / ROWS_PER_PLACE / node_days), 2, 10))
    # OpenCost alone can show load balancers
    opencost = max(
        (site for site in sites if site.is_priced_in_dollars),
        key=lambda site: (len(site.balancers) > 0, len(site.nodes)),
    )
    smallest = min(
        (site for site in sites if site is not opencost and site.is_in_utc),
        key=lambda site: site.node_days,
    )
    is_by_hour = smallest.node_days * 24 * places <= rows * HOURLY_SHARE
    tables: dict[str, dict[str, Array]] = {}
    for cluster_no, site in enumerate(sites):
        cluster: dict[str, list[Any]] = {
            "cluster_no": [cluster_no],
            "step_hours": [1 if site is smallest and is_by_hour else 24],
            "is_opencost": [site is opencost],
        }
        _append(tables, _cluster(plan, site, cluster, places, [name for (name,) in products]))
    return dict(tables)


def _append(tables: dict[str, dict[str, Array]], cluster: dict[str, Columns]) -> None:
    """Add the rows of a cluster, which it numbers from 0, to those of the clusters before it."""
    first = {
        number: len(tables[table][number]) if table in tables else 0
        for number, table in NUMBERED.items()
    }
    for name, columns in cluster.items():
        rows = {key: np.asarray(values) + first.get(key, 0) if key in first else np.asarray(values)
                for key, values in columns.items()}  # fmt: skip
        before = tables.get(name)
        tables[name] = (
            {key: np.concatenate([before[key], rows[key]]) for key in rows} if before else rows
        )


def _sites(plan: Plan, connection: duckdb.DuckDBPyConnection) -> list[Site]:
    rows = connection.execute("""
        select
            payer_no, region, currency = 'USD' and export not like 'focus%', time_zone = 'UTC',
            coalesce(list(resource_no order by resource_no)
                filter (where family = 'kubernetes_node'), []) as nodes,
            coalesce(list(resource_no order by resource_no)
                filter (where family = 'block_storage'), []),
            coalesce(list(resource_no order by resource_no)
                filter (where family = 'load_balancer'), []),
            sum(date_diff('day', born_at, least(gone_at, $ends_at)))
                filter (where family = 'kubernetes_node')
        from resources
        inner join skus using (sku_no, payer_no)
        inner join payers using (payer_no)
        group by payer_no, region, currency, export, time_zone
        having len(nodes) > 0
        order by payer_no, region
    """, {"ends_at": plan.ends_at}).fetchall()  # fmt: skip
    return [Site(*row) for row in rows]


def _cluster(
    plan: Plan, site: Site, cluster: dict[str, list[Any]], places: int, products: list[str]
) -> dict[str, Columns]:
    """Tables of one cluster, with so many places on each node."""
    random = plan.stream("kubernetes", site.payer_no, site.region)
    millicores, gibibytes = MACHINES[random.integers(0, len(MACHINES))]
    cluster_no, node_bytes = cluster["cluster_no"][0], gibibytes << 30
    total = len(site.nodes) * places
    cluster |= {
        "payer_no": [site.payer_no],
        "region": [site.region],
        "cluster": [f"{names(random, 1)[0]}-{hexes(random, 1, 4)[0]}"],
        "node_millicores": [millicores],
        "node_bytes": [node_bytes],
        "places_per_node": [places],
    }
    nodes = {
        "resource_no": site.nodes,
        "cluster_no": [cluster_no] * len(site.nodes),
        "node": [f"node-{text}" for text in hexes(random, len(site.nodes), 10)],
    }
    namespaces = _namespaces(random, cluster_no, products, int(np.clip(total // 3, 1, 10)))
    replicas = _replicas(random, total)
    patterns = _patterns(random, len(replicas))
    workloads = _workloads(random, patterns, len(namespaces["namespace_no"])) | _sizes(
        random, patterns, millicores // places, node_bytes // places
    )
    workload_no = np.repeat(np.arange(len(replicas)), replicas)
    replica = np.concatenate([np.arange(count) for count in replicas])
    is_autoscaled = np.array([pattern.is_autoscaled for pattern in patterns])[workload_no]
    stores = np.flatnonzero([patterns[number].pattern == "store" for number in workload_no])
    webs = np.flatnonzero([pattern.pattern == "web" for pattern in patterns])
    mounted = min(len(stores), len(site.disks))
    return {
        "clusters": cluster,
        "nodes": nodes,
        "namespaces": namespaces,
        "workloads": workloads | {"cluster_no": np.full(len(replicas), cluster_no)},
        "places": {
            "place_no": np.arange(total),
            # neighbours of one workload lie on different nodes
            "resource_no": np.array(site.nodes)[np.arange(total) % len(site.nodes)],
            "workload_no": workload_no,
            "replica": replica,
            # the level of activity from which the replica is wanted, in per mille
            "wanted_from": 1 + np.where(is_autoscaled, replica * 1700 // replicas[workload_no], 0),
        },
        "volumes": {
            "resource_no": np.array(site.disks[:mounted], dtype=np.int64),
            "place_no": stores[:mounted],
        },
        "balancers": {
            "resource_no": np.array(site.balancers, dtype=np.int64),
            "workload_no": random.choice(webs if len(webs) else len(patterns), len(site.balancers)),
        },
    }


def _namespaces(
    random: np.random.Generator, cluster_no: int, products: list[str], count: int
) -> Columns:
    """The platform's own namespace, then one for each product and environment that runs here."""
    chosen = random.choice(len(products) * len(ENVIRONMENTS), count, replace=False)
    product_no, environment_no = np.divmod(chosen, len(ENVIRONMENTS))
    environments = [ENVIRONMENTS[number] for number in environment_no]
    own = [f"{products[n]}-{text}" for n, text in zip(product_no, environments, strict=True)]
    return {
        "namespace_no": np.arange(count + 1),
        "cluster_no": np.full(count + 1, cluster_no),
        "namespace": [SYSTEM, *own],
        "product_no": np.array([0, *product_no]),
        "environment": [ENVIRONMENTS[0], *environments],
    }


def _replicas(random: np.random.Generator, places: int) -> Array:
    """How many replicas each workload has: together as many as there are places."""
    replicas = random.integers(1, int(np.clip(places // 3, 2, 6)) + 1, places)
    replicas = replicas[: np.searchsorted(np.cumsum(replicas), places) + 1]
    replicas[-1] -= replicas.sum() - places
    return replicas


def _patterns(random: np.random.Generator, count: int) -> list[Pattern]:
    shares = np.array([pattern.share for pattern in PATTERNS])
    return [PATTERNS[n] for n in random.choice(len(PATTERNS), count, p=shares / shares.sum())]


def _workloads(
    random: np.random.Generator, patterns: list[Pattern], namespaces: int
) -> dict[str, Any]:
    """Workloads in namespaces, of which the first is the platform's."""
    count = len(patterns)
    is_system = np.array([pattern.pattern == "system" for pattern in patterns])
    return {
        "workload_no": np.arange(count),
        "namespace_no": np.where(is_system, 0, random.integers(1, namespaces, count)),
        "workload": names(random, count),
        "is_labelled": random.random(count) < 0.95,
        "tenant_no": np.full(count, -1),  # whose it is, where an effect says so
    } | {
        key: [getattr(pattern, key) for pattern in patterns]
        for key in (
            "pattern", "controller", "profile", "is_autoscaled", "lifetime_hours", "run_permille",
        )
    }  # fmt: skip


def _sizes(
    random: np.random.Generator, patterns: list[Pattern], millicores: int, place_bytes: int
) -> dict[str, Any]:
    """What workloads request and use of places of so many millicores and bytes."""

    def between(bounds: list[tuple[int, int]]) -> Array:
        low, high = np.array(bounds).T
        return random.integers(low, high + 1)

    requested = between([pattern.requested for pattern in patterns])
    return {
        "millicores_requested": requested * millicores // 1000,
        "bytes_requested": requested * (place_bytes >> 20) // 1000 << 20,
        "cpu_used_permille": between([pattern.cpu_used for pattern in patterns]),
        "memory_used_permille": between([pattern.memory_used for pattern in patterns]),
    }
