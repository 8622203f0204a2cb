-- What do logs, metrics and traces cost each product, by tool, and how much is that beside what it observes?
with

charges as (
    select
        *,
        coalesce(
            service_subcategory = 'Observability'
            or regexp_matches(
                service_name,
                '(?i)cloudwatch|x-ray|monitor|log analytics|logging|stackdriver|trace|telemetry|datadog|new relic'
                || '|grafana|splunk|dynatrace|honeycomb|elastic cloud|sentry|observab'
            ),
            false
        ) as is_observability
    from {{ ref('fct_charges') }}
    where charge_category = 'Usage'
),

tools as (
    select
        billing_period,
        billing_currency,
        product,
        provider,
        service_name,
        coalesce(sku_meter, charge_description) as meter,
        consumed_unit,
        sum(consumed_quantity) as consumed_quantity,
        sum(effective_cost) as effective_cost
    from charges
    where is_observability
    group by all
),

products as (
    select
        billing_period,
        billing_currency,
        product,
        sum(effective_cost) as observed_cost
    from charges
    where not is_observability
    group by billing_period, billing_currency, product
)

select
    tools.*,
    products.observed_cost,
    round({{ exact_ratio('100 * tools.effective_cost', 'products.observed_cost') }}, 2) as percent_of_observed
from tools
left join products
    on
        tools.billing_period = products.billing_period
        and tools.billing_currency = products.billing_currency
        and tools.product is not distinct from products.product
order by tools.billing_period asc, tools.effective_cost desc, tools.service_name asc, tools.meter asc
