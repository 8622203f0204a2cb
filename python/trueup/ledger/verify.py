"""Whether the books are as they were written; if not, the first entry that is not."""

from __future__ import annotations

from typing import Any

import duckdb

from trueup.landing.checks import literal
from trueup.ledger.entries import COLUMNS, ENTRY_TEXT, GENESIS, PAYLOAD
from trueup.ledger.store import Store

# Each check gives the place of its first failure. An entry that was cut out, moved or put in shows
# in the numbers or in the hash before it; one that was changed in its own hash.
FAULTS = f"""
    with entries as (
        select
            *,
            row_number() over (order by entry_seq, entry_hash) as place,
            lag(entry_hash, 1, '{GENESIS}') over (order by entry_seq, entry_hash) as hash_before
        from {{entries}}
    ),

    transactions as (
        select
            transaction_id, currency, max(entry_seq) as entry_seq,
            sum(debit) != sum(credit) as is_unbalanced
        from entries
        group by transaction_id, currency
    ),

    payloads as (
        select
            transaction_id, max(entry_seq) as entry_seq,
            max(payload_hash) is distinct from sha256(string_agg({PAYLOAD}, '' order by line_no))
            or min(payload_hash) != max(payload_hash) as is_other
        from entries
        group by transaction_id
    )

    select
        place as entry_seq,
        'entry ' || place || case when entry_seq > place then ' is missing' else ' was put in' end
            as fault
    from entries
    where entry_seq is distinct from place
    union all
    select entry_seq, 'entry ' || entry_seq || ' does not follow the one before it'
    from entries
    where previous_hash is distinct from hash_before
    union all
    select entry_seq, 'entry ' || entry_seq || ' was changed: its hash is of another text'
    from entries
    where entry_hash is distinct from sha256(previous_hash || {ENTRY_TEXT})
    union all
    select entry_seq, 'transaction ' || transaction_id || ' does not balance in ' || currency
    from transactions
    where is_unbalanced
    union all
    select entry_seq, 'transaction ' || transaction_id || ' is not what its event said'
    from payloads
    where is_other
    order by entry_seq
    limit 1
"""


def first_fault(connection: Any, store: Store) -> str | None:
    """A sentence that names the first entry which is not as it was written; None: all are.

    Args:
        connection: any DuckDB connection.
        store: the ledger, and the heads that were noted outside of it.
    """
    for segment in store.segments():
        try:
            connection.execute(
                f"select max(hash({', '.join(COLUMNS)})) from read_parquet({literal(str(segment))})"
            )
        except duckdb.Error:
            return f"segment {segment.name} cannot be read: its entries are lost or were changed"
    entries = store.read()
    found = connection.execute(FAULTS.format(entries=entries)).fetchone()
    if found:
        return str(found[1])
    hashes = dict(
        connection.execute(
            f"select entry_seq, entry_hash from {entries} where list_contains(?, entry_seq)",
            [[head.count for head in store.noted()]],
        ).fetchall()
    )
    for head in store.noted():
        if hashes.get(head.count) is None:
            last = store.head(connection).count
            return f"entry {last + 1} is missing: {head.count} were noted in {store.heads}"
        if hashes[head.count] != head.entry_hash:
            return f"entry {head.count} or one before it is not what {store.heads} noted"
    return None
