"""Source declarations, read from the dbt source YAML of each staging folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from trueup.config import ConfigurationError

LINEAGE = ("file_id", "file_row")


@dataclass(frozen=True)
class Source:
    """One source as declared.

    `billing_period`, `currency` and `amount` are SQL over raw columns; own
    inputs such as rate cards carry no money of their own and have none of the three.
    """

    name: str
    delivery: str  # replace | append
    types: dict[str, str]  # declared column -> text | decimal | timestamp | date
    required: tuple[str, ...]  # columns without which a file is refused
    not_null: tuple[str, ...]  # those of them without whose value a row is refused
    billing_period: str | None
    currency: str | None
    amount: str | None
    feed_pattern: str | None  # the groups found in the path name the feed
    feed_column: str | None  # the raw column whose one value also names it, such as the payer

    def feed_of_path(self, path: str) -> str:
        """The part of the feed that the path below the source folder gives; '' when none."""
        found = re.search(self.feed_pattern, path) if self.feed_pattern else None
        return found.group(1).lower() if found else ""


def read_sources(project: Path) -> dict[str, Source]:
    """All sources declared under models/staging, by name.

    Raises:
        ConfigurationError: a declaration lacks its delivery kind.
    """
    sources = {}
    for path in sorted((project / "models" / "staging").glob("*/*__sources.yml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
            for table in group["tables"]:
                sources[table["name"]] = _source(table, path)
    return sources


def _source(table: dict[str, Any], path: Path) -> Source:
    meta = table["config"]["meta"]
    if meta.get("delivery") not in ("replace", "append"):
        raise ConfigurationError(
            f"{path.name}: source {table['name']} declares no delivery kind.",
            "Set config.meta.delivery to replace or append.",
        )
    columns = [c for c in table["columns"] if c["name"] not in LINEAGE]
    return Source(
        name=table["name"],
        delivery=meta["delivery"],
        types={c["name"]: c["data_type"] for c in columns},
        required=tuple(c["name"] for c in columns if _required(c)),
        not_null=tuple(c["name"] for c in columns if _required(c) is True),
        billing_period=meta.get("billing_period"),
        currency=meta.get("currency"),
        amount=meta.get("amount"),
        feed_pattern=meta.get("feed_pattern"),
        feed_column=meta.get("feed_column"),
    )


def _required(column: dict[str, Any]) -> bool | str | None:
    """True: column and value must be there; "column": only the column; None: neither."""
    return column.get("config", {}).get("meta", {}).get("required")
