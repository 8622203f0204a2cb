"""Analyses as their readers run them: compiled by dbt, then asked of a home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from helpers import dbt, environment

Rows = list[dict[str, Any]]


def compiled_analyses(home: Path) -> dict[str, str]:
    """SQL of each analysis by name; it is the same in every home."""
    outcome = dbt(home, "--quiet", "compile", "--select", "resource_type:analysis")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    compiled = Path(environment(home)["DBT_TARGET_PATH"]) / "compiled/trueup/analyses"
    return {path.stem: path.read_text() for path in compiled.glob("*.sql")}


class Answers:
    """Runs compiled analyses in a home: the marts from its release, own inputs from its build."""

    def __init__(self, home: Path, queries: dict[str, str]) -> None:
        self.queries = queries
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'")
        for name, file in (
            ("marts", "published/current.duckdb"),
            ("warehouse", "build/warehouse.duckdb"),
            ("registry", "archive/registry.duckdb"),
        ):
            self.connection.execute(f"attach '{home / file}' as {name} (read_only)")

    def columns(self, name: str) -> list[str]:
        """Names of the columns of an answer."""
        return [c[0] for c in self.connection.execute(self.queries[name]).description or []]

    def rows(self, name: str, **where: Any) -> Rows:
        """Rows of an answer, as far as they have these values."""
        answer = self.connection.execute(self.queries[name])
        columns = [column[0] for column in answer.description or []]
        rows = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
        return [row for row in rows if all(row[key] == value for key, value in where.items())]
