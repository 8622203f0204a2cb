{{ config(materialized='view') }}

with

compared as (
    select
        *,
        case when count(*) over months_before >= 3 then {{ quantile_of('charge_count') }} over months_before end
            as usual_count,
        lead(billing_period) over in_order is not null as is_followed
    from {{ ref('charges_profile') }}
    window
        in_order as (partition by source, feed, provider, billing_currency order by billing_period),
        months_before as (
            partition by source, feed, provider, billing_currency
            order by billing_period rows between 6 preceding and 1 preceding
        )
)

select
    partition_id,
    provider,
    billing_currency,
    charge_count,
    usual_count,
    cast(is_followed and coalesce(charge_count * 2 < usual_count, false) as integer) as is_far_below_history,
    cast(coalesce(charge_count > usual_count * 3, false) as integer) as is_far_above_history
from compared
