"""Manifests in the registry; what a delivery is and which one counts stands in deliveries.sql."""

from __future__ import annotations

from datetime import UTC, timedelta

import duckdb

from trueup.landing.files import FoundFile, Unsound
from trueup.landing.manifests import Manifest, Part, read_manifest, resolve

# A manifest that claims a time this far after its own file time is not believed.
AHEAD = timedelta(days=1)


def land_manifest(registry: duckdb.DuckDBPyConnection, found: FoundFile, digest: str) -> None:
    """Register a manifest and what it lists, once for each content."""
    reason = None
    try:
        manifest = read_manifest(found.absolute)
    except Unsound as problem:
        manifest, reason = Manifest("", None, []), str(problem)
    stated = manifest.delivered_at
    if stated is None or stated > found.delivered_at + AHEAD:
        stated = found.delivered_at
    registry.begin()
    registry.execute(
        "delete from landing.manifests where path = ? and sha256 = ?", [found.path, digest]
    )
    registry.execute(
        "insert into landing.manifests values (?, ?, ?, ?, ?, ?, ?)",
        [
            *(found.folder, found.path, digest, manifest.manifest_id or None),
            *(stated.astimezone(UTC).replace(tzinfo=None), found.modified_ns, reason),
        ],
    )
    registry.execute(
        "delete from landing.manifest_files where manifest_path = ? and manifest_sha256 = ?",
        [found.path, digest],
    )
    if manifest.parts:
        registry.executemany(
            "insert into landing.manifest_files values (?, ?, ?, null, ?, ?)",
            [(found.path, digest, part.name, part.rows, part.bytes) for part in manifest.parts],
        )
    registry.commit()


def resolve_manifests(registry: duckdb.DuckDBPyConnection) -> None:
    """Find the files that manifests list and that were not there before."""
    missing = registry.execute("""
        select manifests.folder, manifest_path, manifest_sha256, listed
        from landing.manifest_files
        inner join landing.manifests
            on manifest_path = manifests.path and manifest_sha256 = manifests.sha256
        where manifest_files.path is null
    """).fetchall()
    if not missing:
        return
    paths_by_name: dict[str, dict[str, list[str]]] = {}
    for (path,) in registry.execute("select distinct path from landing.files").fetchall():
        folder, _, below = path.partition("/")
        paths_by_name.setdefault(folder, {}).setdefault(below.rpartition("/")[2], []).append(path)
    found = [
        (path, manifest, digest, listed)
        for folder, manifest, digest, listed in missing
        if (path := resolve(manifest, Part(listed), paths_by_name.get(folder, {})))
    ]
    if found:
        registry.executemany(
            """
            update landing.manifest_files set path = ?
            where manifest_path = ? and manifest_sha256 = ? and listed = ?
            """,
            found,
        )
