-- What became of the rows and the money of each file's content, per billing period and currency. Each figure has its
-- own origin: totals the raw text, accepted the charges, duplicates the twins, quarantine the registry (law 1).
with

totals as (
    select * from {{ source('landing', 'file_totals') }}
),

standings as (
    select * from {{ source('landing', 'file_standing') }}
),

charges as (
    select
        file_id,
        billing_period,
        billing_currency,
        count(*) filter (where charge_part = 0) as row_count,
        sum({{ stated_cost('source', 'feed') }}) as amount
    from {{ ref('charges') }}
    group by file_id, billing_period, billing_currency
),

records as (
    {{ accepted_records() }}
),

record_twins as (
    select * from {{ ref('record_twin_totals') }}
),

duplicates as (
    select
        twins.file_id,
        twins.billing_period,
        twins.billing_currency,
        count(*) filter (where twins.charge_part = 0) as row_count,
        sum({{ stated_cost('files.source', 'files.feed') }}) as amount
    from {{ ref('charge_twins') }} as twins
    inner join {{ ref('partition_files') }} as files
        on twins.file_id = files.file_id and twins.partition_id = files.partition_id
    where twins.is_duplicate
    group by twins.file_id, twins.billing_period, twins.billing_currency
)

select
    totals.source,
    totals.file_id,
    totals.billing_period,
    totals.currency,
    totals.row_count as rows_sound,
    totals.amount as amount_sound,
    case when standings.standing = 'current' then coalesce(charges.row_count, records.row_count, 0) else 0 end
    - coalesce(record_twins.rows_unused, 0) as rows_accepted,
    case when standings.standing = 'current' then coalesce(charges.amount, records.amount, 0) else 0 end
    - coalesce(record_twins.amount_unused, 0) as amount_accepted,
    coalesce(duplicates.row_count, record_twins.rows_duplicate, 0) as rows_duplicate,
    coalesce(duplicates.amount, record_twins.amount_duplicate, 0) as amount_duplicate,
    -- a content that no delivery holds has made way for a newer one on its own path, a record for its revision
    case
        when coalesce(standings.standing, 'superseded') = 'superseded' then totals.row_count
        else coalesce(record_twins.rows_superseded, 0)
    end as rows_superseded,
    case
        when coalesce(standings.standing, 'superseded') = 'superseded' then totals.amount
        else coalesce(record_twins.amount_superseded, 0)
    end as amount_superseded,
    coalesce(record_twins.rows_refused, 0) as rows_refused,
    coalesce(record_twins.amount_refused, 0) as amount_refused,
    case when standings.standing = 'held' then totals.row_count else 0 end as rows_held,
    case when standings.standing = 'held' then totals.amount else 0 end as amount_held
from totals
left join standings
    on
        totals.source = standings.source
        and totals.file_id = standings.file_id
        and totals.billing_period is not distinct from standings.billing_period
left join charges
    on
        totals.file_id = charges.file_id
        and totals.billing_period = charges.billing_period
        and totals.currency = charges.billing_currency
left join duplicates
    on
        totals.file_id = duplicates.file_id
        and totals.billing_period = duplicates.billing_period
        and totals.currency = duplicates.billing_currency
left join records
    on
        totals.source = records.source
        and totals.file_id = records.file_id
        and totals.billing_period is not distinct from records.billing_period
        and totals.currency is not distinct from records.currency
left join record_twins
    on
        totals.source = record_twins.source
        and totals.file_id = record_twins.file_id
        and totals.billing_period is not distinct from record_twins.billing_period
        and totals.currency is not distinct from record_twins.currency
