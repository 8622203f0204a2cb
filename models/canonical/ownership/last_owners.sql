-- Who owned a resource last, and since when it has had charges without an owner.
with

owned as (
    select
        provider,
        resource_id,
        owner,
        last_date,
        sum(abs(billed_cost)) as owned_cost
    from {{ ref('resource_owners') }}
    where owner != 'unattributed' and resource_id is not null
    group by provider, resource_id, owner, last_date
),

last_owned as (
    select
        provider,
        resource_id,
        owner,
        last_date
    from owned
    qualify row_number() over (
        partition by provider, resource_id order by last_date desc, owned_cost desc, owner asc
    ) = 1
),

lost as (
    select
        last_owned.provider,
        last_owned.resource_id,
        min(greatest(unowned.first_date, last_owned.last_date + 1)) as lost_tags_at
    from last_owned
    inner join {{ ref('resource_owners') }} as unowned
        on
            last_owned.provider = unowned.provider
            and last_owned.resource_id = unowned.resource_id
            and last_owned.last_date < unowned.last_date
    where unowned.owner = 'unattributed'
    group by last_owned.provider, last_owned.resource_id
)

select
    last_owned.provider,
    last_owned.resource_id,
    last_owned.owner as last_known_owner,
    last_owned.last_date as last_owned_at,
    lost.lost_tags_at
from last_owned
left join lost on last_owned.provider = lost.provider and last_owned.resource_id = lost.resource_id
