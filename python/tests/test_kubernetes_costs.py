"""Split of node cost over pods: worked answers of OpenCost, and exactness over random clusters.

The models are rendered as dbt does it and run on tables of their inputs.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

PROJECT = Path(__file__).parents[2]
MODELS = ("node_shares", "node_parts", "pool_shares", "pool_parts", "pod_costs")
MACROS = ("decimal_type", "exact_quotient", "largest_remainder", "sum_where")
CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data/allocation/opencost.jsonl").read_text().splitlines()
]
BILLS = (
    "cluster text, resource_id text, node text, usage_date date, billing_currency text,"
    " billed_cost decimal(38, 18), effective_cost decimal(38, 18), capacity_weight hugeint"
)
WEIGHTS = (
    "cluster text, node text, usage_date date, namespace text, workload text, tenant text,"
    " is_overhead boolean, allocated_weight hugeint, used_weight hugeint"
)
DAY = date(2025, 3, 1)
UNIT = Fraction(1, 10**18)


def built(bills: list[tuple], weights: list[tuple]) -> duckdb.DuckDBPyConnection:
    """A database with the models of the split, made from node bills and pod weights."""
    macros = "".join((PROJECT / f"macros/{name}.sql").read_text() for name in MACROS)
    connection = duckdb.connect()
    for table, columns, rows in (
        ("node_bills", BILLS, bills),
        ("pod_weights", WEIGHTS, weights),
    ):
        connection.execute(f"create table {table} ({columns})")
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"insert into {table} values ({marks})", rows)
    for model in MODELS:
        text = (PROJECT / f"models/allocation/kubernetes/{model}.sql").read_text()
        query = jinja2.Template(macros + text).render(ref=lambda name: name, config=lambda **_: "")
        connection.execute(f"create table {model} as {query}")
    return connection


class Pod(NamedTuple):
    """A container of OpenCost's mock clusters: it costs 1 of each of six things, but for memory."""

    cluster: str
    namespace: str
    pod: str
    node: str
    kind: str
    controller: str
    app: str
    env: str
    team: str
    service: str
    memory: str


PODS = tuple(
    Pod(*("" if word == "-" else word for word in line.split()))
    for line in """
cluster1 namespace1 pod1    c1nodes -           -            app1 env1 -     -        11
cluster1 namespace1 pod-abc c1nodes deployment  deployment1  -    -    -     -        1
cluster1 namespace1 pod-def c1nodes deployment  deployment1  -    -    -     -        1
cluster1 namespace2 pod-ghi c1nodes deployment  deployment2  app2 env2 -     -        1
cluster1 namespace2 pod-ghi c1nodes deployment  deployment2  app2 env2 -     -        1
cluster1 namespace2 pod-jkl c1nodes daemonset   daemonset1   -    -    -     service1 1
cluster2 namespace2 pod-mno node1   deployment  deployment2  app2 -    -     -        1
cluster2 namespace2 pod-mno node1   deployment  deployment2  app2 -    -     -        1
cluster2 namespace2 pod-pqr node2   daemonset   daemonset1   -    -    -     service1 1
cluster2 namespace3 pod-stu node2   deployment  deployment3  -    -    team1 -        1
cluster2 namespace3 pod-vwx node3   statefulset statefulset1 -    -    team2 -        1
cluster2 namespace3 pod-vwx node3   statefulset statefulset1 -    -    team1 -        1
""".strip().splitlines()
)
# What no pod has: by cluster, of cores and of memory.
IDLE = {("cluster1", "cores"): 5, ("cluster1", "memory"): 15,
        ("cluster2", "cores"): 5, ("cluster2", "memory"): 5}  # fmt: skip
OF_A_KIND = {
    kind: (lambda pod, kind=kind: pod.controller if pod.kind == kind else "")
    for kind in ("deployment", "daemonset", "statefulset")
}
GROUPS: dict[str, Callable[[Pod], str]] = {
    "namespace": lambda pod: pod.namespace,
    "pod": lambda pod: pod.pod,
    "controller kind": lambda pod: pod.kind,
    "controller": lambda pod: pod.controller and f"{pod.kind}:{pod.controller}",
    "service": lambda pod: pod.service,
    "label app": lambda pod: pod.app,
    "annotation team": lambda pod: pod.team,
    "label app, label env": lambda pod: f"{pod.app or UNNAMED}/{pod.env or UNNAMED}",
    "cluster, app, env": lambda pod: "/".join(
        (pod.cluster, pod.app or UNNAMED, pod.env or UNNAMED)
    ),
    **OF_A_KIND,
}
UNNAMED = "__unallocated__"
LEFT_OUT = {
    "opencost-a017": "shares a namespace evenly over all clusters; ours by cost, in its cluster",
    "opencost-a029": "gives a shared namespace idle first; ours goes to the others at once",
    "opencost-a031": "adds an hourly overhead that nobody bills; ours shares what is billed",
    "opencost-a034": "suspect: its authors write that another answer is right",
}


