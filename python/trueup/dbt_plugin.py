"""What every dbt connection gets: the run's variables, and a clear word when nothing has landed."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

LOGIC = ("dbt_project.yml", "models", "seeds", "macros", "python/trueup")
LOGIC_SUFFIXES = {".sql", ".yml", ".csv", ".py"}


def logic_version(project: Path) -> str:
    """Hash of all code and seeds that decide a figure: a change rebuilds every partition."""
    digest = hashlib.sha256()
    for root in LOGIC:
        top = project / root
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix in LOGIC_SUFFIXES:
                digest.update(path.relative_to(project).as_posix().encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


class Plugin(BasePlugin):
    """Sets the DuckDB variables `run_id`, `as_of` and `logic_version` on each cursor."""

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
        (home / "build").mkdir(exist_ok=True)
        now = datetime.now(UTC)
        project = Path(os.environ.get("DBT_PROJECT_DIR", "."))
        self.variables = {
            "run_id": os.environ.get("TRUEUP_RUN_ID", now.strftime("dbt%Y%m%dT%H%M%S")),
            "as_of": os.environ.get("TRUEUP_AS_OF", now.isoformat()),
            "logic_version": logic_version(project),
        }

    def configure_cursor(self, cursor: Any) -> None:
        """Set the variables; DuckDB does not hand them from a connection to its cursors."""
        for name, value in self.variables.items():
            cursor.execute(f"set variable {name} = '{value}'")
