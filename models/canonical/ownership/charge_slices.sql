select distinct
    charged.partition_version as charges_version,
    charged.charge_date,
    slices.slice_from
from {{ ref('charge_days') }} as charged
inner join {{ ref('ownership_slices') }} as slices
    on charged.charge_date >= slices.slice_from and charged.charge_date < slices.slice_to
