-- Indicators of who pays. Of shares the worst currency counts; of amounts what is billed in the reporting currency.
with

windows as (
    select * from {{ ref('sli_windows') }}
),

borne as (
    select
        windows.sli_id,
        allocated.billing_period,
        allocated.owner,
        allocated.tenant,
        allocated.currency,
        allocated.is_estimated,
        allocated.effective_cost
    from windows
    inner join {{ ref('allocated_groups') }} as allocated
        on
            windows.window_starts_at < allocated.billing_period + interval 1 month
            and windows.window_ends_at >= allocated.billing_period
    where windows.sli_id in ('IM1', 'IM9', 'BM2', 'BM4')
),

shares as (
    select
        sli_id,
        coalesce(sum(abs(effective_cost)) filter (where owner = 'unattributed'), 0) as measured,
        sum(abs(effective_cost)) as base
    from borne
    where sli_id in ('IM1', 'BM4')
    group by sli_id, currency
    union all
    select
        sli_id,
        coalesce(sum(abs(effective_cost)) filter (where is_estimated), 0) as measured,
        sum(abs(effective_cost)) as base
    from borne
    where sli_id = 'IM9' and tenant is not null
    group by sli_id, currency
),

services as (
    select
        windows.sli_id,
        sum(grouped.effective_cost) as measured,
        count(distinct concat_ws('|', grouped.billing_period, grouped.service_name)) as base
    from windows
    inner join {{ ref('cost_groups') }} as grouped
        on
            windows.window_starts_at < grouped.billing_period + interval 1 month
            and windows.window_ends_at >= grouped.billing_period
    where windows.sli_id = 'IM2' and grouped.currency = '{{ var("reporting_currency") }}'
    group by windows.sli_id
),

units as (
    select
        windows.sli_id,
        sum(unit_costs.effective_cost) as measured,
        sum(unit_costs.unit_count) as base
    from windows
    inner join {{ ref('unit_costs') }} as unit_costs
        on windows.window_starts_at < unit_costs.metric_date and windows.window_ends_at >= unit_costs.metric_date
    where
        windows.sli_id in ('IM3', 'BM3')
        and unit_costs.metric = 'transactions'
        and unit_costs.currency = '{{ var("reporting_currency") }}'
    group by windows.sli_id
),

averages as (
    select
        sli_id,
        sum(effective_cost) as measured,
        count(distinct concat_ws('|', billing_period, tenant)) as base
    from borne
    where sli_id = 'BM2' and tenant is not null and currency = '{{ var("reporting_currency") }}'
    group by sli_id
    union all
    select * from services
    union all
    select * from units
)

select
    sli_id,
    case
        when sli_id = 'IM9' then 100 - max({{ exact_ratio('measured * 100', 'base') }})
        else max({{ exact_ratio('measured * 100', 'base') }})
    end as sli_value
from shares
group by sli_id
union all
select
    sli_id,
    {{ exact_ratio('measured', 'base') }} as sli_value
from averages
