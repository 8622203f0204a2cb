{{ config(materialized='table') }}

-- Of several versions that touch a period the last one states what it includes. What an account is entitled to in its
-- own right and with others adds up; in a pool it goes into the pool.
with

terms as (
    select * from {{ ref('entitlement_terms') }}
),

days as (
    select
        period,
        period_anchor,
        case period when 'month' then 1 when 'quarter' then 3 else 12 end as months,
        cast({{ moments('min(metered_from)', as_of() ~ ' + interval 13 month', 'interval 1 day') }} as date)
            as usage_day
    from terms
    group by period, period_anchor
),

windows as (
    select
        *,
        {{ window_start('months', 'usage_day', 'period_anchor') }} as period_start
    from days
),

periods as (
    select
        period,
        period_anchor,
        months,
        period_start,
        max(usage_day) + 1 as period_end
    from windows
    where period_start <= {{ as_of() }}
    group by period, period_anchor, months, period_start
),

chosen as (
    select
        terms.*,
        periods.months,
        periods.period_start,
        periods.period_end
    from terms
    inner join periods
        on
            terms.period = periods.period
            and terms.period_anchor = periods.period_anchor
            and greatest(terms.effective_from, terms.metered_from) < periods.period_end
            and terms.effective_to > periods.period_start
    qualify row_number() over (
        partition by
            terms.contract_id, terms.stated_account_id, terms.account_id, terms.meter_id, terms.pool, terms.period,
            periods.period_start
        order by terms.effective_from desc, terms.contract_version desc
    ) = 1
),

pooled as (
    select
        *,
        max(pool) over (partition by contract_id, account_id, meter_id, period, period_start) as account_pool
    from chosen
),

identified as (
    select
        {{ identity(['contract_id', 'account_id', 'meter_id', 'period', 'period_start']) }} as position_id,
        {{ identity([
            'contract_id', 'account_pool', 'case when account_pool is null then account_id end', 'meter_id', 'period'
        ]) }} as allowance_id,
        * exclude (
            pool, account_pool, tolerance_percent, effective_from, effective_to, time_zone, period_anchor, metered_from
        ),
        account_pool as pool,
        {{ exact_product('included_quantity', 'cast(tolerance_percent * 0.01 as decimal(38, 18))') }}
            as tolerated_quantity
    from pooled
)

select
    identified.*,
    closes.final_at
from identified
left join {{ ref('closed_periods') }} as closes
    on
        identified.direction = closes.direction
        and cast(date_trunc('month', identified.period_end - 1) as date) = closes.billing_period
