{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

-- What a closed period shows now, less what it showed when it was frozen, less what was posted since. Each further
-- change is a further row; none is ever changed.
{%- set key = 'direction, source, provider, billing_account_id, billing_period, charge_kind, currency' %}
with

snapshots as (
    select * from {{ ref('period_snapshots') }}
),

charges as (
    select charges.* from {{ ref('period_charges') }} as charges
    semi join snapshots
        on charges.direction = snapshots.direction and charges.billing_period = snapshots.billing_period
),

stages as (
    select
        {{ key }},
        0 as event_number,
        files as files_before,
        null as files_now,
        -billed_cost as billed_cost,
        -effective_cost as effective_cost
    from snapshots
    {% if is_incremental() %}
        union all
        select
            {{ key }},
            event_number,
            files as files_before,
            null as files_now,
            -billed_cost as billed_cost,
            -effective_cost as effective_cost
        from {{ this }}
    {% endif %}
    union all
    select
        {{ key }},
        0 as event_number,
        null as files_before,
        files as files_now,
        billed_cost,
        effective_cost
    from charges
),

restated as (
    select
        {{ key }},
        cast(1 + max(event_number) as bigint) as event_number,
        cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
        cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost,
        coalesce(string_agg(files_now, ', ' order by files_now), 'none') as files,
        coalesce(arg_max(files_before, event_number) filter (where files_before is not null), 'none') as files_before
    from stages
    group by {{ key }}
    having sum(billed_cost) != 0 or sum(effective_cost) != 0
),

open_period as (
    select
        greatest(
            cast(date_trunc('month', {{ as_of() }}) as date), cast(max(billing_period) + interval 1 month as date)
        ) as posting_period
    from {{ ref('closed_periods') }}
    where direction = 'payable' and closed_at <= {{ as_of() }}
),

posted as (
    select
        restated.*,
        open_period.posting_period
    from restated
    cross join open_period
)

select
    *,
    cast(md5(concat_ws(
        '|', direction, coalesce(source, '-'), coalesce(provider, '-'), coalesce(billing_account_id, '-'),
        billing_period, coalesce(charge_kind, '-'), coalesce(currency, '-'), event_number
    )) as uuid) as restatement_id,
    {{ as_of() }} as recorded_at,
    case
        when files = files_before then 'the same files, ' || files || ', read by other rules'
        else 'files ' || files || ' in place of ' || files_before
    end as reason
from posted
