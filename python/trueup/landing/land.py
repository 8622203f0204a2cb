"""Land everything new: each file on its own, so that one unsound file never holds up the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from itertools import groupby
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
from trueup.landing.compact import compact
from trueup.landing.deliveries import land_manifest, resolve_manifests
from trueup.landing.files import (
    FoundFile,
    Unsound,
    check_readable,
)
from trueup.landing.find import ReadFailure, at_hand, find, note_failures, reading, spool_in
from trueup.landing.headers import Layout, lay_out, renamed_hint
from trueup.landing.manifests import is_manifest
from trueup.landing.read import AGAIN, Rows, read_rows
from trueup.landing.registry import archived_rows, declare, point_views
from trueup.landing.sources import Source, read_sources
from trueup.landing.storage import ObjectStore

Progress = Callable[[str], None]


@dataclass
class Landed:
    """What one landing did, with sentences on folders that no source reads, and on failures."""

    new: int = 0
    rows: int = 0
    paths: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def land(settings: Settings, registry: duckdb.DuckDBPyConnection, progress: Progress) -> Landed:
    """Check, archive and register every file of the landing location that is new or changed.

    Each file is one transaction after its Parquet copy stands: killed anywhere, the next landing
    finds the file either registered or untouched. Re-landing the same folder changes nothing. What
    cannot be read stays as it was; all else goes on.
    """
    tables = read_sources(settings.project)
    declare(registry, settings.archive, tables.values())
    folders = {table.folder for table in tables.values()}
    store = ObjectStore()
    with spool_in(settings.archive) as spool:
        found = find(settings.landing, folders, store, spool)
        judged = trusted_files(settings, registry, found.files)
        result = Landed(
            paths=[file.path for file in judged.trusted],
            messages=[_unread(name) for name in sorted(found.undeclared)] + judged.messages,
        )
        for delivery in _new_deliveries(registry, judged.trusted, found.failures):
            of_folder = [t for t in tables.values() if t.folder == delivery[0].folder]
            try:
                _land_delivery(settings, registry, of_folder, delivery, store, result, progress)
            except ReadFailure as failure:
                found.failures.append(failure)
    note_failures(registry, settings, found.failures, folders)
    result.unread += [str(failure) for failure in found.failures]
    resolve_manifests(registry)
    registry.execute(files("trueup.landing").joinpath("deliveries.sql").read_text(encoding="utf-8"))
    compact(registry, settings)
    point_views(registry, settings, tables.values())
    registry.execute("checkpoint")
    return result


def _new_deliveries(
    registry: duckdb.DuckDBPyConnection, found: list[FoundFile], failures: list[ReadFailure]
) -> Iterator[list[FoundFile]]:
    """New and changed files, those of one delivery together: it lands whole or not at all.

    A folder's manifests come first: while one of them cannot be read its files would pass for
    complete. That, or a store that fails after all attempts, ends the folder for this run.
    """
    new = [file for file in found if not _is_known(registry, file)]
    new.sort(
        key=lambda file: (file.folder, not is_manifest(file.path), file.delivery_key, file.path)
    )
    for (folder, _), delivery in groupby(new, key=lambda file: (file.folder, file.delivery_key)):
        failed = [failure for failure in failures if failure.folder == folder]
        if not any(f.problem.is_transient or is_manifest(f.path) for f in failed):
            yield [*delivery]


def _land_delivery(
    settings: Settings,
    registry: duckdb.DuckDBPyConnection,
    tables: list[Source],
    delivery: list[FoundFile],
    store: ObjectStore,
    result: Landed,
    progress: Progress,
) -> None:
    """Land the new files of one delivery, once every one of them has been read.

    Raises:
        ReadFailure: one of them could not be.
    """
    with at_hand(delivery, store) as digests:
        for found, digest in zip(delivery, digests, strict=True):
            with reading(found):
                if is_manifest(found.path):
                    land_manifest(registry, found, digest)
                else:
                    _land_file(settings, registry, tables, found, digest, result, progress)


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
    if is_manifest(found.path):
        known = registry.execute(
            "select 1 from landing.manifests where path = ? and modified_ns = ?",
            [found.path, found.modified_ns],
        )
    else:
        known = registry.execute(
            "select 1 from landing.files where path = ? and bytes = ? and modified_ns = ?",
            [found.path, found.bytes, found.modified_ns],
        )
    return known.fetchone() is not None


def _land_file(
    settings: Settings,
    registry: duckdb.DuckDBPyConnection,
    tables: list[Source],
    found: FoundFile,
    digest: str,
    result: Landed,
    progress: Progress,
) -> None:
    delivered_at = found.delivered_at.replace(tzinfo=None)
    if _resighted(registry, found, digest, delivered_at):
        return
    progress(f"{found.path} ({found.bytes / 1e6:,.1f} MB)")
    record: dict[str, Any] = {
        "path": found.path,
        "sha256": digest,
        "bytes": found.bytes,
        "modified_ns": found.modified_ns,
        "delivered_at": delivered_at,
        "delivery_key": found.delivery_key,
        "status": "archived",
        "reason": None,
        "rows_total": None,
        "columns": None,
        "missing_columns": None,
        "archive_path": None,
        "landed_at": settings.as_of.replace(tzinfo=None),
        "run_id": settings.run_id,
    }
    source, totals, columns = tables[0], [], []
    try:
        check_readable(found.absolute, digest)
        source, rows, layout = _choose(registry, tables, found)
        columns = layout.columns
        record |= {"columns": layout.header, "missing_columns": layout.missing}
        record |= _identity(source, found, digest)
        if layout.missing:
            raise Unsound(
                f"required column{'s' if len(layout.missing) > 1 else ''} "
                f"{', '.join(layout.missing)} missing.{renamed_hint(layout)}",
                "Export it with all required columns; the last good delivery stays in use.",
            )
        archive_path = f"{source.name}/{record['file_id']}.parquet"
        _archive(registry, rows, layout, record["file_id"], settings.archive / archive_path)
        record["archive_path"] = archive_path
        archived = archived_rows(settings.archive, source, archive_path)
        totals = _totals(registry, source, columns, archived)
        record["rows_total"] = sum(row[3] for row in totals)
        record["feed"] = _feed(registry, source, record["feed"], archived)
    except Unsound as problem:
        record |= _identity(source, found, digest) | {
            "status": "quarantined",
            "reason": str(problem),
            "archive_path": None,
        }
    result.new += 1
    result.rows += record["rows_total"] or 0
    registry.begin()
    try:
        _register(registry, source, record, totals, columns, settings)
        registry.commit()
    except BaseException:
        registry.rollback()
        raise


def _identity(source: Source, found: FoundFile, digest: str) -> dict[str, str]:
    """What the choice of the table decides of a file's record."""
    return {
        "source": source.name,
        "file_id": f"{source.name}-{digest[:16]}",
        "delivery_kind": source.delivery,
        "feed": source.feed_of_path(found.below),
    }


