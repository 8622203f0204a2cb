-- Rows that fill the tiers of entitled usage, each cut where its entitlements end, for the rating engine. A row is used
-- up from its covered part to what lies beyond the shortest period; one that gives back goes the other way.
with

charged as (
    select * from {{ ref('priced_usage') }}
    where direction != 'payable'
    union all by name
    select * from {{ ref('vendor_entitled_usage') }}
),

late as (
    select distinct priced_id from {{ ref('entitled_usage') }}
    where is_late
),

groups as (
    select distinct
        charged.contract_id,
        charged.scope_id,
        charged.sku_id,
        charged.window_start
    from charged
    inner join {{ ref('entitlement_overage') }} as overage on charged.priced_id = overage.priced_id
),

filling as (
    select
        charged.priced_id,
        charged.contract_id,
        charged.scope_id,
        charged.sku_id,
        charged.window_start,
        charged.rate_card_id,
        charged.rate_version,
        charged.rate_effective_from,
        charged.contract_discount,
        charged.currency as contract_currency,
        charged.quantity,
        charged.used_at
    from charged
    semi join groups
        on
            charged.contract_id = groups.contract_id
            and charged.scope_id is not distinct from groups.scope_id
            and charged.sku_id is not distinct from groups.sku_id
            and charged.window_start is not distinct from groups.window_start
    anti join late on charged.priced_id = late.priced_id
),

covered as (
    select
        priced_id,
        arg_min(position_id, (months, position_id)) as position_id,
        sum(overage_quantity) as overage_quantity
    from {{ ref('entitlement_overage') }}
    group by priced_id
)

select
    filling.* exclude (quantity),
    covered.position_id,
    false as is_overage,
    case when filling.quantity < 0 then 100 else 0 end as cut_no,
    cast(filling.quantity - coalesce(covered.overage_quantity, 0) as {{ decimal_type() }}) as quantity
from filling
left join covered on filling.priced_id = covered.priced_id
where filling.quantity != coalesce(covered.overage_quantity, 0) or covered.position_id is null
union all by name
select
    filling.* exclude (quantity),
    overage.position_id,
    true as is_overage,
    case when filling.quantity < 0 then overage.months else 100 - overage.months end as cut_no,
    overage.overage_quantity as quantity
from filling
inner join {{ ref('entitlement_overage') }} as overage on filling.priced_id = overage.priced_id
where overage.overage_quantity != 0
