select distinct
    days.partition_version as charges_version,
    days.charge_date,
    slices.slice_from
from {{ ref('charge_days') }} as days
inner join {{ ref('ownership_slices') }} as slices
    on days.charge_date >= slices.slice_from and days.charge_date < slices.slice_to
