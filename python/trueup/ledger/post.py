"""Post: events become entries, once; what cannot be posted is refused with its reason.

An event is all lines of one idempotency key: a transaction, posted whole or not at all. One that is
in the ledger already is left alone when it says the same, and refused when it says something else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from trueup.ledger.entries import (
    ENTRY_TEXT,
    LINE,
    PAYLOAD,
    transaction_id,
    typed,
)
from trueup.ledger.store import Head, Store

LINES = """
    create or replace temp table posting_lines as
    select
        {line}, cast(posted_at as timestamp) as posted_at,
        cast(posting_period as date) as posting_period
    from ({events})
"""
# Why a transaction may not be posted, the first reason that holds; null where it may.
JUDGED = f"""
    create or replace temp table posting_judged as
    with held as (
        select idempotency_key, max(payload_hash) as payload_hash, max(reverses) as reverses
        from {{entries}}
        group by idempotency_key
    ),

    sealed as (
        select distinct direction, posting_period from ({{sealed}})
    ),

    transactions as (
        select
            idempotency_key,
            sha256(string_agg({PAYLOAD}, '' order by line_no)) as payload_hash,
            min(effective_at) as effective_at,
            max(reverses) as reverses,
            max(direction) as direction,
            max(posting_period) as posting_period,
            count(*) != count(distinct line_no) as is_doubled,
            bool_or(
                event_type is null or effective_at is null or posting_period is null
                or posted_at is null or origin_period is null or gl_account is null
                or currency is null or line_no is null
            ) as is_incomplete,
            bool_or(coalesce(debit < 0 or credit < 0 or (debit > 0) = (credit > 0), true))
                as is_onesided,
            count(distinct coalesce(reverses, '')) != 1 or count(distinct posting_period) != 1
                or count(distinct coalesce(direction, '')) != 1 as is_mixed
        from posting_lines
        group by idempotency_key
    ),

    unbalanced as (
        select distinct idempotency_key
        from (
            select idempotency_key from posting_lines
            group by idempotency_key, currency
            having sum(debit) != sum(credit)
        )
    ),

    reversals as (
        select
            idempotency_key, reverses,
            row_number() over (partition by reverses order by effective_at, idempotency_key) as turn
        from transactions
        where reverses is not null
    )

    select
        transactions.*,
        held.payload_hash as held_hash,
        case
            when transactions.idempotency_key is null then 'it has no idempotency key'
            when held.payload_hash = transactions.payload_hash then null
            when held.payload_hash is not null then 'its key is posted already with other lines'
            when is_incomplete then 'a line lacks a field that every line has'
            when is_doubled then 'two lines have the same number'
            when is_onesided then 'a line has to have either a debit or a credit above zero'
            when is_mixed then 'its lines differ in direction, period or what they reverse'
            when unbalanced.idempotency_key is not null then 'debits and credits differ'
            when sealed.posting_period is not null then 'its posting period is closed'
            when transactions.reverses is not null and original.idempotency_key is null
                then 'what it reverses is not in the ledger'
            when earlier.reverses is not null or reversals.turn > 1
                then 'what it reverses is reversed already'
            when transactions.reverses is not null and other.idempotency_key is not null
                then 'it does not reverse its transaction line by line'
        end as reason
    from transactions
    left join held using (idempotency_key)
    left join unbalanced using (idempotency_key)
    left join reversals using (idempotency_key)
    left join sealed
        on transactions.posting_period = sealed.posting_period
        and transactions.direction is not distinct from sealed.direction
    left join held as original on transactions.reverses = original.idempotency_key
    left join (select distinct reverses from held where reverses is not null) as earlier
        on transactions.reverses = earlier.reverses
    left join ({{uneven}}) as other on transactions.idempotency_key = other.idempotency_key
