-- What rules passed on by shares finer than a hundredth of a percent, such as thirds: its parts have to sum to it.
select
    rule_id as subject,
    billing_period,
    null as cause,
    sum(allocated_billed_cost) as amount,
    currency
from marts.fct_allocations
where method = 'fixed' and share != round(share, 4)
group by rule_id, billing_period, currency
