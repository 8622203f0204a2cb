-- A period's lines stand once it is closed: nothing is posted to it any more.
select
    {{ identity([
        'entries.posting_period', 'entries.event_type', 'mapped.journal_account',
        'coalesce(entries.cost_center, mapped.journal_cost_center)', 'entries.currency', 'entries.debit > 0'
    ]) }} as journal_line_id,
    entries.posting_period,
    entries.event_type,
    mapped.journal_account as gl_account,
    coalesce(entries.cost_center, mapped.journal_cost_center) as cost_center,
    cast(sum(entries.debit) as {{ decimal_type() }}) as debit,
    cast(sum(entries.credit) as {{ decimal_type() }}) as credit,
    entries.currency,
    count(*) as entry_count,
    min(entries.entry_seq) as first_entry_seq,
    max(entries.entry_seq) as last_entry_seq
from {{ ref('ledger_entries') }} as entries
inner join {{ ref('journal_accounts') }} as mapped
    on entries.gl_account = mapped.gl_account and entries.charge_kind is not distinct from mapped.charge_kind
group by
    entries.posting_period, entries.event_type, mapped.journal_account,
    coalesce(entries.cost_center, mapped.journal_cost_center), entries.currency, entries.debit > 0
