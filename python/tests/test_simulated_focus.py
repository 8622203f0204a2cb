"""Simulated FOCUS exports and Kubernetes usage: the warehouse reads back what was simulated.

The clean world is made once more, and its lines are compared with its release.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from focus_checks import cross_dataset, lint, reconcile
from helpers import landed_files, read_rows
from worlds import RefreshedWorld

from trueup.simulate.exports import EXPORTS, kubernetes
from trueup.simulate.world import World, new_world

FOCUS = ("focus_1_2", "focus_1_4")
# What is read of the month simulated last: it is kept for all months.
KEPT = {
    "billed": "select lines.*, payer_id, export from lines inner join payers using (payer_no)",
    "ran": "from pod_usage",
    "nodes_ran": "from node_usage",
}


def write_world(world: World, landing: Path) -> None:
    """Write all months of the FOCUS exports and clusters, and keep what they hold."""
    payers = "select payer_no, export from payers order by payer_no"
    for period in world.plan.periods:
        world.simulate(period)
        for payer_no, export in world.connection.execute(payers).fetchall():
            if export in FOCUS:
                EXPORTS[export](world, payer_no, period, landing)
        kubernetes.write(world, period, landing)
        for table, query in KEPT.items():
            create = f"create table if not exists {table} as from ({query}) limit 0"
            world.connection.execute(create)
            world.connection.execute(f"insert into {table} {query}")


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the files that are written again."""
    return tmp_path_factory.mktemp("simulated") / "landing"


