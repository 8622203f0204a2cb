"""A read-only SQLAlchemy engine over a DuckDB session that somebody else owns.

Great Expectations reads each result after it has given its connection back. DuckDB has one
result a connection, and the rollback on return drops it ("list index out of range"); it would
drop dbt's open transaction with it. So here begin, commit, rollback and close do nothing.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import duckdb
from duckdb_engine import Dialect
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.pool import StaticPool

URL = "trueup_session://"
FLOAT_DIGITS = 15  # a decimal of up to 15 significant digits survives a float unchanged


def exact_number(value: Any) -> Any:
    """Turn a float parameter back into the decimal its author wrote.

    Great Expectations makes a float of every number in a bound or a set, and DuckDB compares
    DECIMAL with DOUBLE as DOUBLE: 99.900000000000000001 would pass `<= 99.9`.

    Args:
        value: a statement parameter of any type.

    Returns:
        The Decimal with the same shortest text for a finite float, else the value itself.

    Raises:
        ValueError: the float has more digits than it can hold exactly.
    """
    if not isinstance(value, float) or not math.isfinite(value):
        return value
    exact = Decimal(repr(value))
    if len(exact.normalize().as_tuple().digits) > FLOAT_DIGITS:
        raise ValueError(
            f"the number {value!r} has more than {FLOAT_DIGITS} significant digits and Great "
            "Expectations has rounded it to a float; write it in an UnexpectedRowsExpectation"
        )
    return exact


class BorrowedSession:
    """DB-API connection and cursor in one, over a session it reads from and never closes."""

    notices = ()  # the Postgres dialect below DuckDB's looks for them after each statement

    def __init__(self, session: Any) -> None:
        """Borrow `session`, a duckdb connection or cursor, or dbt-duckdb's wrapper of one."""
        self._session = session
        self._last_error = ""

    def cursor(self) -> BorrowedSession:
        """Be the cursor."""
        return self

    @property
    def connection(self) -> BorrowedSession:
        """Be the cursor's connection."""
        return self

    def close(self) -> None:
        """Keep the session open: the result may still be unread."""

    def release(self) -> None:
        """Let go of the session, and of a half-read result that would hold a transaction."""
        with contextlib.suppress(duckdb.Error):
            self._session.execute("select 1").fetchall()
        self._session = None

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Run one SELECT on the session.

        Args:
            statement: SQL in DuckDB's dialect, with `$1` parameters.
            parameters: their values; floats are made exact decimals.

        Raises:
            ValueError: not a single SELECT, or a number that is not exact.
            duckdb.Error: as DuckDB raised it. Once an error has aborted the open transaction,
                later ones name that error.
        """
        try:
            kinds = [part.type for part in self._session.extract_statements(statement)]
            if kinds != [duckdb.StatementType.SELECT]:
                raise ValueError(f"a gate only reads, this is not one SELECT: {statement}")
            self._session.execute(statement, [exact_number(value) for value in parameters])
        except duckdb.Error as error:
            if "transaction is aborted" in str(error) and self._last_error:
                raise duckdb.TransactionException(
                    f"the open transaction was aborted by: {self._last_error}"
                ) from error
            self._last_error = str(error)
            raise

    def __getattr__(self, name: str) -> Any:
        """Fetch and describe as the session does."""
        return getattr(self._session, name)


class SessionDialect(Dialect):
    """DuckDB's dialect without transactions: they belong to the owner of the session."""

    supports_statement_cache = False

    def do_begin(self, connection: Any) -> None:
        """Leave it to the owner."""

    def do_commit(self, connection: Any) -> None:
        """Leave it to the owner."""

    def do_rollback(self, connection: Any) -> None:
        """Leave it to the owner."""

    def do_close(self, connection: Any) -> None:
        """Leave it to the owner."""


registry.register(URL.removesuffix("://"), __name__, SessionDialect.__name__)


@contextlib.contextmanager
def engine_over(session: Any) -> Iterator[Engine]:
    """Lend an open DuckDB session to SQLAlchemy.

    Args:
        session: a duckdb connection or cursor, or dbt-duckdb's wrapper of one. Its uncommitted
            rows are seen, its last result is replaced.

    Yields:
        An engine whose every connection is the session. It is dead after the block: Great
        Expectations keeps its last context in a global, which would keep the session alive.
    """
    borrowed = BorrowedSession(session)
    try:
        yield create_engine(URL, creator=lambda: borrowed, poolclass=StaticPool)
    finally:
        borrowed.release()
