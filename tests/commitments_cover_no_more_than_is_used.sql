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
    used.usage_id,
    used.quantity,
    covered.quantity as covered_quantity
from covered
inner join {{ ref('committable_usage') }} as used on covered.charge_id = used.usage_id
where covered.quantity > used.quantity
