-- A level goes on from window to window, whether it changes or not: each begins with what the changes before come to.
with

changes as (
    select * from {{ ref('contracted_usage') }}
    where aggregation = 'weighted_sum'
),

meters as (
    select distinct
        meter_id,
        aggregation,
        aggregation_window,
        direction,
        contract_id,
        account_id,
        sku_id,
        unit
    from changes
),

windows as (
    select
        meters.*,
        {{ moments(
            'cast(months.billing_period as timestamp)',
            "months.billing_period + interval 1 month - interval 1 microsecond",
            meter_window_length('meters.aggregation_window')
        ) }} as window_from
    from meters
    cross join {{ ref('pricing_partitions') }} as months
    where months.direction = 'receivable' and {{ is_narrowed('partitions', 'months.partition_version') }}
),

levels as (
    select
        windows.direction,
        windows.contract_id,
        windows.account_id,
        windows.meter_id,
        windows.window_from,
        any_value(windows.aggregation) as aggregation,
        any_value(windows.aggregation_window) as aggregation_window,
        any_value(windows.sku_id) as sku_id,
        any_value(windows.unit) as unit,
        cast(sum(changes.quantity) as {{ decimal_type() }}) as quantity
    from windows
    inner join changes
        on
            windows.direction = changes.direction
            and windows.contract_id = changes.contract_id
            and windows.account_id = changes.account_id
            and windows.meter_id = changes.meter_id
            and windows.window_from > changes.local_at
    group by
        windows.direction, windows.contract_id, windows.account_id, windows.meter_id, windows.window_from
    having sum(changes.quantity) != 0
)

select
    levels.*,
    contracts.counterparty,
    contracts.contract_version,
    contracts.currency,
    contracts.time_zone,
    contracts.period_anchor,
    contracts.effective_from as contract_from
from levels
inner join {{ ref('account_contracts') }} as contracts
    on
        levels.direction = contracts.direction
        and levels.contract_id = contracts.contract_id
        and levels.account_id = contracts.account_id
        and levels.window_from >= contracts.effective_from
        and levels.window_from < contracts.effective_to
where levels.window_from <= {{ as_of() }}
