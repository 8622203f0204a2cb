-- Resources whose quantities of a month lie eleven orders of magnitude apart, with the exact sum of all of them.
select
    resource_id as subject,
    billing_period,
    cast(null as varchar) as cause,
    sum(billed_cost) as amount,
    billing_currency as currency
from marts.fct_charges
where charge_kind = 'usage'
group by resource_id, billing_period, billing_currency
having max(abs(pricing_quantity)) > 100000000000 * min(abs(pricing_quantity)) filter (where pricing_quantity != 0)
