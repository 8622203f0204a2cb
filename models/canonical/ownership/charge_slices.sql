select distinct
    charge_days.partition_version as charges_version,
    charge_days.charge_date,
    slices.slice_from
from {{ ref('charge_days') }}
inner join {{ ref('ownership_slices') }} as slices
    on charge_days.charge_date >= slices.slice_from and charge_days.charge_date < slices.slice_to
