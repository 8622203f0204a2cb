-- Functions that ran at several memory settings in a month: what it cost that a call took more or less than it does at
-- the setting that most calls have. Usage and price are those of time, which memory multiplies.
with

calls as (
    select
        account_id,
        regexp_extract(json_extract_string(dimensions, '$.resource'), '[^/]+$') as function_name,
        json_extract_string(dimensions, '$.memory_mb') as memory_mb,
        usage_start,
        quantity as calls
    from marts.fct_usage
    where json_extract_string(dimensions, '$.memory_mb') is not null
),

charged as (
    select
        provider,
        billing_period,
        billing_currency,
        sub_account_id,
        resource_id,
        regexp_extract(resource_id, '[^/]+$') as function_name,
        charge_period_start,
        charge_period_end,
        max(contracted_unit_price) as unit_price,
        sum(pricing_quantity) as quantity
    from marts.fct_charges
    where charge_kind = 'usage' and pricing_unit ilike '%second%'
    group by all
),

settings as (
    select
        charged.*,
        sum(calls.calls) as calls,
        arg_max(calls.memory_mb, calls.calls) as memory_mb
    from charged
    inner join calls
        on
            charged.sub_account_id = calls.account_id
            and charged.function_name = calls.function_name
            and calls.usage_start >= charged.charge_period_start
            and calls.usage_start < charged.charge_period_end
    group by all
    having sum(calls.calls) > 0
),

-- what a thousand calls took in the middle charge of the most usual setting, in millionths
usual as (
    select
        provider,
        resource_id,
        memory_mb,
        quantile_disc(cast(quantity * 1000000 as hugeint) * 1000 // cast(calls as hugeint), 0.5) as per_1000_calls
    from settings
    group by provider, resource_id, memory_mb
    qualify row_number() over (partition by provider, resource_id order by sum(calls) desc) = 1
)

select
    settings.resource_id as subject,
    settings.billing_period,
    'size' as cause,
    sum(
        cast(
            settings.quantity
            - cast(cast(settings.calls as hugeint) * usual.per_1000_calls // 1000 as decimal(30, 0)) * 0.000001
            as decimal(18, 6)
        ) * cast(settings.unit_price as decimal(18, 9))
    ) as amount,
    settings.billing_currency as currency
from settings
inner join usual on settings.provider = usual.provider and settings.resource_id = usual.resource_id
group by settings.resource_id, settings.billing_period, settings.billing_currency
having count(distinct settings.memory_mb) > 1
