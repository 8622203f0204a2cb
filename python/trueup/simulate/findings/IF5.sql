-- What was shared without the values of the driver that it should have been shared by, or could not be shared at all.
with

rules as (
    select distinct
        rule_id,
        driver_id
    from marts.fct_allocations
    where method = 'driver'
)

select
    rules.driver_id || '/' || strftime(allocations.billing_period, '%Y-%m') as subject,
    allocations.billing_period,
    null as cause,
    sum(allocations.allocated_billed_cost) as amount,
    allocations.currency
from marts.fct_allocations as allocations
inner join rules on coalesce(allocations.held_rules, allocations.rule_id) = rules.rule_id
where
    allocations.held_because = 'no target has a weight'
    or allocations.held_because is null and allocations.is_estimated and allocations.method = 'driver'
group by rules.driver_id, allocations.billing_period, allocations.currency