def _choose(
    registry: duckdb.DuckDBPyConnection, tables: list[Source], found: FoundFile
) -> tuple[Source, Rows, Layout]:
    """The first table of the folder whose required columns the file has, else the likest one.

    Raises:
        Unsound: the file cannot be read as any of them.
    """
    tried, refused = [], []
    for table in tables:
        try:
            rows = read_rows(registry, found.absolute, table)
            if damaged := next((name for name in rows.header if "\0" in name), None):
                raise Unsound(f"the column name {damaged!r} holds a NUL byte.", AGAIN)
        except Unsound as problem:  # the next table may look for its records at another place
            refused.append(problem)
            continue
        layout = lay_out(table, rows.header)
        if not layout.missing:
            return table, rows, layout
        tried.append((table, rows, layout))
    if refused and not any(layout.named for _, _, layout in tried):
        raise refused[0]
    return max(tried, key=lambda choice: len(choice[2].named))


def _resighted(
    registry: duckdb.DuckDBPyConnection, found: FoundFile, digest: str, delivered_at: datetime
) -> bool:
    """The path held this very content before: note its new file time, nothing else."""
    return (
        registry.execute(
            """
            update landing.files set modified_ns = ?, delivered_at = greatest(delivered_at, ?)
            where path = ? and sha256 = ? and expired_at is null
            returning 1
            """,
            [found.modified_ns, delivered_at, found.path, digest],
        ).fetchone()
        is not None
    )