@pytest.fixture(scope="module")
def mock_costs() -> list[tuple[Pod, Decimal, Decimal]]:
    """What each pod of the mock clusters costs itself, and its part of what is idle.

    OpenCost shares idle cores by cores and idle memory by memory, so each is a cluster here.
    """
    bills, weights = [], []
    places = sorted({(pod.cluster, pod.node) for pod in PODS})
    for part, costs in (
        ("cores", lambda _: 1),
        ("memory", lambda pod: int(pod.memory)),
        ("others", lambda _: 4),
    ):
        left = {cluster: IDLE.get((cluster, part), 0) for cluster, _ in places}
        for cluster, node in places:
            held = sum(costs(pod) for pod in PODS if (pod.cluster, pod.node) == (cluster, node))
            held += left.pop(cluster, 0)  # idle of a cluster lies on its first node
            bills.append((f"{cluster} {part}", node, node, DAY, "USD", held, held, held))
        weights += [
            (f"{pod.cluster} {part}", pod.node, DAY, pod.namespace, str(number), None, False,
             costs(pod), 0)
            for number, pod in enumerate(PODS)
        ]  # fmt: skip
    with built(bills, weights) as connection:
        rows = connection.execute(
            "select workload, sum(allocated_pod_billed_cost), sum(allocated_idle_billed_cost)"
            " from pod_costs group by workload"
        ).fetchall()
    return [(PODS[int(number)], own, idle) for number, own, idle in rows]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_opencost(case: dict[str, Any], mock_costs: list[tuple[Pod, Decimal, Decimal]]) -> None:
    if case["id"] in LEFT_OUT:
        pytest.skip(LEFT_OUT[case["id"]])
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for pod, own, idle in mock_costs:
        for group, amount in entries(case["rule"], pod, own, idle):
            sums[group] += amount
    stated = {group: Decimal(amount) for group, amount in case["expected"].items()}
    assert sums.keys() == stated.keys()
    assert all(abs(sums[group] - stated[group]) <= Decimal("0.01") for group in stated)


def entries(rule: str, pod: Pod, own: Decimal, idle: Decimal) -> list[tuple[str, Decimal]]:
    """What a pod adds to which groups by a rule; filters come last."""
    if rule == "split idle by cluster":
        return [(pod.namespace, own), (f"{pod.cluster}/__idle__", idle)]
    if rule == "idle by node, merged":
        return [(pod.namespace, own), ("__idle__", idle)]
    if rule == "share idle by node, filter namespace2":
        return [("namespace2", own + idle)] if pod.namespace == "namespace2" else []
    if rule == "filter namespace2 by cluster, only its part of idle":
        return [(pod.cluster, own), ("__idle__", idle)] if pod.namespace == "namespace2" else []
    return [(GROUPS[rule.removeprefix("group by ")](pod) or UNNAMED, own), ("__idle__", idle)]


@st.composite
def clusters(draw: st.DrawFn) -> tuple[list[tuple], list[tuple]]:
    """Node bills of any sign and the weights on them; pods and capacities may be missing or 0."""
    money = st.decimals(-(10**9), 10**9, places=18, allow_nan=False, allow_infinity=False)
    weight = st.one_of(st.just(0), st.integers(0, 10**12))
    bills, weights = [], []
    for number in range(draw(st.integers(1, 4))):
        cluster, node = draw(st.sampled_from(["a", "b"])), f"n{number}"
        bill = draw(st.one_of(st.just(Decimal(0)), money)), draw(money)
        bills.append((cluster, f"i-{number}", node, DAY, "USD", *bill, draw(weight)))
        for pod in range(draw(st.integers(0, 4))):
            tenant, is_platform = draw(st.sampled_from([None, "t1", "t2"])), draw(st.booleans())
            weights.append((cluster, node, DAY, f"space{pod}", "w", tenant, is_platform,
                            draw(weight), draw(weight)))  # fmt: skip
    return bills, draw(st.permutations(weights))


@settings(max_examples=40, deadline=None)
@given(clusters())
def test_every_split_sums_to_the_bill_and_is_off_by_less_than_a_unit(
    given_rows: tuple[list[tuple], list[tuple]],
) -> None:
    bills, weights = given_rows
    with built(bills, weights) as connection:
        for measure, place in (("billed_cost", 5), ("effective_cost", 6)):
            billed: defaultdict[str, Decimal] = defaultdict(Decimal)
            for bill in bills:
                billed[bill[0]] += bill[place]
            for basis in ("allocated", "used"):
                carried = connection.execute(
                    f"select cluster, sum({basis}_{measure}) from pod_costs group by cluster"
                ).fetchall()
                assert dict(carried) == billed
        for shares, parts in (("node_shares", "node_parts"), ("pool_shares", "pool_parts")):
            assert_proportional(connection, shares, parts)


def assert_proportional(connection: duckdb.DuckDBPyConnection, shares: str, parts: str) -> None:
    """Each part is its share by weight, but for less than one unit of the last decimal."""
    key = "cluster, resource_id, basis, pool, namespace, workload, tenant"
    split = "cluster, basis" + (", resource_id" if shares == "node_shares" else ", pool")
    matched = " and ".join(
        f"shares.{column} is not distinct from parts.{column}" for column in key.split(", ")
    )
    rows = connection.execute(
        f"select shares.billed_cost, shares.weight, shares.total, parts.billed_cost from"
        f" (select *, sum(weight) over (partition by {split}) as total from {shares}) as shares"
        f" inner join {parts} as parts on {matched}"
    ).fetchall()
    assert len(rows) == len(connection.execute(f"from {shares}").fetchall())
    for whole, weight, total, part in rows:
        assert abs(Fraction(part) - Fraction(whole) * int(weight) / int(total)) < UNIT


def test_equal_losses_go_to_the_first_by_key() -> None:
    bills = [("a", "i-1", "n", DAY, "USD", Decimal("1E-18"), Decimal(1), 3)]
    weights = [("a", "n", DAY, name, "w", None, False, 1, 1) for name in ("z", "b", "c")]
    with built(bills, weights) as connection:
        rows = connection.execute(
            "select namespace, allocated_pod_billed_cost, allocated_pod_effective_cost"
            " from pod_costs order by namespace"
        ).fetchall()
    third = Decimal("0.333333333333333333")
    assert rows == [
        ("b", Decimal("1E-18"), third + Decimal("1E-18")),
        ("c", Decimal(0), third),
        ("z", Decimal(0), third),
    ]
