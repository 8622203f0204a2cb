-- What does the content delivery network send to viewers, by its bill and by our logs, and what comes from the origin?
with

charges as (
    select
        charges.*,
        expected.own_quantity,
        expected.expected_amount,
        case
            when not regexp_matches(charges.consumed_unit, '(?i)^\W*[0-9 ]*([kmgtp]i?b|([a-z]*bytes?))\b') then 'other'
            when
                regexp_matches(
                    concat_ws(' ', charges.sku_meter, charges.charge_description), '(?i)origin|transfer in\b|in-bytes'
                )
                then 'origin'
            else 'edge'
        end as component
    from {{ ref('fct_charges') }} as charges
    left join {{ ref('fct_expected_charges') }} as expected on charges.charge_id = expected.charge_id
    where
        charges.charge_category = 'Usage'
        and regexp_matches(
            concat_ws(' ', charges.service_name, charges.service_subcategory),
            '(?i)cloudfront|\bcdn\b|content delivery|front door|akamai|fastly|cloudflare'
        )
),

summed as (
    select
        billing_period,
        provider,
        product,
        consumed_unit as unit,
        billing_currency,
        {{ sum_where('consumed_quantity', "component = 'edge'") }} as edge_quantity,
        sum(own_quantity) filter (where component = 'edge') as logged_edge_quantity,
        {{ sum_where('consumed_quantity', "component = 'edge' and own_quantity is not null") }} as comparable_quantity,
        {{ sum_where('consumed_quantity', "component = 'origin'") }} as origin_quantity,
        {{ sum_where('effective_cost', "component = 'edge'") }} as edge_cost,
        {{ sum_where('effective_cost', "component = 'origin'") }} as origin_cost,
        {{ sum_where('billed_cost - expected_amount', "component = 'edge' and own_quantity is not null") }}
            as overbilled_cost
    from charges
    where component != 'other'
    group by billing_period, provider, product, consumed_unit, billing_currency
)

select
    billing_period,
    provider,
    product,
    unit,
    billing_currency,
    edge_quantity,
    logged_edge_quantity,
    comparable_quantity - logged_edge_quantity as unlogged_edge_quantity,
    origin_quantity,
    round({{ exact_ratio('100 * (edge_quantity - origin_quantity)', 'edge_quantity') }}, 2) as offload_percent,
    edge_cost,
    origin_cost,
    overbilled_cost
from summed
order by billing_period asc, edge_cost desc, provider asc, product asc, unit asc, billing_currency asc
