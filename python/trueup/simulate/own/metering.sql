-- Usage events of a month, ready to be written: `infrastructure_events` of what vendors bill, `products_events` of what
-- customers use (whose figures go to `customer_usage`).

-- Resources that we meter ourselves. In each partition the first 24 report all the time, each at an hour of its own, so
-- that no hour is without events even where a report covers a day.
create or replace temp table metered_resources as
with

ranked as (
    select
        resources.*,
        skus.family,
        skus.sku_id,
        skus.region,
        payers.time_zone,
        row_number() over (
            order by
                skus.family = 'build_minutes' or payers.time_zone != 'UTC',
                resources.born_at > $starts_at or resources.gone_at <= $ends_at,
                resources.resource_no
        ) - 1 as slot,
        count(*) filter (
            where skus.family != 'build_minutes' and payers.time_zone = 'UTC'
            and resources.born_at <= $starts_at and resources.gone_at > $ends_at
        ) over () // 24 as most_partitions
    from resources
    inner join skus on resources.sku_no = skus.sku_no
    inner join payers on resources.payer_no = payers.payer_no
    where list_contains($families, skus.family)
)

select
    *,
    slot % greatest(1, least(most_partitions, $partitions)) as partition_no,
    slot // greatest(1, least(most_partitions, $partitions)) % 24 as report_hour
from ranked;

-- One event per resource and step, at the start of an hour of it. `used` is what was used, whatever is billed for it.
create or replace temp table infrastructure_events as
with

steps as (
    select
        used.quantity,
        used.usual_quantity,
        used.effect_id,
        used.usage_start,
        metered.*,
        date_diff('hour', used.usage_start, used.usage_end) as step_hours
    from used
    inner join metered_resources as metered on used.resource_no = metered.resource_no
    where used.quantity > 0
),

timed as (
    select
        *,
        usage_start + to_hours(least((24 + report_hour - hour(usage_start)) % 24, step_hours - 1)) as event_time
    from steps
),

-- A function's GB-seconds are calls times memory times time: who gives it another memory has as many calls as usual.
called as (
    select
        timed.*,
        functions.memory_mb * coalesce(resizes.permille, 1000) // 1000 as memory_mb,
        cast(
            case
                when timed.effect_id in (select effect_id from resizes) then timed.usual_quantity
                else timed.quantity
            end * 1000 as bigint
        ) * 1024 // (functions.memory_mb * functions.milliseconds) as calls
    from timed
    left join functions on timed.resource_no = functions.resource_no
    left join resizes
        on
            timed.resource_no = resizes.resource_no
            and timed.event_time >= resizes.starts_at
            and timed.event_time < resizes.ends_at
)

select
    called.partition_no,
    called.resource_no,
    called.usage_start,
    called.event_time,
    -- a provider's month may end some hours after ours
    least(date_diff('day', $period, called.event_time), day(last_day($period)) - 1) // 7 as week,
    '1.0' as specversion,
    cast(md5(concat_ws('/', $seed, called.resource_no, epoch(called.usage_start))) as uuid) as id,
    '/' || company.company || '/agents' as source,
    'infrastructure.' || called.family || '.' || called.sku_id as type,
    accounts.account_id as subject,
    strftime(called.event_time, '%Y-%m-%dT%H:%M:%SZ') as time,
    {
        'quantity': called.quantity,
        'sampling_rate': 1.00::decimal(3, 2),
        'resource': called.resource_id,
        'region': called.region,
        'environment': called.environment,
        'memory_mb': called.memory_mb,
        'calls': called.calls
    } as data
from called
inner join accounts on called.account_no = accounts.account_no
cross join company;

-- Every `step_days` a meter reports what a customer used since; which day and hour is each report's own.
insert into customer_usage
with

meters as (
    select
        customers.tenant_no,
        customers.weight,
        customers.growth_permille,
        case when offers.is_sampled then customers.sample_of else 1 end as sample_of,
        offers.*,
        row_number() over (order by customers.tenant_no, offers.offer_no) - 1 as slot
    from customers
    cross join offers
    where offers.aggregation != ''
),

days as (
    select
        unnest(generate_series($period::timestamp, $period::timestamp + interval 1 month - interval 1 day, interval 1 day))
            as day_start
),

reports as (
    select
        meters.*,
        days.day_start + to_hours(meters.slot // ($report_partitions * $step_days) % 24) as event_time,
        slot % $report_partitions as partition_no,
        hash($seed, meters.slot, epoch(days.day_start)) as chance
    from meters
    inner join days
        on date_diff('day', $starts_at, days.day_start) % $step_days = meters.slot // $report_partitions % $step_days
),

-- in multiples of the offer's quantum times the sampling
sized as (
    select
        *,
        1
        + cast(weight as hugeint) * daily * case when is_running then $step_days else 1 end
        * case when isodow(event_time) >= 6 then weekend_permille else 1000 end
        * (1000 + growth_permille * date_diff('month', $starts_at, event_time))
        * (900 + cast(chance % 201 as bigint)) // 1000000000000000 // (quantum * sample_of) as quanta
    from reports
)

select
    $period as billing_period,
    tenant_no,
    offer_no,
    event_time,
    cast(quanta * quantum * sample_of as decimal(18, 0)) * 0.001::decimal(4, 3) as quantity,
    case
        when chance % 401 = 0
            then cast((quanta + 1 + cast(chance % 7 as bigint)) * quantum * sample_of as decimal(18, 0)) * 0.001::decimal(4, 3)
    end as first_quantity,
    sample_of,
    partition_no
from sized;

-- A report found wrong comes again, with a higher revision, after the month.
create or replace temp table products_events as
with

versions as (
    select *, coalesce(first_quantity, quantity) as reported, 1 as revision
    from customer_usage where billing_period = $period
    union all
    select *, quantity, 2 from customer_usage where billing_period = $period and first_quantity is not null
)

select
    versions.partition_no,
    versions.event_time,
    case versions.revision when 1 then least(day(versions.event_time) - 1, 27) // 7 end as week,
    '1.0' as specversion,
    cast(md5(concat_ws('/', $seed, offers.offer, customers.customer_id, epoch(versions.event_time))) as uuid) as id,
    '/' || company.company || '/products' as source,
    'product.' || offers.offer as type,
    customers.customer_id as subject,
    strftime(versions.event_time, '%Y-%m-%dT%H:%M:%SZ') as time,
    {
        'value': cast(versions.reported * 1000 as bigint) // versions.sample_of * 0.001::decimal(4, 3),
        'sampling_rate': cast(100 // versions.sample_of as tinyint) * 0.01::decimal(3, 2),
        'revision': versions.revision
    } as data
from versions
inner join offers on versions.offer_no = offers.offer_no
inner join customers on versions.tenant_no = customers.tenant_no
cross join company;
