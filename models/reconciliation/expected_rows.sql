-- What is expected, row by row, with the key that it is matched by: that of its charge, or of the customer's invoice.
with

due as (
    select
        dues.*,
        tiered.sku_id is not null as is_tiered
    from {{ ref('due_charges') }} as dues
    left join {{ ref('tiered_skus') }} as tiered on dues.sku_id = tiered.sku_id
),

keyed as (
    select
        * exclude (is_tiered),
        concat_ws('|', direction, case when direction = 'payable' then counterparty end, billing_period)
            as reconciliation_id,
        case when direction = 'payable' then charge_kind else {{ invoice_kind('charge_kind') }} end as match_kind,
        case when direction = 'payable' or {{ invoice_kind('charge_kind') }} = 'usage' then sku_id end as match_sku_id,
        case when direction = 'payable' then {{ usage_date('charge_kind', 'charge_period_start') }} end
            as match_date,
        case when direction = 'payable' then unit end as match_unit,
        case when direction = 'payable' and not is_tiered then resource_id end as match_resource_id
    from due
)

select
    *,
    {{ diff_id('match_kind', 'match_sku_id', 'match_date', 'match_unit', 'match_resource_id') }} as diff_id
from keyed
