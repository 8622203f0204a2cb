-- Each name of a SKU leads back to the name it had first; a chain of renamings is followed to its start.
with recursive

aliases as (
    select distinct
        source,
        old_sku_id,
        new_sku_id,
        valid_from
    from {{ ref('stg_sku_aliases__aliases') }}
),

ancestors as (
    select
        source,
        new_sku_id as sku_id,
        valid_from,
        old_sku_id as ancestor_sku_id
    from aliases
    union
    select
        ancestors.source,
        ancestors.sku_id,
        ancestors.valid_from,
        aliases.old_sku_id as ancestor_sku_id
    from ancestors
    inner join aliases
        on ancestors.source = aliases.source and ancestors.ancestor_sku_id = aliases.new_sku_id
)

select
    ancestors.source,
    ancestors.sku_id,
    ancestors.ancestor_sku_id as canonical_sku_id,
    ancestors.valid_from,
    coalesce(
        lead(ancestors.valid_from) over (
            partition by ancestors.source, ancestors.sku_id
            order by ancestors.valid_from, ancestors.ancestor_sku_id
        ), date '9999-12-31'
    ) as valid_to
from ancestors
anti join aliases
    on ancestors.source = aliases.source and ancestors.ancestor_sku_id = aliases.new_sku_id
