"""A world: the company in a scratch database, and the charge lines of one month at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from trueup.simulate.company import found_company
from trueup.simulate.plan import Plan

HERE = Path(__file__).parent
Limits = dict[str, str | bool | int | float | list[str]]
MEMORY_LIMIT = "2GB"
# The widest gap a month's line numbers can need: they stay unique over months.
LINES_OF_A_MONTH = 10**10


class World:
    """The plan and a database with the company's tables; `lines` holds the month last simulated."""

    def __init__(self, plan: Plan, connection: duckdb.DuckDBPyConnection) -> None:
        self.plan = plan
        self.connection = connection
        self.taken: set[str] = set()  # subjects of planted effects: no two on one
        connection.execute(
            "create table usage_effects"
            " (effect_id varchar, resource_no bigint, usage_start timestamp, permille bigint)"
        )
        connection.execute(
            "create table resizes (effect_id varchar, resource_no bigint, starts_at timestamp,"
            " ends_at timestamp, permille bigint)"
        )
        found_company(plan, connection)
        self.run("world.sql", ends_at=plan.ends_at, periods=list(plan.periods))
        self.run("sales.sql")

    def simulate(self, period: date) -> None:
        """Replace `lines` by the charge lines of a month, as they are due and billed.

        `unbilled` is for lines that are due and that effects take out of the bill.
        `node_usage` and `pod_usage` become what ran in the clusters of its payers.
        """
        number = self.plan.periods.index(period)
        self.run(
            "month.sql", seed=self.plan.seed, period=period, first_line=number * LINES_OF_A_MONTH
        )
        self.run("kubernetes.sql", seed=self.plan.seed)
        self.connection.execute("create or replace table unbilled as from lines limit 0")

    def run(self, file: str, **values: Any) -> None:
        """Run a file of statements beside this module; a statement gets the values it names."""
        for statement in duckdb.extract_statements((HERE / file).read_text(encoding="utf-8")):
            named = {name: values[name] for name in statement.named_parameters}
            self.connection.execute(statement, named)


@contextmanager
def new_world(plan: Plan, scratch: Path) -> Iterator[World]:
    """A world whose tables lie in a file in `scratch`; the file goes when the block ends."""
    path = scratch / "world.duckdb"
    limits: Limits = {"threads": 2, "memory_limit": MEMORY_LIMIT}
    try:
        with duckdb.connect(str(path), config=limits) as connection:
            yield World(plan, connection)
    finally:
        path.unlink(missing_ok=True)
