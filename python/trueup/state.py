"""What the build warehouse was last built from, kept beside it; written whole or not at all."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from trueup.access import pseudonym_key
from trueup.config import Settings
from trueup.dbt_plugin import logic_version

FILE = "state.json"


@dataclass(frozen=True)
class State:
    """`input_version` and `logic_version` name what was built; `gated` that all laws held on it."""

    input_version: str
    logic_version: str
    as_of_day: str
    gated: bool = False
    published: str | None = None  # file name of the release made of it


def wanted_state(settings: Settings, registry: duckdb.DuckDBPyConnection) -> State:
    """The state that a build of what is landed now would have."""
    version = registry.execute(
        """
        select md5(string_agg(line, ',' order by line)) from (
            select concat_ws('|', source, path, sha256, status, delivered_at) as line
            from landing.files
            union all
            select concat_ws('|', delivery_id, delivered_at, status, reason) from landing.deliveries
        )
        """
    ).fetchone()
    return State(
        input_version=(version and version[0]) or "nothing",
        logic_version=logic_version(settings.project, pseudonym_key(settings.home)),
        as_of_day=settings.as_of.date().isoformat(),
    )


def read_state(settings: Settings) -> State | None:
    """The state of the build warehouse; None before its first complete build."""
    path = settings.build / FILE
    return State(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def write_state(settings: Settings, state: State | None) -> None:
    """Replace the state in one step; None forgets it, before a build changes the warehouse."""
    path = settings.build / FILE
    if state is None:
        path.unlink(missing_ok=True)
        return
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(state), indent=2), encoding="utf-8")
    _sync(partial)
    partial.replace(path)


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
