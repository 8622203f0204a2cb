"""The registry database: opened here, and the views over the archive that dbt reads as sources."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import duckdb

from trueup.config import Settings
from trueup.landing.checks import literal, quoted
from trueup.landing.sources import Source

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


def declare(registry: duckdb.DuckDBPyConnection, archive: Path, sources: Iterable[Source]) -> None:
    """Note the declarations, and make each source an empty Parquet file of its declared columns."""
    for source in sources:
        registry.execute(
            """
            insert into landing.sources values (?, ?, ?, ?, ?, ?, '')
            on conflict (source) do update set
                folder = excluded.folder, delivery_kind = excluded.delivery_kind,
                holds = excluded.holds, period_grain = excluded.period_grain,
                max_bad_share = excluded.max_bad_share
            """,
            [
                *(source.name, source.folder, source.delivery),
                *(source.holds, source.period, source.max_bad_share),
            ],
        )
        shape = _shape(archive, source)
        if not shape.is_file():
            shape.parent.mkdir(parents=True, exist_ok=True)
            names = ["file_id", *source.types]
            columns = ", ".join(f"cast(null as varchar) as {quoted(name)}" for name in names)
            registry.execute(f"""
                copy (
                    select cast(null as bigint) as file_row, {columns} limit 0
                )
                to {literal(str(shape))} (format parquet)
            """)


def _shape(archive: Path, source: Source) -> Path:
    return archive / source.name / f"_declared_{source.signature[:8]}.parquet"


def archived_rows(archive: Path, source: Source, archive_path: str) -> str:
    """Relation of one archived file, with every declared column and file_row_number."""
    listed = ", ".join(literal(str(p)) for p in (_shape(archive, source), archive / archive_path))
    return f"read_parquet([{listed}], union_by_name = true, file_row_number = true)"


def point_views(
    registry: duckdb.DuckDBPyConnection, settings: Settings, sources: Iterable[Source]
) -> None:
    """Point raw.<source> at the current files of each source, less their quarantined rows.

    An empty Parquet file with every declared column comes first, so that the view has all of them
    even when no file, or only older files with fewer columns, have landed.
    """
    current = dict(
        registry.execute("""
            select source, list(distinct archive_path order by archive_path)
            from landing.files
            inner join landing.current_files using (source, file_id)
            where files.status = 'archived'
            group by source
        """).fetchall()
    )
    for source in sources:
        paths = current.get(source.name, [])
        shown = hashlib.md5(
            repr((source.signature, paths)).encode(), usedforsecurity=False
        ).hexdigest()
        if (shown,) == registry.execute(
            "select shown from landing.sources where source = ?", [source.name]
        ).fetchone():
            continue
        parquet = [_shape(settings.archive, source), *(settings.archive / path for path in paths)]
        listed = ", ".join(literal(str(path)) for path in parquet)
        # A joined archive states the row of each line, and may hold files not current any more.
        row = "coalesce(landed.file_row, landed.file_row_number + 1)"
        in_use = (
            f"landed.file_id in (select file_id from landing.current_files where source = "
            f"{literal(source.name)}) and"
            if any("/joined-" in path for path in paths)
            else ""
        )
        registry.execute(f"""
            create or replace view raw.{quoted(source.name)} as
            select * exclude (file_row_number) replace ({row} as file_row)
            from read_parquet([{listed}], union_by_name = true, file_row_number = true) as landed
            -- not "where not exists": DuckDB would gather every row's number to look each up once
            anti join landing.quarantined_rows as bad
                on bad.source = {literal(source.name)} and bad.file_id = landed.file_id
                and bad.file_row = {row}
            where {in_use} (
                -- a model that rebuilds some files only notes them first (macro narrow)
                getvariable('narrowed_files') is null
                or list_contains(getvariable('narrowed_files'), landed.file_id)
            )
        """)
        registry.execute(
            "update landing.sources set shown = ? where source = ?", [shown, source.name]
        )
