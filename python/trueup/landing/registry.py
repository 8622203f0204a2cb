"""The registry database: opened here, and the views over the archive that dbt reads as sources."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import duckdb

from trueup.config import Settings
from trueup.landing.checks import literal, quoted
from trueup.landing.sources import LINEAGE, Source

PRIVATE = 0o700  # mode of a folder that only its owner may enter


def open_registry(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open (and on first use create) the registry of a home; the caller closes it."""
    settings.archive.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    settings.build.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    registry = duckdb.connect(str(settings.registry))
    registry.execute("set TimeZone = 'UTC'")
    registry.execute(f"set memory_limit = {literal(memory_limit())}")
    registry.execute(f"set temp_directory = {literal(str(settings.archive / 'tmp'))}")
    registry.execute(files("trueup.landing").joinpath("registry.sql").read_text(encoding="utf-8"))
    return registry


def memory_limit() -> str:
    """DuckDB memory limit of landing and build, from TRUEUP_MEMORY_LIMIT (default 2GB)."""
    return os.environ.get("TRUEUP_MEMORY_LIMIT", "2GB")


def point_views(registry: duckdb.DuckDBPyConnection, settings: Settings, source: Source) -> None:
    """Point raw.<source> at the current files of a source, less their quarantined rows.

    An empty Parquet file with every declared column comes first, so that the view has all of them
    even when no file, or only older files with fewer columns, have landed.
    """
    paths = registry.execute(
        """
        select distinct files.archive_path
        from landing.files
        inner join landing.current_files using (source, file_id)
        where source = ? and files.status = 'archived'
        order by files.archive_path
        """,
        [source.name],
    ).fetchall()
    parquet = [_shape(registry, settings.archive, source)]
    parquet += [str(settings.archive / path) for (path,) in paths]
    listed = ", ".join(literal(path) for path in parquet)
    registry.execute(f"""
        create or replace view raw.{quoted(source.name)} as
        select * exclude (file_row_number), file_row_number + 1 as file_row
        from read_parquet([{listed}], union_by_name = true, file_row_number = true) as landed
        where (
            -- a model that rebuilds some files only notes them first (macro narrow)
            getvariable('narrowed_files') is null
            or list_contains(getvariable('narrowed_files'), file_id)
        )
        and not exists (
            select 1 from landing.quarantined_rows as bad
            where bad.source = {literal(source.name)} and bad.file_id = landed.file_id
                and bad.file_row = landed.file_row_number + 1
        )
    """)


def _shape(registry: duckdb.DuckDBPyConnection, archive: Path, source: Source) -> str:
    """Path of an empty Parquet file that has every declared column of a source, as text."""
    path = archive / source.name / "_declared_columns.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    names = [LINEAGE[0], *source.types]
    columns = ", ".join(f"cast(null as varchar) as {quoted(name)}" for name in names)
    registry.execute(f"copy (select {columns} limit 0) to {literal(str(path))} (format parquet)")
    return str(path)
