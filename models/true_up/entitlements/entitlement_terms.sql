-- Entitlements with the accounts that they are for and the clock of their contract.
with

metered as (
    select
        meter_id,
        account_id,
        min(usage_start) as first_used_at
    from {{ ref('usage') }}
    where meter_id is not null and account_id is not null
    group by meter_id, account_id
),

contracts as (
    select
        contract_id,
        max_by(direction, effective_from) as direction,
        max_by(currency, effective_from) as currency,
        max_by(time_zone, effective_from) as time_zone,
        case max_by(period_anchor, effective_from)
            when 'contract_start' then min(effective_from)
            else date '0001-01-01'
        end as period_anchor,
        string_split(string_agg(account_patterns, ';'), ';') as account_patterns
    from {{ ref('contract_versions') }}
    group by contract_id
),

meter_starts as (
    select
        meter_id,
        min(first_used_at) as first_used_at
    from metered
    group by meter_id
)

select
    entitlements.* exclude (account_id),
    entitlements.account_id as stated_account_id,
    coalesce(entitlements.account_id, metered.account_id) as account_id,
    contracts.direction,
    contracts.currency,
    contracts.time_zone,
    contracts.period_anchor,
    cast({{ local_of_utc('meter_starts.first_used_at', 'contracts.time_zone') }} as date) as metered_from
from {{ ref('entitlement_versions') }} as entitlements
inner join contracts on entitlements.contract_id = contracts.contract_id
-- before a meter says anything nobody can tell what is used
inner join meter_starts on entitlements.meter_id = meter_starts.meter_id
left join metered
    on
        entitlements.account_id is null
        and entitlements.meter_id = metered.meter_id
        and len(list_filter(contracts.account_patterns, pattern -> metered.account_id glob pattern)) > 0
where coalesce(entitlements.account_id, metered.account_id) is not null
