with

resources as (
    select
        provider,
        billing_account_id,
        sku_id,
        billing_currency,
        billing_period,
        resource_id,
        count(distinct usage_date) as day_count,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('resource_days') }}
    group by provider, billing_account_id, sku_id, billing_currency, billing_period, resource_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by provider, billing_account_id, sku_id, billing_currency, billing_period
            order by effective_cost desc, resource_id asc
        ) as place
    from resources
),

named as (
    select
        * exclude (resource_id, place),
        case when place <= {{ var('resources_named') }} then place end as place,
        case when place <= {{ var('resources_named') }} then resource_id end as resource_id
    from ranked
)

select
    provider,
    billing_account_id,
    sku_id,
    billing_currency,
    billing_period,
    place,
    resource_id,
    count(*) as resource_count,
    cast(sum(day_count) as bigint) as resource_day_count,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
from named
group by provider, billing_account_id, sku_id, billing_currency, billing_period, place, resource_id