"""
# Reversals whose lines are not those of the original with the sides changed.
UNEVEN = """
    select distinct idempotency_key
    from (
        select idempotency_key, gl_account, cost_center, currency, debit, credit
        from posting_lines where reverses is not null
        union all
        select lines.idempotency_key, held.gl_account, held.cost_center, held.currency,
            held.debit, held.credit
        from (
            select distinct idempotency_key, reverses from posting_lines where reverses is not null
        ) as lines
        inner join {entries} as held on lines.reverses = held.idempotency_key
    )
    group by idempotency_key, gl_account, cost_center, currency
    having sum(debit) != sum(credit)
"""
# In the order of what happened; the ledger's own order is that of recording.
PLACED = f"""
    create or replace temp table posting_placed as
    select
        lines.* exclude (posted_at, posting_period),
        cast($count + row_number() over (
            order by judged.effective_at, lines.idempotency_key, lines.line_no
        ) as bigint) as entry_seq,
        {transaction_id("lines.idempotency_key")} as transaction_id,
        lines.posted_at,
        cast($recorded_at as timestamp) as recorded_at,
        lines.posting_period,
        judged.payload_hash
    from posting_lines as lines
    inner join posting_judged as judged using (idempotency_key)
    where judged.reason is null and judged.held_hash is null
"""
REFUSED = """
    select idempotency_key, reason, payload_hash, held_hash
    from posting_judged
    where reason is not null
    order by idempotency_key
"""


@dataclass(frozen=True)
class Refusal:
    """A transaction that was not posted, and why."""

    idempotency_key: str | None
    reason: str
    payload_hash: str
    held_hash: str | None


@dataclass(frozen=True)
class Posted:
    """What one posting did: entries and transactions written, refusals, and the head after it."""

    entries: int
    transactions: int
    refusals: list[Refusal]
    head: Head


def post(
    connection: Any, store: Store, events: Any, recorded_at: datetime, sealed: Any = None
) -> Posted:
    """Append all events that are not in the ledger yet, as one segment.

    Args:
        connection: what the relations are of; temporary tables are made there.
        store: the ledger. It must be sound (`verify.first_fault`): nothing is checked again.
        events: relation of lines with the columns of LINE, posted_at and posting_period. Of debit
            and credit one is above zero, the other zero.
        recorded_at: time of the run, UTC without an offset.
        sealed: relation of direction and posting_period that nothing may be posted to any more.
    """
    entries = store.read()
    connection.execute(LINES.format(line=typed(LINE), events=events.sql_query()))
    uneven = UNEVEN.format(entries=entries)
    nothing = "select null as direction, null as posting_period where false"
    seals = sealed.sql_query() if sealed is not None else nothing
    connection.execute(JUDGED.format(entries=entries, sealed=seals, uneven=uneven))
    before = store.head(connection)
    connection.execute(PLACED, {"count": before.count, "recorded_at": recorded_at})
    after = _chained(connection, before)
    if after.count > before.count:
        placed = "select * from posting_placed inner join posting_hashes using (entry_seq)"
        store.append(connection, placed, before.count + 1, after.count)
    store.note(after)
    refusals = [Refusal(*row) for row in connection.execute(REFUSED).fetchall()]
    (transactions,) = connection.execute(
        "select count(distinct idempotency_key) from posting_placed"
    ).fetchone()
    return Posted(after.count - before.count, transactions, refusals, after)


def _chained(connection: Any, head: Head) -> Head:
    """Table `posting_hashes`: each hash needs the one before it, so they are made one by one."""
    texts = connection.execute(
        f"select {ENTRY_TEXT} from posting_placed order by entry_seq"
    ).fetchall()
    previous, hashes = head.entry_hash, [head.entry_hash]
    for (text,) in texts:
        previous = hashlib.sha256((previous + text).encode()).hexdigest()
        hashes.append(previous)
    made = pa.table(
        {
            "entry_seq": pa.array(range(head.count + 1, head.count + len(hashes)), pa.int64()),
            "previous_hash": hashes[:-1],
            "entry_hash": hashes[1:],
        }
    )
    connection.register("posting_made", made)
    connection.execute("create or replace temp table posting_hashes as from posting_made")
    connection.unregister("posting_made")
    return Head(head.count + len(texts), previous)
