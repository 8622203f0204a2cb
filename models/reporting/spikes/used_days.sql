{{ config(materialized='view') }}

-- What each resource used by the day: by our own metering where it speaks of it, as that comes before the bill does.
with

billed as (
    select
        provider,
        billing_account_id,
        account_id,
        resource_id,
        sku_id,
        unit,
        billing_currency,
        usage_date,
        cast(sum(quantity) as {{ decimal_type() }}) as billed_quantity,
        cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
    from {{ ref('resource_days') }}
    group by
        provider, billing_account_id, account_id, resource_id, sku_id, unit, billing_currency, usage_date
),

resources as (
    select distinct
        billed.provider,
        billed.billing_account_id,
        billed.account_id,
        billed.resource_id,
        billed.sku_id,
        billed.unit,
        billed.billing_currency,
        unnest({{ resource_names('billed.resource_id') }}) as resource_name
    from billed
    semi join {{ ref('metered_days') }} as metered
        on billed.account_id = metered.account_id and billed.sku_id = metered.sku_id
),

metered as (
    select
        resources.provider,
        resources.billing_account_id,
        resources.account_id,
        resources.resource_id,
        resources.sku_id,
        resources.unit,
        resources.billing_currency,
        metered.usage_date,
        cast(sum(metered.quantity) as {{ decimal_type() }}) as metered_quantity
    from {{ ref('metered_days') }} as metered
    inner join resources
        on
            metered.account_id = resources.account_id
            and metered.sku_id = resources.sku_id
            and metered.resource_name = resources.resource_name
            and metered.unit = {{ unit_named('resources.unit') }}
    group by all
)

select
    coalesce(billed.provider, metered.provider) as provider,
    coalesce(billed.billing_account_id, metered.billing_account_id) as billing_account_id,
    coalesce(billed.account_id, metered.account_id) as account_id,
    coalesce(billed.resource_id, metered.resource_id) as resource_id,
    coalesce(billed.sku_id, metered.sku_id) as sku_id,
    coalesce(billed.unit, metered.unit) as unit,
    coalesce(billed.billing_currency, metered.billing_currency) as billing_currency,
    coalesce(billed.usage_date, metered.usage_date) as usage_date,
    case when metered.metered_quantity is not null then 'own' else 'provider' end as quantity_source,
    coalesce(metered.metered_quantity, billed.billed_quantity) as quantity,
    billed.billed_quantity,
    billed.effective_cost
from billed
full outer join metered
    on
        billed.provider = metered.provider
        and billed.billing_account_id = metered.billing_account_id
        and billed.account_id = metered.account_id
        and billed.resource_id = metered.resource_id
        and billed.sku_id is not distinct from metered.sku_id
        and billed.unit is not distinct from metered.unit
        and billed.billing_currency = metered.billing_currency
        and billed.usage_date = metered.usage_date
