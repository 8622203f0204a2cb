{{ config(materialized='table') }}

-- What customers use is that which their charges are reckoned from. A meter of a level, such as the most seats of a
-- day, says one thing of each of its windows, and the highest of a period counts.
with

all_rows as (
    select * from {{ ref('priced_usage') }}
    where direction != 'payable' and charge_kind = 'usage' and meter_id is not null
    union all by name
    select * from {{ ref('vendor_entitled_usage') }}
),

usage_rows as (
    select
        priced_id,
        usage_id,
        contract_id,
        account_id,
        meter_id,
        quantity,
        used_at,
        used_to,
        local_at,
        file_id
    from all_rows
    where quantity is not null
),

positions as (
    select distinct
        position_id,
        allowance_id,
        contract_id,
        account_id,
        meter_id,
        months,
        period_start,
        period_end,
        final_at
    from {{ ref('entitlement_grants') }}
),

times as (
    select * from {{ ref('partition_file_times') }}
    where source = 'usage_events'
),

-- a window is late when all of its reports are
windows as (
    select
        usage_rows.priced_id,
        min(times.received_at) as received_at
    from usage_rows
    inner join {{ ref('usage') }} as reports
        on
            usage_rows.usage_id is null
            and usage_rows.account_id = reports.account_id
            and usage_rows.meter_id = reports.meter_id
            and usage_rows.used_at <= reports.usage_start
            and usage_rows.used_to > reports.usage_start
    inner join times on reports.file_id = times.file_id
    group by usage_rows.priced_id
),

judged as (
    select
        usage_rows.priced_id,
        positions.position_id,
        positions.allowance_id,
        positions.months,
        positions.period_start,
        usage_rows.quantity,
        usage_rows.used_at,
        meters.aggregation in ('max', 'latest', 'unique_count') as is_level,
        coalesce(coalesce(windows.received_at, times.received_at) > positions.final_at, false) as is_late
    from usage_rows
    inner join {{ ref('meters') }} as meters on usage_rows.meter_id = meters.meter_id
    inner join positions
        on
            usage_rows.contract_id = positions.contract_id
            and usage_rows.account_id = positions.account_id
            and usage_rows.meter_id = positions.meter_id
            and usage_rows.local_at >= positions.period_start
            and usage_rows.local_at < positions.period_end
    left join windows on usage_rows.priced_id = windows.priced_id
    left join times on usage_rows.file_id = times.file_id
)

select
    *,
    not is_level or row_number() over (
        partition by position_id, is_late order by quantity desc, used_at asc, priced_id asc
    ) = 1 as is_counted
from judged
