"""The ledger of a home: what its build says is due goes in; nothing ever comes out."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC

import duckdb

from trueup.config import Settings
from trueup.landing.checks import literal
from trueup.landing.registry import open_registry
from trueup.ledger.post import Posted, post
from trueup.ledger.store import Store
from trueup.ledger.verify import first_fault

DUE = "from warehouse.true_up.posting_lines"
SEALED = "select direction, posting_period from warehouse.true_up.sealed_periods"


class Unsound(Exception):
    """The books are not as they were written; the message names the first entry that is not."""


def store_of(settings: Settings) -> Store:
    """The ledger of a home."""
    return Store(settings.ledger, settings.ledger_heads)


def post_due(settings: Settings) -> Posted:
    """Post all lines that the last build says are due.

    Raises:
        Unsound: an entry of the ledger was changed, or is gone.
    """
    store, recorded_at = store_of(settings), settings.as_of.astimezone(UTC).replace(tzinfo=None)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {literal(str(settings.warehouse))} as warehouse (read_only)")
        if fault := first_fault(connection, store):
            raise Unsound(fault)
        posted = post(connection, store, connection.sql(DUE), recorded_at, connection.sql(SEALED))
    with open_registry(settings) as registry:
        for refusal in posted.refusals:
            registry.execute(
                "insert into landing.ledger_refusals values (?, ?, ?, ?, ?, ?)",
                [settings.run_id, recorded_at, *astuple(refusal)],
            )
    return posted


def verify(settings: Settings) -> str | None:
    """A sentence on the first entry that is not as it was written; None: all are."""
    with duckdb.connect() as connection:
        return first_fault(connection, store_of(settings))
