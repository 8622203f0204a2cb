-- The account of the general ledger for each of the ledger's own: by the first landed row whose pattern is the account,
-- or for expenses the kind of charge. Rows for services or owners do not count, for entries are not by these.
with

booked as (
    select distinct
        gl_account,
        charge_kind
    from {{ ref('ledger_entries') }}
)

select
    booked.gl_account,
    booked.charge_kind,
    coalesce(mapped.gl_account, booked.gl_account) as journal_account,
    mapped.cost_center as journal_cost_center
from booked
left join {{ ref('stg_gl_accounts__accounts') }} as mapped
    on
        coalesce(mapped.service_pattern, '*') = '*'
        and coalesce(mapped.owner_pattern, '*') = '*'
        and (
            booked.gl_account = mapped.charge_kind_pattern
            or (booked.gl_account = 'expense' and booked.charge_kind glob coalesce(mapped.charge_kind_pattern, '*'))
        )
qualify
    row_number() over (
        partition by booked.gl_account, booked.charge_kind
        order by booked.gl_account = mapped.charge_kind_pattern desc, mapped.file_id, mapped.file_row
    ) = 1
