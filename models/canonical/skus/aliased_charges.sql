select
    charges.*,
    cast(charges.charge_period_start as date) as charge_date,
    coalesce(roots.canonical_sku_id, charges.sku_id) as canonical_sku_id,
    -- short and exact stand-in for the text, to join by
    cast(md5(nullif(charges.tags, '{}')) as uuid) as tag_set
from {{ ref('charges') }} as charges
left join {{ ref('sku_roots') }} as roots
    on
        charges.source = roots.source
        and charges.sku_id = roots.sku_id
        and charges.charge_period_start >= roots.valid_from
        and charges.charge_period_start < roots.valid_to
