"""An entry: its columns, its canonical text and the hash that chains it to the one before.

The text of an entry is its fields in order, each as the length in bytes, `:`, the value and `,`; a
field without a value is `-,`. Amounts have 18 digits behind the point, times six, all times are
UTC. `payload_hash` is the SHA-256 of the texts of all lines of a transaction, without what only the
ledger decides; `entry_hash` that of the hash before and the entry's whole text, in UTF-8. Both can
be computed by anyone who has the columns.
"""

from __future__ import annotations

GENESIS = "0" * 64
# What an event says of a line, in the order of the text, with the type of the column.
LINE = {
    "idempotency_key": "varchar",
    "line_no": "integer",
    "event": "varchar",
    "direction": "varchar",
    "charge_kind": "varchar",
    "effective_at": "timestamp",
    "origin_period": "date",
    "gl_account": "varchar",
    "cost_center": "varchar",
    "debit": "decimal(38, 18)",
    "credit": "decimal(38, 18)",
    "currency": "varchar",
    "reference": "varchar",
    "reverses": "varchar",
}
# What the ledger adds.
PLACE = {
    "entry_seq": "bigint",
    "transaction_id": "varchar",
    "posted_at": "timestamp",
    "recorded_at": "timestamp",
    "posting_period": "date",
    "payload_hash": "varchar",
}
CHAIN = {"previous_hash": "varchar", "entry_hash": "varchar"}
COLUMNS = LINE | PLACE | CHAIN


def text_of(columns: dict[str, str], prefix: str = "") -> str:
    """SQL of the canonical text of these columns.

    Args:
        columns: names and types, as above.
        prefix: the table's name and a point, or nothing.
    """
    fields = []
    for name, kind in columns.items():
        column = f"{prefix}{name}"
        if kind == "timestamp":
            value = f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%f')"
        else:
            value = f"cast({column} as varchar)"
        fields.append(f"coalesce(strlen({value}) || ':' || {value}, '-') || ','")
    return " || ".join(fields)


def typed(columns: dict[str, str]) -> str:
    """SQL of columns cast to their types."""
    return ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in columns.items())


def transaction_id(key: str) -> str:
    """SQL of the identity of a transaction, by the column of its idempotency key."""
    return f"cast(cast(md5({key}) as uuid) as varchar)"


ENTRY_TEXT = text_of(LINE | PLACE)
"""SQL of an entry's own text; the hash before it goes in front."""
PAYLOAD = text_of(LINE)
"""SQL of a line's text as its event gives it."""
