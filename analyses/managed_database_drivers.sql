-- What drives the cost of managed databases: machines, storage, requests, backup, transfer or licences, and what grew?
with

charges as (
    select
        *,
        concat_ws(' ', consumed_unit, sku_meter, charge_description) as meter
    from {{ ref('fct_charges') }}
    where charge_category = 'Usage' and service_category = 'Databases'
),

-- the first that a meter speaks of: backup storage is backup, a licence by the hour a licence
driven as (
    select
        *,
        case
            when regexp_matches(meter, '(?i)backup|snapshot') then 'backup'
            when regexp_matches(meter, '(?i)licen[cs]e|extended support|defender') then 'licence'
            when regexp_matches(meter, '(?i)transfer|-bytes|bandwidth') then 'transfer'
            when regexp_matches(meter, '(?i)request|\bios\b|iops|i/o') then 'requests'
            when regexp_matches(meter, '(?i)storage|gb[- /]?mo') then 'storage'
            when regexp_matches(meter, '(?i)hour|\bhrs\b|vcore|dtu|node|compute|capacity') then 'machines'
            else 'other'
        end as driver
    from charges
),

drivers as (
    select
        billing_period,
        provider,
        billing_currency,
        sub_account_id,
        service_name,
        driver,
        count(distinct resource_id) as resource_count,
        sum(effective_cost) as effective_cost
    from driven
    group by billing_period, provider, billing_currency, sub_account_id, service_name, driver
),

compared as (
    select
        *,
        sum(effective_cost) over (
            partition by billing_period, provider, billing_currency, sub_account_id, service_name
        ) as service_cost,
        sum(effective_cost) over (
            partition by provider, billing_currency, sub_account_id, service_name, driver
            order by billing_period range between interval 1 month preceding and interval 1 month preceding
        ) as previous_cost
    from drivers
)

select
    billing_period,
    provider,
    billing_currency,
    sub_account_id,
    service_name,
    driver,
    resource_count,
    effective_cost,
    round({{ exact_ratio('100 * effective_cost', 'service_cost') }}, 2) as share_percent,
    previous_cost,
    effective_cost - previous_cost as growth
from compared
order by billing_period asc, effective_cost desc, sub_account_id asc, service_name asc, driver asc
