{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

-- Taken once, by the first run at or after the period is final, and never again. A period without any charge leaves
-- one row of zeros, so that it is known as frozen; so do periods of what we bill and of internal billing, whose figures
-- the ledger holds.
with

final_periods as (
    select * from {{ ref('closed_periods') }}
    where final_at <= {{ as_of() }}
),

new_periods as (
    select final_periods.* from final_periods
    {% if is_incremental() %}
        anti join {{ this }} as held
            on final_periods.direction = held.direction and final_periods.billing_period = held.billing_period
    {% endif %}
),

frozen as (
    select
        periods.direction,
        charges.source,
        charges.provider,
        charges.billing_account_id,
        periods.billing_period,
        charges.charge_kind,
        charges.currency,
        cast(coalesce(sum(charges.charge_count), 0) as bigint) as charge_count,
        cast(coalesce(sum(charges.billed_cost), 0) as {{ decimal_type() }}) as billed_cost,
        cast(coalesce(sum(charges.effective_cost), 0) as {{ decimal_type() }}) as effective_cost,
        string_agg(charges.files, ', ' order by charges.files) as files,
        periods.closed_at,
        periods.final_at,
        {{ as_of() }} as frozen_at
    from new_periods as periods
    left join {{ ref('period_charges') }} as charges
        on periods.direction = charges.direction and periods.billing_period = charges.billing_period
    group by
        periods.direction, charges.source, charges.provider, charges.billing_account_id, periods.billing_period,
        charges.charge_kind, charges.currency, periods.closed_at, periods.final_at
),

counted as (
    select
        *,
        count(*) over (partition by direction, billing_period) as rows_of_period
    from frozen
)

select
    *,
    {{ snapshot_seal() }} as seal
from counted
