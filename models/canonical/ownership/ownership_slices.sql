-- Between two neighbouring boundaries no rule or alias starts or ends.
with

boundaries as (
    select valid_from as boundary from {{ ref('owner_rules') }}
    union
    select valid_to as boundary from {{ ref('owner_rules') }}
    union
    select valid_from as boundary from {{ ref('tag_aliases') }}
    union
    select valid_to as boundary from {{ ref('tag_aliases') }}
    union
    select valid_from as boundary from {{ ref('tag_value_aliases') }}
    union
    select valid_to as boundary from {{ ref('tag_value_aliases') }}
    union
    select date '0001-01-01' as boundary
)

select
    boundary as slice_from,
    coalesce(lead(boundary) over (order by boundary), date '9999-12-31') as slice_to
from boundaries
where boundary is not null
