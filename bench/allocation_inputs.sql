-- Charges of one month over 1,000 owners: 40 platforms, 80 shared services, 60 product centres and 820 teams, twelve
-- services each, of which one is tax and one credit. The number of a row decides it. 200 rules pass platforms on to
-- shared services, centres and teams, shared services to centres and teams, centres to tenants of teams.
create table owners as
select
    number,
    case
        when number < 40 then format('platform-{:02}', number)
        when number < 120 then format('shared-{:02}', number - 40)
        when number < 180 then format('center-{:02}', number - 120)
        else format('team-{:03}', number - 180)
    end as owner,
    format('product-{:03}', number % 150) as product,
    format('cc-{:03}', number % 90) as cost_center
from range(1000) as numbers (number);

create table attributed_charges as
select
    '2025-01' as partition_id,
    'v1' as partition_version,
    date '2025-01-01' as billing_period,
    date '2025-01-01' + cast(hash(n) % 31 as integer) as charge_date,
    'USD' as billing_currency,
    owners.owner,
    owners.product,
    owners.cost_center,
    null::varchar as tenant,
    case hash(n, 1) % 12 when 10 then 'Tax' when 11 then 'Credit' else 'Usage' end as charge_category,
    format('service-{:02}', hash(n, 1) % 12) as service_name,
    cast(
        cast(hash(n, 2) % 100000000 as decimal(9, 0)) * 0.000001
        * case hash(n, 1) % 12 when 11 then -0.125 else 1 end as decimal(38, 18)
    ) as billed_cost,
    cast(billed_cost * 0.875 as decimal(38, 18)) as effective_cost
from range(cast(getvariable('rows') as bigint)) as charges (n)
inner join owners on charges.n % 1000 = owners.number;

create table rules as
with numbers as (
    select unnest(range(200)) as n
)

select
    case when n < 40 then 'platform' when n < 120 then 'shared' when n < 180 then 'center' else 'levies' end
    || '-' || n as rule_id,
    case when n < 40 then 1 when n < 120 then 2 else 3 end as step,
    case when n < 180 then 90 else 10 end as priority,
    case
        when n < 40 then format('platform-{:02}', n)
        when n < 120 then format('shared-{:02}', n - 40)
        else format('center-{:02}', (n - 120) % 60)
    end as pool,
    case when n >= 180 then 'Tax;Credit' end as match_category,
    null::varchar as match_service,
    case
        when n >= 180 then 'direct'
        when n >= 120 then 'driver'
        else ['driver', 'even', 'fixed', 'proportional', 'driver', 'residual'][n % 6 + 1]
    end as method,
    case when method = 'driver' then 'usage-' || n end as driver_id,
    null::varchar as fallback_driver_id,
    case
        when n >= 180 then 'team-000'
        when method = 'even' and n < 40
            then concat_ws(';', format('shared-{:02}', n), format('shared-{:02}', n + 40), format('team-{:03}', n * 9))
        when method = 'even' then concat_ws(';', format('center-{:02}', n % 60), format('team-{:03}', n * 6))
        when method in ('proportional', 'residual') then format('team-{:02}?', n % 82)
    end as targets,
    case
        when method = 'fixed'
            then concat_ws(';', format('center-{:02}=60', n % 60), format('team-{:03}=25.5', n * 6))
    end as fixed_shares,
    null::varchar as weight_by,
    null::date as valid_from,
    null::date as valid_to
from numbers;

-- Each has a value a day for ten of those that the rule may reach, in step 3 by tenant.
create table drivers as
select
    'usage-' || n as driver_id,
    date '2025-01-01' + cast(day as integer) as driver_date,
    case
        when n < 40 and part < 4 then format('shared-{:02}', (n * 7 + part * 11) % 80)
        when n < 120 and part < 2 then format('center-{:02}', (n * 7 + part * 11) % 60)
        else format('team-{:03}', (n * 13 + part * 37) % 820)
    end as owner,
    case when n >= 120 then format('tenant-{:02}', part) end as tenant,
    cast(hash(n, day, part) % 1000000 as decimal(38, 18)) as value,
    false as is_estimated
from range(180) as numbers (n)
cross join range(31) as days (day)
cross join range(10) as parts (part);
