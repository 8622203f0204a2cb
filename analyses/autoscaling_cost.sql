-- How many machines did each fleet run a day, and what did those above its leanest day cost?
with

machine_charges as (
    select
        *,
        cast(charge_period_start as date) as usage_date
    from {{ ref('fct_charges') }}
    where
        service_category = 'Compute'
        and charge_category = 'Usage'
        and resource_id is not null
        and lower(consumed_unit) in ('hrs', 'hours', 'hour')
),

node_days as (
    select
        resource_id,
        cast(usage_start as date) as usage_date,
        min(cluster) as cluster,
        sum(cpu_used_core_seconds) as cpu_used_core_seconds,
        sum(cpu_core_seconds) as cpu_core_seconds
    from {{ ref('kubernetes_node_hours') }}
    where resource_id is not null
    group by resource_id, cast(usage_start as date)
),

machine_days as (
    select
        charges.provider,
        charges.billing_currency,
        charges.usage_date,
        charges.resource_id,
        coalesce(
            max({{ json_text('charges.tags', '"aws:autoscaling:groupName"') }}),
            min(min(node_days.cluster)) over (partition by charges.resource_id),
            min(charges.sub_account_id)
        ) as fleet,
        sum(charges.consumed_quantity) as machine_hours,
        sum(charges.effective_cost) as effective_cost,
        min(node_days.cpu_used_core_seconds) as cpu_used_core_seconds,
        min(node_days.cpu_core_seconds) as cpu_core_seconds
    from machine_charges as charges
    left join node_days on charges.resource_id = node_days.resource_id and charges.usage_date = node_days.usage_date
    group by charges.provider, charges.billing_currency, charges.usage_date, charges.resource_id
),

fleet_days as (
    select
        provider,
        billing_currency,
        fleet,
        usage_date,
        count(*) as machine_count,
        sum(machine_hours) as machine_hours,
        min(sum(machine_hours)) over (
            partition by provider, billing_currency, fleet, date_trunc('month', usage_date)
        ) as base_machine_hours,
        sum(effective_cost) as effective_cost,
        sum(cpu_used_core_seconds) as cpu_used_core_seconds,
        sum(cpu_core_seconds) as cpu_core_seconds
    from machine_days
    group by provider, billing_currency, fleet, usage_date
),

shares as (
    select
        *,
        {{ exact_ratio('machine_hours - base_machine_hours', 'machine_hours') }} as share_above_base
    from fleet_days
)

select
    provider,
    billing_currency,
    fleet,
    usage_date,
    machine_count,
    machine_hours,
    base_machine_hours,
    effective_cost,
    {{ exact_product('effective_cost', 'share_above_base') }} as scaling_cost,
    round({{ exact_ratio('100 * cpu_used_core_seconds', 'cpu_core_seconds') }}, 2) as cpu_used_percent
from shares
order by scaling_cost desc, fleet asc, usage_date asc
