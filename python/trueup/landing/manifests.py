"""Manifests: what a provider says that a delivery consists of."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any

from trueup.landing.files import Unsound

NAME = re.compile(r"(?i)(?:^|[-_.])manifest\.json$")
REMEDY = "Deliver the manifest again; its files wait for it."


@dataclass(frozen=True)
class Part:
    """One file that a manifest lists; rows and bytes where it states them."""

    name: str
    rows: int | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class Manifest:
    """One delivery: its id, its time (None: the file time counts) and its parts."""

    manifest_id: str
    delivered_at: datetime | None
    parts: list[Part]


def is_manifest(path: str) -> bool:
    """Whether a path names a manifest: <report>-Manifest.json (AWS) or manifest.json."""
    return NAME.search(PurePosixPath(path).name) is not None


def read_manifest(path: Path) -> Manifest:
    """Read a manifest of any of the known families.

    AWS reports list `reportKeys`, AWS Data Exports `dataFiles`, Azure `blobs`, others `files`.

    Raises:
        Unsound: it is not JSON, or lists no files.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise Unsound(f"the manifest cannot be read as JSON ({error}).", REMEDY) from None
    if not isinstance(content, dict):
        raise Unsound("the manifest is no JSON object.", REMEDY)
    parts = _parts(content)
    if parts is None:
        raise Unsound("the manifest lists no files (reportKeys, dataFiles, blobs, files).", REMEDY)
    run = content.get("runInfo") or {}
    named = content.get("assemblyId") or content.get("executionId") or run.get("runId")
    named = named or content.get("uuid") or "|".join(sorted(part.name for part in parts))
    return Manifest(
        manifest_id=str(named),
        delivered_at=_time(run.get("submittedTime") or content.get("date")),
        parts=parts,
    )


def _parts(content: dict[str, Any]) -> list[Part] | None:
    for key in ("reportKeys", "dataFiles", "files"):
        if isinstance(content.get(key), list):
            return [Part(str(name)) for name in content[key]]
    if isinstance(content.get("blobs"), list):
        return [
            Part(str(blob["blobName"]), blob.get("dataRowCount"), blob.get("byteCount"))
            for blob in content["blobs"]
        ]
    return None


def _time(text: Any) -> datetime | None:
    with suppress(ValueError, TypeError):
        moment = datetime.fromisoformat(str(text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def resolve(manifest_path: str, part: Part, paths_by_name: dict[str, list[str]]) -> str | None:
    """Path of a listed file below the landing folder, or None while it is not there.

    Providers list keys from the root of their bucket. A file is meant when its path below the
    manifest's folder ends the key, or when it shares at least its own folder with the key.
    """
    key = PurePosixPath(re.sub(r"^\w+://[^/]+/", "", part.name)).parts
    folder = PurePosixPath(manifest_path).parent
    shares = {}
    for path in paths_by_name.get(key[-1], []):
        found = PurePosixPath(path)
        below = found.relative_to(folder).parts if folder in found.parents else ()
        shared = _shared_end(found.parts, key)
        if (below and shared >= len(below)) or shared > 1:
            shares[path] = shared
    return max(shares, key=lambda path: (shares[path], path)) if shares else None


def _shared_end(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    """How many path components agree, counted from the end."""
    pairs = zip(reversed(left), reversed(right), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
