"""Land everything new: each file on its own, so that one unsound file never holds up the others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from trueup.access import trusted_files
from trueup.config import Settings
from trueup.landing.checks import (
    AMOUNT,
    literal,
    quarantine_sql,
    quoted,
    totals_sql,
    unsound_count_sql,
)
from trueup.landing.files import (
    FoundFile,
    Unsound,
    check_readable,
    checksum,
    find_files,
    read_header,
    undeclared,
)
from trueup.landing.registry import point_views
from trueup.landing.sources import Source, read_sources

Progress = Callable[[str], None]


@dataclass
class Landed:
    """What one landing did. `messages` are sentences about folders that no source reads."""

    new: int = 0
    rows: int = 0
    paths: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


def land(settings: Settings, registry: duckdb.DuckDBPyConnection, progress: Progress) -> Landed:
    """Check, archive and register every file of the landing folder that is new or changed.

    Each file is one transaction after its Parquet copy stands: killed anywhere, the next landing
    finds the file either registered or untouched. Re-landing the same folder changes nothing.
    """
    sources = read_sources(settings.project)
    result = Landed()
    result.messages += [_unread(name) for name in undeclared(settings.landing, set(sources))]
    judged = trusted_files(settings, registry, find_files(settings.landing, set(sources)))
    result.messages += judged.messages
    for found in judged.trusted:
        result.paths.append(found.path)
        if not _is_known(registry, found):
            _land_file(settings, registry, sources[found.source], found, result, progress)
    for source in sources.values():
        point_views(registry, settings, source)
    registry.execute("checkpoint")
    return result


def _unread(name: str) -> str:
    """Sentence on a folder of no source, or on a file in no folder."""
    if not name.endswith("/"):
        return f"{name}: it lies in no source's folder and was not read. Move it into one."
    source = name.rstrip("/")
    return (
        f"{name}: no source of this name is declared; its files were not read. "
        f"Declare it in models/staging/{source}/_{source}__sources.yml or rename the folder."
    )


def _is_known(registry: duckdb.DuckDBPyConnection, found: FoundFile) -> bool:
    """Same path, size and file time as when it was last read."""
    row = registry.execute(
        """
        select 1 from landing.files
        where source = ? and path = ? and bytes = ? and modified_ns = ?
        """,
        [found.source, found.path, found.bytes, found.modified_ns],
    ).fetchone()
    return row is not None


def _land_file(
    settings: Settings,
    registry: duckdb.DuckDBPyConnection,
    source: Source,
    found: FoundFile,
    result: Landed,
    progress: Progress,
) -> None:
    digest = checksum(found.absolute)
    delivered_at = found.delivered_at.replace(tzinfo=None)
    if _resighted(registry, found, digest, delivered_at):
        return
    progress(f"{found.path} ({found.bytes / 1e6:,.1f} MB)")
    file_id = f"{source.name}-{digest[:16]}"
    archive_path = f"{source.name}/{file_id}.parquet"
    record: dict[str, Any] = {
        "source": source.name,
        "path": found.path,
        "sha256": digest,
        "file_id": file_id,
        "bytes": found.bytes,
        "modified_ns": found.modified_ns,
        "delivered_at": delivered_at,
        "delivery_key": found.delivery_key,
        "delivery_kind": source.delivery,
        "feed": source.feed_of_path(found.below),
        "status": "archived",
        "reason": None,
        "rows_total": None,
        "columns": None,
        "archive_path": archive_path,
        "landed_at": settings.as_of.replace(tzinfo=None),
        "run_id": settings.run_id,
    }
    totals: list[tuple[Any, ...]] = []
    try:
        columns = _archive(registry, source, found, file_id, settings.archive / archive_path)
        record["columns"] = columns
        totals = _totals(registry, source, columns, str(settings.archive / archive_path))
        record["rows_total"] = sum(row[3] for row in totals)
        record["feed"] = _feed(registry, source, record["feed"], settings.archive / archive_path)
    except Unsound as problem:
        record |= {"status": "quarantined", "reason": str(problem), "archive_path": None}
    result.new += 1
    result.rows += record["rows_total"] or 0
    registry.begin()
    try:
        _register(registry, source, record, totals, settings)
        registry.commit()
    except BaseException:
        registry.rollback()
        raise


def _resighted(
    registry: duckdb.DuckDBPyConnection, found: FoundFile, digest: str, delivered_at: datetime
) -> bool:
    """The path held this very content before: note its new file time, nothing else."""
    return (
        registry.execute(
            """
            update landing.files set modified_ns = ?, delivered_at = greatest(delivered_at, ?)
            where source = ? and path = ? and sha256 = ?
            returning 1
            """,
            [found.modified_ns, delivered_at, found.source, found.path, digest],
        ).fetchone()
        is not None
    )


def _archive(
    registry: duckdb.DuckDBPyConnection,
    source: Source,
    found: FoundFile,
    file_id: str,
    target: Path,
) -> list[str]:
    """Copy a file into the archive as Parquet, all values as text; returns its columns.

    Raises:
        Unsound: the file cannot be read whole, or lacks a required column.
    """
    check_readable(found.absolute)
    header = read_header(found.absolute)
    missing = [name for name in source.required if name not in header]
    if missing:
        raise Unsound(
            f"required column{'s' if len(missing) > 1 else ''} {', '.join(missing)} missing.",
            "Export it with all required columns; the last good delivery stays in use.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    names = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
    compression = "gzip" if found.absolute.suffix.lower() == ".gz" else "none"
    try:
        registry.execute(f"""
            copy (
                select {literal(file_id)} as file_id, *
                from read_csv(
                    {literal(str(found.absolute))}, columns = {{{names}}}, header = true,
                    auto_detect = false, delim = ',', quote = '"', escape = '"',
                    compression = '{compression}'
                )
            ) to {literal(str(partial))} (format parquet, compression zstd, compression_level 1)
        """)
    except duckdb.InvalidInputException as error:  # a full disk, say, is no fault of the file
        partial.unlink(missing_ok=True)
        raise Unsound(
            _csv_reason(str(error)), "Deliver it again; nothing of it was used."
        ) from None
    partial.replace(target)
    return header


def _csv_reason(message: str) -> str:
    """DuckDB's CSV error in one sentence that names the row."""
    line = re.search(r"CSV Error on Line: (\d+)", message)
    where = f"row {int(line.group(1)) - 1} " if line else "the file "
    count = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    if count:
        return (
            f"{where}has {count.group(2)} of the header's {count.group(1)} columns: "
            "the file is cut off or a delimiter is not quoted."
        )
    if "unicode" in message.lower():
        return f"{where}is not UTF-8 text."
    if "unterminated quote" in message:
        return f"{where}opens a quote and does not close it: the file is cut off or damaged."
    return f"{where}cannot be read as CSV ({message.splitlines()[0]})."


