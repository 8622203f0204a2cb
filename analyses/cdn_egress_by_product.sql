-- How much does the content delivery network send for each product, and what does it cost?
with

charges as (
    select
        *,
        concat_ws(' ', sku_meter, charge_description) as meter
    from {{ ref('fct_charges') }}
    where
        charge_category = 'Usage'
        and regexp_matches(
            concat_ws(' ', service_name, service_subcategory),
            '(?i)cloudfront|\bcdn\b|content delivery|front door|akamai|fastly|cloudflare'
        )
),

delivered as (
    select
        *,
        case
            when not regexp_matches(consumed_unit, '(?i)^\W*[0-9 ]*([kmgtp]i?b|([a-z]*bytes?))\b') then 'other'
            when regexp_matches(meter, '(?i)origin|transfer in\b|in-bytes') then 'other'
            else 'egress'
        end as component
    from charges
)

select
    billing_period,
    provider,
    billing_currency,
    product,
    max(consumed_unit) filter (where component = 'egress') as egress_unit,
    coalesce(sum(consumed_quantity) filter (where component = 'egress'), 0) as egress_quantity,
    coalesce(sum(effective_cost) filter (where component = 'egress'), 0) as egress_cost,
    coalesce(sum(effective_cost) filter (where component = 'other'), 0) as other_cost,
    sum(effective_cost) as effective_cost,
    {{ exact_ratio(
        "sum(effective_cost) filter (where component = 'egress')",
        "sum(consumed_quantity) filter (where component = 'egress')"
    ) }} as cost_per_unit
from delivered
group by billing_period, provider, billing_currency, product
order by billing_period asc, effective_cost desc, product asc
