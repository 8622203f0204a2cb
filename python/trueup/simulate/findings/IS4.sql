-- Machines that ran on a dearer size for a week or more: a transaction of their product cost more of them than before,
-- by more than days differ.
select
    resource_id as subject,
    date_trunc('month', changed_on) as billing_period,
    'size' as cause,
    excess_cost as amount,
    currency
from marts.fct_unit_cost_trials
where
    metric = 'transactions'
    and regexp_matches(unit, '^(1 )?(hours?|hrs)$', 'i')
    and unit_cost_difference > 0
    and is_beyond_scatter
