{{ config(tags=['law']) }}
-- Law 6. Guards against books that do not balance or were changed: entries are numbered without a gap, each follows the
-- one before by its hash and is what it was hashed from, and every transaction balances in each currency.
{%- set line = [
    'idempotency_key', 'line_no', 'event', 'direction', 'charge_kind', 'effective_at', 'origin_period', 'gl_account',
    'cost_center', 'debit', 'credit', 'currency', 'reference', 'reverses'
] %}
{%- set place = ['entry_seq', 'transaction_id', 'posted_at', 'recorded_at', 'posting_period', 'payload_hash'] %}
with

entries as (
    select
        *,
        row_number() over (order by entry_seq) as place,
        lag(entry_hash, 1, repeat('0', 64)) over (order by entry_seq) as hash_before
    from {{ ref('fct_ledger_entries') }}
)

select
    'an entry is missing or was put in' as fault,
    place as entry_seq,
    transaction_id
from entries
where entry_seq != place
union all
select
    'an entry does not follow the one before it' as fault,
    entry_seq,
    transaction_id
from entries
where previous_hash is distinct from hash_before
union all
select
    'an entry was changed' as fault,
    entry_seq,
    transaction_id
from entries
where entry_hash is distinct from sha256(previous_hash || {{ ledger_text(line + place) }})
union all
select
    'a transaction does not balance' as fault,
    max(entry_seq) as entry_seq,
    transaction_id
from entries
group by transaction_id, currency
having sum(debit) != sum(credit)
