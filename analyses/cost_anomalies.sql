-- On which days did an account pay far more for a service than it usually does on that weekday, and for which resource?
select
    provider,
    billing_currency,
    account_id,
    service_name,
    usage_date,
    actual_cost,
    expected_cost,
    excess_cost,
    {{ exact_ratio('actual_cost', 'expected_cost') }} as times_expected,
    score,
    days_compared,
    top_resource_id,
    top_resource_excess_cost
from {{ ref('fct_cost_anomalies') }}
order by excess_cost desc
