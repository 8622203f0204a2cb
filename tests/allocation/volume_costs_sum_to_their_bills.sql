{{ config(tags=['law']) }}
-- Guards against volume cost that those who mount it do not carry, or carry twice: per volume, day and currency, both
-- costs equal the bill, to the last decimal.
with

billed as (
    select
        resource_id,
        usage_date,
        billing_currency as currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('resource_days') }}
    where resource_id in (select mounts.resource_id from {{ ref('volume_mounts') }} as mounts)
    group by resource_id, usage_date, billing_currency
),

carried as (
    select
        resource_id,
        usage_date,
        currency,
        sum(allocated_billed_cost) as billed_cost,
        sum(allocated_effective_cost) as effective_cost
    from {{ ref('fct_volume_costs') }}
    group by resource_id, usage_date, currency
)

select
    billed.*,
    carried.billed_cost as carried_billed_cost,
    carried.effective_cost as carried_effective_cost
from billed
full outer join carried
    on
        billed.resource_id = carried.resource_id
        and billed.usage_date = carried.usage_date
        and billed.currency = carried.currency
where
    carried.billed_cost is distinct from billed.billed_cost
    or carried.effective_cost is distinct from billed.effective_cost
