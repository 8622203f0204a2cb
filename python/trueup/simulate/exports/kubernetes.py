"""Kubernetes usage: raw pods, volumes and nodes of a cluster a month, or OpenCost's daily costs."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from trueup.simulate.files import final_export_arrives_at, write_rows
from trueup.simulate.world import World

# Name of a raw file, its table, and what its rows are in order of.
RAW = (
    ("pod_usage", "kubernetes_pods", "interval_start, namespace, pod"),
    ("storage_usage", "kubernetes_volumes", "interval_start, persistentvolume, pod"),
    ("node_labels", "kubernetes_nodes", "interval_start, node"),
)


def write(world: World, period: date, landing: Path) -> None:
    """Write what ran in the clusters in the month simulated last, a folder a cluster."""
    world.run("exports/kubernetes.sql")
    for cluster_no, cluster, is_opencost in world.connection.execute(
        "select cluster_no, cluster, is_opencost from clusters order by cluster_no"
    ).fetchall():
        folder = landing / "kubernetes" / cluster
        if is_opencost:
            _write_days(world, folder)
        else:
            _write_month(world, cluster_no, period, folder)


def _write_month(world: World, cluster_no: int, period: date, folder: Path) -> None:
    """A file for each kind of thing that the cluster had in the month."""
    for name, table, order in RAW:
        rows = f"from {table} where cluster_no = {cluster_no}"
        if world.connection.execute(f"{rows} limit 1").fetchall():
            write_rows(
                world.connection,
                f"select * exclude (cluster_no) {rows} order by {order}",
                folder / f"{period:%Y-%m}" / f"{name}.csv.gz",
                final_export_arrives_at(period),
            )


def _write_days(world: World, folder: Path) -> None:
    """A file for each day, which arrives in the night after it."""
    world.run("exports/opencost.sql")
    for day, ends_at in world.connection.execute(
        'select distinct "start"[:10], cast("end" as timestamp) from opencost_allocations'
        " order by all"
    ).fetchall():
        write_rows(
            world.connection,
            f"""select * from opencost_allocations where "start"[:10] = '{day}' order by name""",
            folder / f"{day}.jsonl.gz",
            ends_at + timedelta(hours=6),
        )
