select
    anomaly_id,
    provider,
    account_id,
    service_name,
    usage_date,
    billing_currency,
    usual_cost as expected_cost,
    effective_cost as actual_cost,
    excess_cost,
    tolerated_excess_cost,
    score,
    days_compared,
    top_resource_id,
    top_resource_excess_cost,
    contributors
from {{ ref('cost_anomalies') }}
