"""Where the ledger lies: segments that are written once, and the heads noted outside of them.

A segment is a Parquet file of the entries of one posting, named by its first and last. It comes
whole by a rename or not at all. A chain cannot show that its end was cut off, so each posting notes
the count and the last hash in a file outside the home: nobody should be able to change both.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from trueup.landing.checks import literal
from trueup.ledger.entries import COLUMNS, GENESIS

PRIVATE = 0o700
# What every ledger begins with: no entries, but their columns.
FIRST = f"{0:012}-{0:012}.parquet"


def begin(folder: Path) -> None:
    """Make a ledger without entries, where there is none."""
    if any(folder.glob("*.parquet")):
        return
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    columns = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in COLUMNS.items())
    with duckdb.connect() as connection:
        _write(connection, f"select {columns} where false", folder / FIRST)


@dataclass(frozen=True)
class Head:
    """How many entries a ledger has, and the hash of the last."""

    count: int = 0
    entry_hash: str = GENESIS


@dataclass(frozen=True)
class Store:
    """A ledger's folder of segments, and the file of its noted heads."""

    folder: Path
    heads: Path

    def segments(self) -> list[Path]:
        """The segments in the order of their entries."""
        return sorted(self.folder.glob("*.parquet"))

    def read(self) -> str:
        """SQL of all entries, as a subquery."""
        begin(self.folder)
        files = ", ".join(literal(str(path)) for path in self.segments())
        return f"(select {', '.join(COLUMNS)} from read_parquet([{files}]))"

    def head(self, connection: Any) -> Head:
        """The last entry, as the segments have it."""
        found = connection.execute(
            f"select entry_seq, entry_hash from {self.read()} order by entry_seq desc limit 1"
        ).fetchone()
        return Head(*found) if found else Head()

    def append(self, connection: Any, entries: str, first: int, last: int) -> Path:
        """Write one posting as a segment, whole or not at all.

        Args:
            connection: what the query is of.
            entries: query of the new entries, all COLUMNS.
            first: entry_seq of the first of them.
            last: entry_seq of the last of them.
        """
        for leftover in self.folder.glob("*.partial"):
            leftover.unlink()
        path = self.folder / f"{first:012}-{last:012}.parquet"
        _write(connection, f"select {', '.join(COLUMNS)} from ({entries}) order by entry_seq", path)
        return path

    def note(self, head: Head) -> None:
        """Note a head outside the ledger, unless it is the last one noted or there is none."""
        if not head.count or head in self.noted()[-1:]:
            return
        line = json.dumps({"count": head.count, "entry_hash": head.entry_hash})
        with self.heads.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def noted(self) -> list[Head]:
        """All heads noted, in their order; a line that was cut off while written does not count."""
        if not self.heads.is_file():
            return []
        lines = self.heads.read_text(encoding="utf-8").splitlines(keepends=True)
        return [Head(**json.loads(line)) for line in lines if line.endswith("\n")]


def _write(connection: Any, query: str, path: Path) -> None:
    partial = path.with_suffix(".partial")
    connection.execute(f"copy ({query}) to {literal(str(partial))} (format parquet)")
    _sync(partial)
    partial.rename(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
