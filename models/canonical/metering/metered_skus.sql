-- What an authoritative meter counts is not asked of another one; of several units nobody could tell which counts.
with

meters as (
    select
        account_id,
        sku_id,
        is_authoritative,
        min(unit) as unit,
        bool_and(agent_resource is not null) as has_resource
    from {{ ref('metered_resources') }}
    group by account_id, sku_id, is_authoritative
    having count(distinct unit) = 1
)

select *
from meters
qualify row_number() over (partition by account_id, sku_id order by is_authoritative desc) = 1
