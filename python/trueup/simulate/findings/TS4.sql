-- Functions whose calls are counted by samples, and billed for more or less than these say when scaled up.
select
    resource_id as subject,
    billing_period,
    'quantity' as cause,
    variance_amount as amount,
    currency
from marts.fct_sampled_usage
where variance_amount != 0
