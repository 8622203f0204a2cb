-- What was shared without the values of the driver that it should have been shared by.
select
    driver_id || '/' || strftime(billing_period, '%Y-%m') as subject,
    billing_period,
    null as cause,
    sum(allocated_billed_cost) as amount,
    currency
from marts.fct_allocations
where method = 'driver' and is_estimated
group by driver_id, billing_period, currency
