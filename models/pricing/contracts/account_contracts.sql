{{ config(materialized='table') }}

-- Patterns are matched once for each account, not for each row of its usage.
with

accounts as (
    select distinct
        'payable' as side,
        provider as counterparty,
        billing_account_id,
        account_id
    from {{ ref('charge_accounts') }}
    union all
    select distinct
        'own' as side,
        cast(null as varchar) as counterparty,
        account_id as billing_account_id,
        account_id
    from {{ ref('usage') }}
    where account_id is not null
    union all
    -- customers that a contract names owe its fees even without usage
    select distinct
        'own' as side,
        cast(null as varchar) as counterparty,
        account_id as billing_account_id,
        account_id
    from (
        select unnest(string_split(account_patterns, ';')) as account_id
        from {{ ref('contract_versions') }}
        where direction != 'payable'
    )
    where not regexp_matches(account_id, '[*?\[]')
),

contracts as (
    select
        *,
        unnest(string_split(account_patterns, ';')) as account_pattern
    from {{ ref('contract_versions') }}
)

select distinct
    contracts.direction,
    accounts.counterparty as provider,
    accounts.billing_account_id,
    accounts.account_id,
    contracts.contract_id,
    contracts.contract_version,
    contracts.counterparty,
    contracts.currency,
    contracts.time_zone,
    case contracts.period_anchor
        when 'contract_start' then min(contracts.effective_from) over (partition by contracts.contract_id)
        else date '0001-01-01'
    end as period_anchor,
    cast(contracts.effective_from as timestamp) as effective_from,
    cast(contracts.effective_to as timestamp) as effective_to
from accounts
inner join contracts
    on
        (accounts.side = 'payable') = (contracts.direction = 'payable')
        and (accounts.side = 'own' or accounts.counterparty = contracts.counterparty)
        and (
            accounts.billing_account_id glob contracts.account_pattern
            or accounts.account_id glob contracts.account_pattern
        )