def _archive(
    registry: duckdb.DuckDBPyConnection,
    rows: Rows,
    layout: Layout,
    file_id: str,
    target: Path,
) -> None:
    """Copy a file into the archive as Parquet, all values as text under their declared names.

    Raises:
        Unsound: the file cannot be read whole.
    """
    columns = [(name, rows.expressions[header]) for name, header in layout.named.items()]
    columns += [
        (name, _folded({key: rows.expressions[header] for key, header in keys.items()}))
        for name, keys in layout.gathered.items()
    ]
    columns += [(name, rows.expressions[name]) for name in layout.extra]
    selected = ", ".join(f"{expression} as {quoted(name)}" for name, expression in columns)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    try:
        registry.execute(f"""
            copy (select {literal(file_id)} as file_id, {selected} from {rows.relation})
            to {literal(str(partial))} (format parquet, compression zstd, compression_level 1)
        """)
    except duckdb.InvalidInputException as error:  # a full disk, say, is no fault of the file
        partial.unlink(missing_ok=True)
        raise Unsound(_reason(str(error)), AGAIN) from None
    partial.replace(target)


def _folded(values: dict[str, str]) -> str:
    """SQL: a JSON object of the values that are not empty, by key, or null."""
    entries = ", ".join(
        f"{{'key': {literal(key)}, 'value': {value}}}" for key, value in sorted(values.items())
    )
    filled = f"list_filter([{entries}], e -> coalesce(e.value, '') not in ('', 'NULL'))"
    return f"nullif(cast(to_json(map_from_entries({filled})) as varchar), '{{}}')"


def _reason(message: str) -> str:
    """DuckDB's reading error in one sentence that names the row."""
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
    return f"{where}cannot be read ({message.splitlines()[0]})."


def _totals(
    registry: duckdb.DuckDBPyConnection, source: Source, columns: list[str], rows: str
) -> list[tuple[Any, ...]]:
    """Control totals: (is_sound, billing_period, currency, row_count, amount) rows."""
    unsound = registry.execute(unsound_count_sql(source, columns, rows)).fetchone()
    is_sound = unsound is not None and unsound[0] == 0
    return registry.execute(totals_sql(source, columns, rows, is_sound)).fetchall()


def _feed(registry: duckdb.DuckDBPyConnection, source: Source, from_path: str, rows: str) -> str:
    """The feed of a file: what its path says, and the one value of its first feed column with one.

    Rows without a value are in quarantine; they do not make another feed of the file.
    """
    parts = [from_path] if from_path else []
    for column in source.feed_columns:
        values = registry.execute(f"""
            select distinct {column} as feed from {rows}
            where coalesce({column}, '') not in ('', 'NULL') limit 2
        """).fetchall()
        if len(values) == 1:
            return "/".join([*parts, str(values[0][0])])
    return "/".join([*parts, "mixed"] if source.feed_columns else parts) or "default"


def _register(
    registry: duckdb.DuckDBPyConnection,
    source: Source,
    record: dict[str, Any],
    totals: list[tuple[Any, ...]],
    columns: list[str],
    settings: Settings,
) -> None:
    """Write all that is known of one file; the caller's transaction makes it one step."""
    is_new_content = not registry.execute(
        "select 1 from landing.file_totals where source = ? and file_id = ? limit 1",
        [source.name, record["file_id"]],
    ).fetchone()
    names = ", ".join(quoted(name) for name in record)
    marks = ", ".join("?" for _ in record)
    registry.execute(
        f"insert or replace into landing.files ({names}) values ({marks})", [*record.values()]
    )
    if not is_new_content or record["status"] != "archived":
        return
    sound = [row[1:] for row in totals if row[0]] or [(None, None, 0, 0)]
    registry.executemany(
        f"insert into landing.file_totals values (?, ?, ?, ?, ?, cast(? as {AMOUNT}))",
        [(source.name, record["file_id"], *row) for row in sound],
    )
    if any(not row[0] for row in totals):
        archived = archived_rows(settings.archive, source, record["archive_path"])
        registry.execute(
            "insert into landing.quarantined_rows "
            + quarantine_sql(source, columns, archived, record["file_id"])
        )
