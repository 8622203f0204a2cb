-- Own usage that a contract bills and a meter adds up: each of these needs a price.
select distinct
    events.usage_id,
    contracts.direction,
    concat_ws('|', 'own usage', cast(date_trunc('month', {{ local_of_utc(
        'events.usage_start', 'contracts.time_zone'
    ) }}) as date)) as partition_id
from {{ ref('usage') }} as events
inner join {{ ref('meters') }} as meters on events.meter_id = meters.meter_id
inner join {{ ref('account_contracts') }} as contracts
    on
        contracts.direction != 'payable'
        and events.account_id = contracts.account_id
        and {{ local_of_utc('events.usage_start', 'contracts.time_zone') }} >= contracts.effective_from
        and {{ local_of_utc('events.usage_start', 'contracts.time_zone') }} < contracts.effective_to
where
    meters.aggregation in ('sum', 'count')
    and meters.meter_role = 'primary'
    and {{ is_narrowed('inputs', 'events.partition_version') }}