def _totals(
    registry: duckdb.DuckDBPyConnection, source: Source, columns: list[str], parquet: str
) -> list[tuple[Any, ...]]:
    """Control totals: (is_sound, billing_period, currency, row_count, amount) rows."""
    unsound = registry.execute(unsound_count_sql(source, columns, parquet)).fetchone()
    is_sound = unsound is not None and unsound[0] == 0
    return registry.execute(totals_sql(source, columns, parquet, is_sound)).fetchall()


def _feed(
    registry: duckdb.DuckDBPyConnection, source: Source, from_path: str, parquet: Path
) -> str:
    """The feed of a file: what its path says, and the one value of its feed column.

    Rows without a value are in quarantine; they do not make another feed of the file.
    """
    parts = [from_path] if from_path else []
    if source.feed_column:
        values = registry.execute(
            f"""
            select distinct {source.feed_column} as feed from read_parquet(?)
            where coalesce({source.feed_column}, '') not in ('', 'NULL') limit 2
            """,
            [str(parquet)],
        ).fetchall()
        parts.append(str(values[0][0]) if len(values) == 1 else "mixed")
    return "/".join(parts) or "default"


def _register(
    registry: duckdb.DuckDBPyConnection,
    source: Source,
    record: dict[str, Any],
    totals: list[tuple[Any, ...]],
    settings: Settings,
) -> None:
    """Write all that is known of one file; the caller's transaction makes it one step."""
    is_new_content = not registry.execute(
        "select 1 from landing.file_totals where source = ? and file_id = ? limit 1",
        [source.name, record["file_id"]],
    ).fetchone()
    names = ", ".join(quoted(name) for name in record)
    marks = ", ".join("?" for _ in record)
    registry.execute(f"insert into landing.files ({names}) values ({marks})", [*record.values()])
    if not is_new_content or record["status"] != "archived":
        return
    sound = [row[1:] for row in totals if row[0]] or [(None, None, 0, 0)]
    registry.executemany(
        f"insert into landing.file_totals values (?, ?, ?, ?, ?, cast(? as {AMOUNT}))",
        [(source.name, record["file_id"], *row) for row in sound],
    )
    if any(not row[0] for row in totals):
        parquet = str(settings.archive / record["archive_path"])
        registry.execute(
            "insert into landing.quarantined_rows "
            + quarantine_sql(source, record["columns"], parquet, record["file_id"])
        )
