-- Gaps in our metering, by their first day, and the resources that vendors bill for what it lost there. What lacks for
-- longer than three days is a lost file (TF4, BF5).
with

days as (
    select
        *,
        lag(status, 1, 'complete') over feed_days as status_before,
        max(expected_on) filter (where parts_received > 0) over (partition by feed) as last_day,
        count(*) filter (where status = 'missing') over (
            partition by feed order by expected_on range between interval 2 day preceding and interval 2 day following
        ) as missing_nearby
    from marts.fct_completeness
    where source = 'usage_events'
    window feed_days as (partition by feed order by expected_on)
),

gaps as (
    select * from days
    where status = 'missing' and missing_nearby <= 3 and expected_on < last_day
)

select
    source || '/' || feed || '/' || expected_on as subject,
    date_trunc('month', expected_on) as billing_period,
    cast(null as varchar) as cause,
    0 as amount,
    'USD' as currency
from gaps
where status_before != 'missing'
union all
select
    charges.resource_id as subject,
    charges.billing_period,
    'missing_usage' as cause,
    sum(charges.billed_cost - expected.expected_amount) as amount,
    charges.billing_currency as currency
from marts.fct_expected_charges as expected
inner join marts.fct_charges as charges on expected.charge_id = charges.charge_id
where
    expected.deviation = 'missing_usage'
    and expected.own_quantity != expected.provider_quantity
    and exists (
        select 1 from gaps
        where
            expected.charge_period_start < gaps.expected_on + interval 1 day
            and expected.charge_period_end > gaps.expected_on
    )
group by charges.resource_id, charges.billing_period, charges.billing_currency
