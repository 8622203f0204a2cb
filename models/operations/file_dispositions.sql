-- What became of the rows and the money of each file's content, per billing period and currency. Each
-- figure has its own origin: totals from the raw text, accepted from the charges, duplicates from the
-- twins, quarantine from the registry; law 1 compares them.
with

totals as (
    select * from {{ source('landing', 'file_totals') }}
),

current_files as (
    select * from {{ source('landing', 'current_files') }}
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

own_inputs as (
    select
        file_id,
        count(*) as row_count
    from {{ ref('stg_rate_cards__tiers') }}
    group by file_id
    union all
    select
        file_id,
        count(*) as row_count
    from {{ ref('stg_contracts__contract_versions') }}
    group by file_id
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
    coalesce(charges.row_count, own_inputs.row_count, 0) as rows_accepted,
    coalesce(charges.amount, 0) as amount_accepted,
    coalesce(duplicates.row_count, 0) as rows_duplicate,
    coalesce(duplicates.amount, 0) as amount_duplicate,
    case when current_files.file_id is null then totals.row_count else 0 end as rows_superseded,
    case when current_files.file_id is null then totals.amount else 0 end as amount_superseded
from totals
left join current_files
    on
        totals.file_id = current_files.file_id
        and totals.billing_period is not distinct from current_files.billing_period
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
left join own_inputs on totals.file_id = own_inputs.file_id
