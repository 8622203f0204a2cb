-- Own metered usage of accounts that a contract bills, on the contract's clock.
with

metered as (
    select *
    from {{ ref('usage') }}
    where account_id is not null and {{ is_narrowed('inputs', 'partition_version') }}
)

select
    metered.usage_id,
    metered.meter_id,
    meters.aggregation,
    meters.aggregation_window,
    contracts.direction,
    contracts.counterparty,
    contracts.contract_id,
    contracts.contract_version,
    contracts.currency,
    contracts.time_zone,
    contracts.period_anchor,
    contracts.effective_from as contract_from,
    metered.account_id,
    json_extract_string(metered.dimensions, '$.resource') as resource_id,
    metered.sku_id,
    metered.unit,
    metered.quantity,
    metered.measured_value,
    metered.usage_start as used_at,
    {{ local_of_utc('metered.usage_start', 'contracts.time_zone') }} as local_at,
    metered.file_id,
    metered.file_row
from metered
inner join {{ ref('meters') }} as meters on metered.meter_id = meters.meter_id
inner join {{ ref('account_contracts') }} as contracts
    on
        contracts.direction != 'payable'
        and metered.account_id = contracts.account_id
        and {{ local_of_utc('metered.usage_start', 'contracts.time_zone') }} >= contracts.effective_from
        and {{ local_of_utc('metered.usage_start', 'contracts.time_zone') }} < contracts.effective_to
where meters.meter_role = 'primary'
-- contracts that both bill an account are a fault of the input; the first by id prices it
qualify row_number() over (
    partition by metered.usage_id, contracts.direction
    order by contracts.contract_id
) = 1
