-- Gaps in our metering, by their first day, and the resources that vendors bill for what it lost there. What lacks for
-- longer than three days is a lost file (TF4, BF5).
with

missing as (
    select
        *,
        expected_on - cast(row_number() over (partition by feed order by expected_on) as integer) as gap
    from marts.fct_completeness
    where source = 'usage_events' and status = 'missing'
),

gaps as (
    select
        source,
        feed,
        min(expected_on) as first_day,
        max(expected_on) as last_day
    from missing
    group by source, feed, gap
    having
        count(*) <= 3
        and max(expected_on) < (
            select max(days.expected_on)
            from marts.fct_completeness as days
            where days.source = missing.source and days.feed = missing.feed and days.parts_received > 0
        )
)

select
    source || '/' || feed || '/' || first_day as subject,
    date_trunc('month', first_day) as billing_period,
    cast(null as varchar) as cause,
    0 as amount,
    'USD' as currency
from gaps
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
            expected.charge_period_start < gaps.last_day + interval 1 day
            and expected.charge_period_end > gaps.first_day
    )
group by charges.resource_id, charges.billing_period, charges.billing_currency
