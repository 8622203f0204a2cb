"""Publish: a release is a new file; readers are switched to it by one symlink flip."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb

from trueup.config import Settings
from trueup.landing.checks import literal

CURRENT = "current.duckdb"
RUN_TABLES = ("fct_refresh_runs",)


def publish(settings: Settings, keep: int) -> str:
    """Copy the marts into a release, flip `current.duckdb` to it, drop all but the newest releases.

    The copy is complete, checkpointed and synced before the flip: a reader sees the last release
    or this one, never a half. A killed run leaves at most a `.partial` file, removed by the next.

    Args:
        settings: the run; its id names the release.
        keep: how many releases stay, this one included; at least 1.

    Returns:
        File name of the release.
    """
    settings.published.mkdir(parents=True, exist_ok=True)
    for leftover in settings.published.glob("*.partial*"):
        leftover.unlink()
    name = f"trueup_{settings.run_id}.duckdb"
    partial = settings.published / f"{name}.partial"
    _checkpoint(settings.marts)
    shutil.copyfile(settings.marts, partial)
    _add_run_tables(partial, settings.registry)
    with partial.open("rb") as stream:
        os.fsync(stream.fileno())
    partial.replace(settings.published / name)
    _flip(settings.published, name)
    releases = sorted(settings.published.glob("trueup_*.duckdb"))
    for old in releases[:-keep]:
        old.unlink()
    return name


def current_release(settings: Settings) -> Path | None:
    """The release that readers see now; None before the first."""
    link = settings.published / CURRENT
    return link.resolve() if link.exists() else None


def _checkpoint(path: Path) -> None:
    with duckdb.connect(str(path)) as marts:
        marts.execute("force checkpoint")


def _add_run_tables(release: Path, registry: Path) -> None:
    """The newest run's steps end after dbt has built the marts: take them from the registry."""
    with duckdb.connect(str(release)) as connection:
        connection.execute(f"attach {literal(str(registry))} as registry (read_only)")
        for table in RUN_TABLES:
            columns = ", ".join(
                row[0] for row in connection.execute(f"describe marts.{table}").fetchall()
            )
            connection.begin()
            connection.execute(f"delete from marts.{table}")
            connection.execute(
                f"insert into marts.{table} ({columns}) select {columns} from registry.landing.runs"
            )
            connection.commit()
        connection.execute("force checkpoint")


def _flip(folder: Path, name: str) -> None:
    link = folder / f"{CURRENT}.partial"
    link.symlink_to(name)
    link.replace(folder / CURRENT)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
