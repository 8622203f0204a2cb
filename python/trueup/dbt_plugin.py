"""What every dbt connection gets: the run's variables, and a clear word when nothing has landed."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from trueup.access import pseudonym_key
from trueup.landing.registry import PRIVATE
from trueup.ledger.store import begin

LOGIC = ("dbt_project.yml", "models", "seeds", "macros", "python/trueup")
LOGIC_SUFFIXES = {".sql", ".yml", ".csv", ".py"}
# What makes input decides nothing about it.
SIMULATOR = "python/trueup/simulate"


def logic_version(project: Path, key: bytes) -> str:
    """Hash of all that decides a figure beside the input: a change rebuilds every partition.

    Args:
        project: the dbt project, whose code and seeds count.
        key: the pseudonym key; another key gives other pseudonyms.

    Returns:
        16 hex digits.
    """
    digest = hashlib.sha256(hashlib.sha256(key).digest())
    simulator = project / SIMULATOR
    for root in LOGIC:
        top = project / root
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if simulator in path.parents:
                continue
            if path.is_file() and path.suffix in LOGIC_SUFFIXES:
                digest.update(path.relative_to(project).as_posix().encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def padded(key: bytes, pad: int) -> str:
    """An HMAC-SHA-256 key padded for its inner (0x36) or outer (0x5C) hash, in hex."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    return bytes(byte ^ pad for byte in block).hex()


class Plugin(BasePlugin):
    """Sets the DuckDB variables of the run (`run_id`, `as_of` and more) on each cursor."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Check that something has landed in the home named by the profile.

        Raises:
            DbtRuntimeError: the home has no registry yet.
        """
        home = Path(plugin_config["home"])
        if not (home / "archive" / "registry.duckdb").is_file():
            raise DbtRuntimeError(
                f"Nothing has landed in {home} yet. Run `trueup land` (or `make refresh`) first."
            )
        (home / "build").mkdir(mode=PRIVATE, exist_ok=True)
        ledger = home / "ledger"
        begin(ledger)
        now = datetime.now(UTC)
        project = Path(os.environ.get("DBT_PROJECT_DIR", "."))
        key = pseudonym_key(home)
        self.variables = {
            "run_id": os.environ.get("TRUEUP_RUN_ID", now.strftime("dbt%Y%m%dT%H%M%S")),
            "as_of": os.environ.get("TRUEUP_AS_OF", now.isoformat()),
            "logic_version": logic_version(project, key),
            "pseudonym_inner": padded(key, 0x36),
            "pseudonym_outer": padded(key, 0x5C),
            "ledger_segments": f"{ledger}/*.parquet",
        }

    def configure_cursor(self, cursor: Any) -> None:
        """Set the variables; DuckDB does not hand them from a connection to its cursors."""
        for name, value in self.variables.items():
            cursor.execute(f"set variable {name} = '{value}'")
