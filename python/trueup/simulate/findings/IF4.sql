-- Costs that two rules claimed, by the rule that came last: neither was applied, and the later steps had them.
select
    regexp_extract(held_rules, '[^,]+$').trim() as subject,
    billing_period,
    null as cause,
    sum(allocated_billed_cost) as amount,
    currency
from marts.fct_allocations
where held_because = 'two rules take it'
group by subject, billing_period, currency
