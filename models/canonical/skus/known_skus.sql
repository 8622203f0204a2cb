-- A name that an alias explains counts as the SKU's first name; one that looks like a renaming is proposed only: it
-- explains a difference, and prices nothing.
select
    source,
    sku_id,
    canonical_sku_id as known_sku_id,
    valid_from,
    valid_to,
    true as is_resolved
from {{ ref('sku_roots') }}
union all
select
    candidates.source,
    candidates.new_sku_id as sku_id,
    coalesce(roots.canonical_sku_id, candidates.old_sku_id) as known_sku_id,
    candidates.valid_from,
    date '9999-12-31' as valid_to,
    false as is_resolved
from {{ ref('sku_rename_candidates') }} as candidates
left join {{ ref('sku_roots') }} as roots
    on candidates.source = roots.source and candidates.old_sku_id = roots.sku_id
where candidates.status = 'proposed'
-- of several that it may have been called before, none is known
qualify count(distinct candidates.old_sku_id) over (partition by candidates.source, candidates.new_sku_id) = 1
