-- Guards against usage that two commitments cover, or one beyond its quantity.
with

covered as (
    select
        charge_id,
        sum(covered_quantity) as quantity
    from {{ ref('committed_usage') }}
    group by charge_id
)

select
    usage.usage_id,
    usage.quantity,
    covered.quantity as covered_quantity
from covered
inner join {{ ref('committable_usage') }} as usage on covered.charge_id = usage.usage_id
where covered.quantity > usage.quantity
