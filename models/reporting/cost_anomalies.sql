with

anomalies as (
    select
        {{ identity(['provider', 'billing_currency', 'account_id', 'service_name', 'usage_date']) }} as anomaly_id,
        * exclude (is_anomaly)
    from {{ ref('judged_service_days') }}
    where is_anomaly
),

compared_days as (
    select
        anomalies.*,
        weeks.day_shift,
        anomalies.usage_date + weeks.day_shift as compared_date
    from anomalies
    cross join (values (0), (-28), (-21), (-14), (-7), (7), (14), (21), (28)) as weeks (day_shift)
),

resource_costs as (
    select
        compared.anomaly_id,
        charges.resource_id,
        cast(sum(charges.effective_cost) filter (where compared.day_shift = 0) as {{ decimal_type() }}) as cost,
        coalesce(sum(charges.effective_cost) filter (where compared.day_shift != 0), 0) as cost_of_other_days,
        any_value(compared.days_compared) as days_compared
    from {{ ref('charges') }} as charges
    inner join compared_days as compared
        on
            charges.provider = compared.provider
            and charges.billing_currency = compared.billing_currency
            and coalesce(charges.sub_account_id, charges.billing_account_id) = compared.account_id
            and charges.service_name = compared.service_name
            and cast(charges.charge_period_start as date) = compared.compared_date
    where charges.charge_category = 'Usage'
    group by compared.anomaly_id, charges.resource_id
),

-- a resource that always costs much contributes nothing, one that is new all of its cost
contributions as (
    select
        anomaly_id,
        resource_id,
        cost,
        cast(cost - {{ exact_ratio('cost_of_other_days', 'days_compared') }} as {{ decimal_type() }}) as excess_cost
    from resource_costs
    where cost is not null
),

ranked as (
    select
        *,
        row_number() over (partition by anomaly_id order by excess_cost desc, resource_id asc) as place
    from contributions
),

contributors as (
    select
        anomaly_id,
        any_value(resource_id) filter (where place = 1) as top_resource_id,
        any_value(excess_cost) filter (where place = 1) as top_resource_excess_cost,
        cast(to_json(list(
            struct_pack(resource_id := resource_id, cost := cost, excess_cost := excess_cost) order by place
        )) as varchar) as contributors
    from ranked
    where place <= 5
    group by anomaly_id
)

select
    anomalies.*,
    {{ exact_ratio('anomalies.excess_cost', 'anomalies.tolerated_excess_cost') }} as score,
    contributors.top_resource_id,
    contributors.top_resource_excess_cost,
    contributors.contributors
from anomalies
left join contributors on anomalies.anomaly_id = contributors.anomaly_id
