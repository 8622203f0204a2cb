"""Events for a ledger, as the models would make them, and a ledger in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from trueup.ledger.entries import LINE
from trueup.ledger.post import Posted, post
from trueup.ledger.store import Store

NOW = datetime(2026, 1, 31, 12)
JANUARY = date(2026, 1, 1)
MONEY = pa.decimal128(38, 18)
SCHEMA = pa.schema(
    [
        (name, MONEY if name in ("debit", "credit") else kind)
        for name, kind in {
            **dict.fromkeys(LINE, pa.string()),
            "line_no": pa.int32(),
            "effective_at": pa.timestamp("us"),
            "origin_period": pa.date32(),
            "debit": MONEY,
            "credit": MONEY,
            "posted_at": pa.timestamp("us"),
            "posting_period": pa.date32(),
        }.items()
    ]
)
Line = dict[str, Any]


def store_in(folder: Path) -> Store:
    """A ledger in a home of its own, with its noted heads beside it."""
    return Store(folder / "home" / "ledger", folder / "heads.jsonl")


def line(key: str, number: int, account: str, debit: Any = 0, credit: Any = 0, **more: Any) -> Line:
    """A line of an event; what is not said is the same for all."""
    usual = {
        "event": "vendor_invoice", "direction": "payable", "charge_kind": "usage",
        "effective_at": NOW, "origin_period": JANUARY, "cost_center": None,
        "currency": "USD", "reference": None, "reverses": None, "posted_at": NOW,
        "posting_period": JANUARY,
    }  # fmt: skip
    own = {"idempotency_key": key, "line_no": number, "gl_account": account}
    return usual | own | {"debit": Decimal(debit), "credit": Decimal(credit)} | more


def transfer(key: str, debit: str, credit: str, amount: Any, **more: Any) -> list[Line]:
    """An event of two lines: an amount from one account to another."""
    return [line(key, 1, debit, debit=amount, **more), line(key, 2, credit, credit=amount, **more)]


def reversal(key: str, lines: Iterable[Line], **more: Any) -> list[Line]:
    """An event that takes another back, line by line."""
    return [
        each
        | {"idempotency_key": key, "reverses": each["idempotency_key"]}
        | {"debit": each["credit"], "credit": each["debit"]}
        | more
        for each in lines
    ]


def post_lines(
    store: Store, lines: list[Line], at: datetime = NOW, sealed: tuple[date, ...] = ()
) -> Posted:
    """Post events of lines to a ledger."""
    with duckdb.connect() as connection:
        connection.register("lines", pa.Table.from_pylist(lines, SCHEMA))
        closed = [f"('payable', date '{period}')" for period in sealed] or ["(null, null)"]
        seals = f"from (values {', '.join(closed)}) as closed (direction, posting_period)"
        return post(connection, store, connection.sql("from lines"), at, connection.sql(seals))


def entries_of(store: Store) -> list[Line]:
    """All entries of a ledger, in their order."""
    with duckdb.connect() as connection:
        return (
            connection.sql(f"from {store.read()} order by entry_seq").arrow().read_all().to_pylist()
        )
