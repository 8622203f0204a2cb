"""Run a gate: a Great Expectations suite over one relation, one result row a check."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pyarrow as pa
    from great_expectations.expectations.expectation import Expectation

# The kinds that test_gates.py shows failing on planted rows. Column aggregates (max, sum) are
# left out: Great Expectations makes a float of their DECIMAL and so lets a wrong amount pass.
KINDS = frozenset(
    {
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_be_unique",
        "expect_compound_columns_to_be_unique",
        "expect_table_row_count_to_be_between",
        "unexpected_rows_expectation",
    }
)


@dataclass(frozen=True)
class Check:
    """One expectation of a gate.

    Attributes:
        expectation: an instance from `great_expectations.expectations`, of a kind in KINDS.
            Numbers in it have at most 15 significant digits: Great Expectations makes a float
            of a longer bound before anyone sees it. A NULL passes every kind but not_null, even
            compound uniqueness, and an empty relation every kind but the row count.
        level: `critical` stops the build, `warning` is only recorded.
        name: short, snake_case, unique within the gate.
        meaning: one sentence: what a failure means and what to do.

    Raises:
        ValueError: an unknown level or kind, a name that is not snake_case, a rule that does
            not read the gate's relation, or a set with a number of more than 15 digits.
    """

    expectation: Expectation
    level: Literal["critical", "warning"]
    name: str
    meaning: str

    def __post_init__(self) -> None:
        if self.level not in ("critical", "warning"):
            raise ValueError(f"{self.name}: level is {self.level!r}, not critical or warning")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise ValueError(f"check name {self.name!r} is not snake_case")
        if self.expectation.expectation_type not in KINDS:
            raise ValueError(
                f"{self.name}: {self.expectation.expectation_type} is not shown to be exact on "
                "DECIMAL; write the rule as an UnexpectedRowsExpectation"
            )
        if "{batch}" not in getattr(self.expectation, "unexpected_rows_query", "{batch}"):
            raise ValueError(f"{self.name}: the query must read the gate's relation, as {{batch}}")
        for value in getattr(self.expectation, "value_set", None) or []:
            if isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) > 15:
                raise ValueError(
                    f"{self.name}: {value} has more than 15 significant digits and would be "
                    "rounded; write the rule as an UnexpectedRowsExpectation"
                )


def run_gate(
    session: Any,
    *,
    gate: str,
    schema: str,
    table: str,
    checks: Sequence[Check],
    run_id: str,
    as_of: datetime,
    database: str | None = None,
) -> pa.Table:
    """Run every check in SQL on the session and return the results; stop nothing.

    The session's uncommitted rows are checked too, and a transaction it has open stays open. But
    a check that raises at run time (a failed cast, say) makes DuckDB abort such a transaction,
    and all checks after it fail. Pass `session.cursor()` to check committed rows at no risk.

    Args:
        session: what dbt hands a Python model: a duckdb connection or cursor.
        gate: name of the gate, for the result rows.
        schema: schema of the relation.
        table: name of the table or view.
        checks: at least one, with distinct names.
        run_id: identifies the run, for the result rows.
        as_of: time of the run, for the result rows; taken as UTC when naive.
        database: attached database of the relation; the session's current one when None.

    Returns:
        One row a check, in their order: run_id, gate, check_name, expectation, column_name,
        level, is_passed, unexpected_count (rows; null for a row count or an exception),
        observed_value (row count, sample of unexpected values or rows, or the exception's
        sentence), meaning, checked_at (UTC).

    Raises:
        ValueError: no checks, or two of the same name.
    """
    import pyarrow as pa

    from trueup.gates.dialect import engine_over
    from trueup.gates.validate import open_batch, outcome

    names = [check.name for check in checks]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"gate {gate} needs checks with distinct names, has: {names}")
    database = database or session.execute("select current_database()").fetchone()[0]
    relation = ".".join('"' + part.replace('"', '""') + '"' for part in (database, schema, table))
    checked_at = as_of.astimezone(UTC).replace(tzinfo=None) if as_of.tzinfo else as_of
    with engine_over(session) as engine:
        batch = open_batch(engine, f"select * from {relation}")
        rows = [
            {
                "run_id": run_id,
                "gate": gate,
                "check_name": check.name,
                "expectation": check.expectation.expectation_type,
                "column_name": _column_name(check.expectation),
                "level": check.level,
                **outcome(batch, check.expectation),
                "meaning": check.meaning,
                "checked_at": checked_at,
            }
            for check in checks
        ]
    types = {
        "is_passed": pa.bool_(),
        "unexpected_count": pa.int64(),
        "checked_at": pa.timestamp("us"),
    }
    fields = [(name, types.get(name, pa.string())) for name in rows[0]]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def _column_name(expectation: Expectation) -> str | None:
    columns = getattr(expectation, "column_list", None) or [getattr(expectation, "column", None)]
    return ", ".join(columns) if columns[0] else None
