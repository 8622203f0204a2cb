{{ config(materialized='table') }}

with

classes as (
    select
        class_id,
        any_value(provider) as provider,
        any_value(billing_account_id) as billing_account_id,
        any_value(account_id) as account_id,
        any_value(currency) as currency,
        any_value(sku_id) as sku_id,
        any_value(sku_meter) as sku_meter,
        min(starts_at) as first_used_at
    from {{ ref('committable_usage') }}
    group by class_id
),

sizes as (
    select * from {{ ref('instance_sizes') }}
),

matched as (
    select distinct
        scopes.commitment_id,
        classes.*,
        classes.sku_id glob scopes.sku_pattern
        or coalesce(classes.sku_meter glob scopes.sku_pattern, false) as is_covered,
        -- a pattern spans sizes, a SKU is of one
        regexp_matches(scopes.sku_pattern, '[*?\[]') as has_sizes
    from classes
    inner join {{ ref('commitment_scopes') }} as scopes
        on
            classes.provider = scopes.provider
            and classes.currency = scopes.currency
            and (
                classes.billing_account_id glob scopes.account_pattern
                or classes.account_id glob scopes.account_pattern
            )
)

select
    matched.commitment_id,
    matched.class_id,
    case
        when matched.is_covered and matched.has_sizes then coalesce(max(sizes.normalised_units), 1)
        when matched.is_covered then 1
    end as units
from matched
left join sizes
    on
        matched.provider = sizes.provider
        and matched.sku_meter glob sizes.meter_pattern
        and matched.first_used_at >= sizes.valid_from
        and matched.first_used_at < coalesce(sizes.valid_to, date '9999-12-31')
group by matched.commitment_id, matched.class_id, matched.is_covered, matched.has_sizes