@pytest.fixture(scope="module")
def both(clean_world: RefreshedWorld, again: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The world's database, with what its refresh made attached."""
    with new_world(clean_world.plan, again.parent) as world:
        write_world(world, again)
        for name, path in {
            "released": "published/current.duckdb",
            "warehouse": "build/warehouse.duckdb",
            "registry": "archive/registry.duckdb",
        }.items():
            world.connection.execute(f"attach '{clean_world.home / path}' as {name} (read_only)")
        yield world.connection


def differences(both: duckdb.DuckDBPyConnection, simulated: str, read: str) -> list[tuple]:
    """Rows, counted, that stand in one of two queries alone; both must have rows."""
    for query in (simulated, read):
        assert both.execute(f"select count(*) from ({query})").fetchall() > [(0,)]
    return both.execute(f"""
        (select 'simulated', * from (from ({simulated}) except all from ({read})))
        union all
        (select 'read', * from (from ({read}) except all from ({simulated})))
    """).fetchmany(6)


def test_every_file_is_accepted_whole(clean_world: RefreshedWorld) -> None:
    files = landed_files(clean_world.home)
    ours = {path: row for (path, _), row in files.items() if path[:5] in ("focus", "kuber")}
    assert {row["status"] for row in ours.values()} == {"accepted"}
    assert all(row["rows_total"] == row["rows_accepted"] > 0 for row in ours.values())
    endings = Counter(Path(path).name for path in ours)
    months = clean_world.plan.months
    assert endings["cost_and_usage.parquet"] == endings["cost_and_usage.csv.gz"] == months


def test_the_same_seed_writes_the_same_bytes(
    both: duckdb.DuckDBPyConnection, clean_world: RefreshedWorld, again: Path
) -> None:
    for source in ("focus", "kubernetes"):
        written = [path for path in (again / source).rglob("*") if path.is_file()]
        assert len(written) > clean_world.plan.months
        for path in written:
            first = clean_world.landing / path.relative_to(again)
            assert _digest(path) == _digest(first), path
            assert path.stat().st_mtime == first.stat().st_mtime, path


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- FOCUS ---


def test_focus_charges_of_each_kind_cost_what_their_lines_cost(
    both: duckdb.DuckDBPyConnection,
) -> None:
    assert not differences(
        both,
        f"""
        select
            payer_id, billing_period,
            case kind when 'covered' then 'commitment_usage' when 'unused' then 'commitment_unused'
                else kind end,
            count(*), sum(billed_cost), sum(effective_cost),
            sum(list_cost) filter (where kind = 'usage')
        from billed where export in {FOCUS} group by all
        """,
        """
        select
            billing_account_id, billing_period, charge_kind,
            count(*), sum(billed_cost), sum(effective_cost),
            sum(list_cost) filter (where charge_kind = 'usage')
        from released.marts.fct_charges where source = 'focus' group by all
        """,
    )


def test_focus_usage_says_who_used_what_at_which_price(both: duckdb.DuckDBPyConnection) -> None:
    assert not differences(
        both,
        f"""
        select
            billed.payer_id, invoice_id, account_id, account_name, resource_id, resource_name,
            sku_id, meter, service, skus.region, unit, usage_start, usage_end, quantity,
            list_price, price, billed_cost, commitment_id, team, cost_center, product,
            resources.environment, tenant
        from billed
        inner join payers using (payer_no, payer_id)
        inner join accounts using (account_no)
        inner join resources using (resource_no)
        inner join skus on billed.sku_no = skus.sku_no
        inner join teams on resources.team_no = teams.team_no
        inner join products on resources.product_no = products.product_no
        left join tenants on resources.tenant_no = tenants.tenant_no
        left join commitments on billed.commitment_no = commitments.commitment_no
        where billed.export in {FOCUS}
        """,
        """
        select
            billing_account_id, invoice_id, sub_account_id, sub_account_name, resource_id,
            resource_name, sku_id, sku_meter, service_name, region_id, pricing_unit,
            charge_period_start, charge_period_end, consumed_quantity, list_unit_price,
            contracted_unit_price, billed_cost, commitment_id, owner, cost_center, product,
            environment, tenant
        from released.marts.fct_charges
        where source = 'focus' and resource_id is not null
            and billing_account_id in (select payer_id from payers)
        """,
    )


def test_others_tools_find_nothing_in_the_four_datasets(
    clean_world: RefreshedWorld,
) -> None:
    (folder,) = [path.parent for path in clean_world.landing.glob("focus/*/billing_period.csv.gz")]
    files = {
        "Cost and Usage": "*/cost_and_usage.csv.gz",
        "Invoice Detail": "*/invoice_detail.csv.gz",
        "Billing Period": "billing_period.csv.gz",
        "Contract Commitment": "contract_commitment.csv.gz",
    }
    datasets = {
        name: [row for path in sorted(folder.glob(pattern)) for row in read_rows(path)]
        for name, pattern in files.items()
    }
    assert lint(datasets) == Counter()
    assert cross_dataset(datasets) == []
    assert reconcile(datasets) == []
    assert len(datasets["Billing Period"]) == clean_world.plan.months


def test_invoice_details_are_what_their_lines_cost_in_whole_cents(
    both: duckdb.DuckDBPyConnection,
) -> None:
    assert not differences(
        both,
        """
        select
            invoice_id, any_value(billing_period),
            case when kind = 'tax' then 'Tax' when kind like '%fee' then 'Purchase' else 'Usage' end
                as category,
            coalesce(service, 'Invoice') as service_name, round(sum(billed_cost), 2)
        from billed left join skus using (sku_no, payer_no)
        where export = 'focus_1_4'
        group by all
        """,
        """
        select
            details.InvoiceId, cast(details.BillingPeriodStart as date), details.ChargeCategory,
            details.InvoiceDetailGrain ->> 'ServiceName', details.BilledCost
        from released.marts.focus_invoice_detail as details
        where InvoiceId in (select invoice_id from billed where export = 'focus_1_4')
        """,
    )


# --- Kubernetes ---


def test_pods_land_whole(both: duckdb.DuckDBPyConnection) -> None:
    assert not differences(
        both,
        """
        select
            cluster, namespace, pod, node, usage_start, usage_end, product,
            millicores_used * seconds, ran.millicores_requested * seconds,
            bytes_used * seconds, ran.bytes_requested * seconds
        from ran
        inner join clusters using (cluster_no)
        inner join nodes using (resource_no, cluster_no)
        inner join workloads using (workload_no, cluster_no)
        inner join namespaces using (namespace_no, cluster_no)
        left join products on namespaces.product_no = products.product_no and is_labelled
        where not is_opencost
        """,
        """
        select
            cluster, namespace, pod, node, usage_start, usage_end, labels ->> 'product',
            cpu_used_core_seconds * 1000, cpu_requested_core_seconds * 1000,
            memory_used_byte_seconds, memory_requested_byte_seconds
        from warehouse.canonical.kubernetes_usage
        """,
    )


def test_nodes_are_listed_whenever_they_are_billed(both: duckdb.DuckDBPyConnection) -> None:
    assert not differences(
        both,
        """
        select cluster, node, usage_start, usage_end,
            case when ran.resource_no is not null then node_millicores * nodes_ran.seconds end,
            case when ran.resource_no is not null then node_bytes * nodes_ran.seconds end
        from nodes_ran
        inner join clusters using (cluster_no)
        inner join nodes using (resource_no, cluster_no)
        left join (select distinct resource_no, usage_start from ran) as ran
            using (resource_no, usage_start)
        where not is_opencost
        """,
        """
        select cluster, node, usage_start, usage_end, cpu_core_seconds * 1000, memory_byte_seconds
        from warehouse.canonical.kubernetes_node_hours
        """,
    )


def test_pods_join_the_charges_of_their_nodes_by_id(both: duckdb.DuckDBPyConnection) -> None:
    """Also of nodes and days: the effective cost in an interval is what the node costs then."""
    assert not differences(
        both,
        f"""
        select cluster, node, min(pods.usage_start), max(pods.usage_end), sum(effective_cost)
        from (select distinct cluster_no, resource_no, usage_start, usage_end from ran) as pods
        inner join clusters using (cluster_no)
        inner join nodes using (resource_no, cluster_no)
        inner join billed
            on pods.resource_no = billed.resource_no
            and billed.usage_start >= date_trunc('hour', pods.usage_start)
            and billed.usage_start < pods.usage_end
        where billed.export in {tuple(EXPORTS)}
        group by all
        """,
        """
        select pods.cluster, node, min(usage_start), max(usage_end), sum(effective_cost)
        from (
            select distinct cluster, node, resource_id, usage_start, usage_end
            from warehouse.canonical.kubernetes_usage
            union
            select distinct cluster, node, resource_id, usage_start, usage_end
            from warehouse.canonical.opencost_costs where pod is not null
        ) as pods
        inner join released.marts.fct_charges as charges
            on pods.resource_id = charges.resource_id
            and charges.charge_period_start >= pods.usage_start
            and charges.charge_period_start < pods.usage_end
        group by all
        """,
    )


def test_volumes_join_the_disks_that_are_billed(both: duckdb.DuckDBPyConnection) -> None:
    (found,) = both.execute("""
        select count(distinct volume), count(distinct volume) filter (where charges.sku_id is null)
        from warehouse.canonical.kubernetes_volume_usage as volumes
        left join (select distinct resource_id, sku_id from released.marts.fct_charges) as charges
            using (resource_id)
        where cluster in (
            select cluster from clusters inner join payers using (payer_no)
            where export like 'focus%'
        )
    """).fetchall()
    assert found[0] > found[1] == 0


def test_opencost_prices_each_node_whole(both: duckdb.DuckDBPyConnection) -> None:
    """Pods and what is idle are together what the nodes cost at list price, but for rounding."""
    worst, pods, balancers, volumes = both.execute("""
        with
        listed as (
            select nodes_ran.usage_start, sum(seconds * list_price) / 3600 as cost
            from nodes_ran
            inner join clusters using (cluster_no)
            inner join resources using (resource_no)
            inner join prices on resources.sku_no = prices.sku_no
                and usage_start >= effective_from
                and usage_start < coalesce(effective_to, timestamp '9999-12-31')
            where is_opencost group by all
        ),
        stated as (
            select usage_start, sum(cpu_cost + memory_cost) as cost, count(pod) as pods,
                sum(load_balancer_cost) as balancers, sum(volume_cost) as volumes
            from warehouse.canonical.opencost_costs group by all
        )
        select max(abs(listed.cost - stated.cost) / listed.cost), sum(pods), sum(balancers),
            sum(volumes)
        from listed full join stated using (usage_start)
    """).fetchall()[0]
    assert worst < 0.001
    assert pods == both.execute(
        "select count(*) from ran inner join clusters using (cluster_no) where is_opencost"
    ).fetchall()[0][0]  # fmt: skip
    assert balancers > 0 and volumes >= 0


def test_pods_fit_on_their_nodes_and_waste_is_there_to_find(
    both: duckdb.DuckDBPyConnection, clean_world: RefreshedWorld
) -> None:
    fullest, wasting, short, hourly, rows = both.execute("""
        select
            max(used), (select count(*) from ran where millicores_used * 4 < millicores_requested),
            (select count(*) from ran where seconds < 3600),
            (select count(distinct cluster_no) from clusters where step_hours = 1),
            (select count(*) from ran)
        from (
            select sum(greatest(ran.millicores_requested, millicores_used) * ran.seconds)
                / any_value(node_millicores * nodes_ran.seconds) as used
            from nodes_ran
            inner join ran using (cluster_no, resource_no, usage_start)
            inner join clusters using (cluster_no)
            group by cluster_no, resource_no, usage_start
        )
    """).fetchall()[0]
    assert fullest <= 1
    assert wasting > 0 and short > 0 and hourly == 1
    assert rows < clean_world.plan.lines
