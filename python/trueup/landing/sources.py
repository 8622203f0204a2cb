"""Source declarations, read from the dbt source YAML of each staging folder."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from trueup.config import ConfigurationError

# The C one is ten times as fast; not every build of PyYAML has it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LINEAGE = ("file_id", "file_row")
CHOICES = {
    "delivery": ("replace", "append"),
    "holds": ("records", "charges"),
    "period": ("month", "day"),
}


@dataclass(frozen=True)
class Source:
    """One table of raw rows as declared; several may share a landing folder.

    `billing_period`, `currency` and `amount` are SQL over raw columns; own
    inputs such as rate cards carry no money of their own and have none of the three.
    """

    name: str
    folder: str  # of the landing folder
    delivery: str  # replace | append
    holds: str  # charges | records
    period: str  # month | day: what one delivery covers
    max_bad_share: Decimal  # a replacing delivery with a larger share of unsound rows is refused
    records: str | None  # JSON path of the records in a document
    types: dict[str, str]  # declared column -> text or a kind of checks.KINDS
    required: tuple[str, ...]  # columns without which a file is refused
    not_null: tuple[str, ...]  # those of them without whose value a row is refused
    accepted: dict[str, tuple[str, ...]]  # column -> the only values it may have
    gathered: dict[str, str]  # column -> pattern of the header columns folded into it
    aliases: dict[str, str]  # header text, lower case -> declared column
    billing_period: str | None
    currency: str | None
    amount: str | None
    feed_pattern: str | None  # the groups found in the path name the feed
    feed_columns: tuple[str, ...]  # of these, the first with one value in the file names it too

    def feed_of_path(self, path: str) -> str:
        """The part of the feed that the path below the source folder gives; '' when none."""
        found = re.search(self.feed_pattern, path) if self.feed_pattern else None
        return "/".join(g for g in found.groups() if g).lower() if found else ""

    @property
    def signature(self) -> str:
        """Changes whenever the declaration does."""
        return hashlib.md5(repr(self).encode(), usedforsecurity=False).hexdigest()


def read_sources(project: Path) -> dict[str, Source]:
    """All sources declared under models/staging, by name, in the order of their YAML.

    Raises:
        ConfigurationError: a declaration is not one of the choices there are.
    """
    aliases = _read_aliases(project / "seeds" / "header_aliases.csv")
    sources = {}
    for path in sorted((project / "models" / "staging").glob("*/*__sources.yml")):
        for group in yaml.load(path.read_text(encoding="utf-8"), LOADER)["sources"]:
            for table in group["tables"]:
                sources[table["name"]] = _source(table, aliases.get(table["name"], {}), path)
    return sources


def _read_aliases(path: Path) -> dict[str, dict[str, str]]:
    """Header texts that stand for a declared column, by source."""
    aliases: dict[str, dict[str, str]] = {}
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                aliases.setdefault(row["source"], {})[row["header"].lower()] = row["column"]
    return aliases


def _source(table: dict[str, Any], aliases: dict[str, str], path: Path) -> Source:
    meta = table["config"]["meta"]
    chosen = {}
    for key, choices in CHOICES.items():
        chosen[key] = meta.get(key, None if key == "delivery" else choices[0])
        if chosen[key] not in choices:
            raise ConfigurationError(
                f"{path.name}: source {table['name']} declares {key} {chosen[key]!r}.",
                f"Set config.meta.{key} to {' or '.join(choices)}.",
            )
    columns = {c["name"]: c for c in table["columns"] if c["name"] not in LINEAGE}
    metas = {name: c.get("config", {}).get("meta", {}) for name, c in columns.items()}
    return Source(
        name=table["name"],
        folder=meta.get("folder", table["name"]),
        **chosen,
        max_bad_share=Decimal(str(meta.get("max_bad_share", "0.1"))),
        records=meta.get("records"),
        types={name: c["data_type"] for name, c in columns.items()},
        # required: true asks for column and value, required: column for the column alone
        required=tuple(name for name, m in metas.items() if m.get("required")),
        not_null=tuple(name for name, m in metas.items() if m.get("required") is True),
        accepted={
            name: tuple(str(value) for value in m["accepted"])
            for name, m in metas.items()
            if "accepted" in m
        },
        gathered={name: m["gather"] for name, m in metas.items() if "gather" in m},
        aliases=aliases,
        billing_period=meta.get("billing_period"),
        currency=meta.get("currency"),
        amount=meta.get("amount"),
        feed_pattern=meta.get("feed_pattern"),
        feed_columns=_listed(meta.get("feed_column")),
    )


def _listed(value: str | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())
