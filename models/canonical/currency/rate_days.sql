select distinct
    billing_currency as from_currency,
    '{{ var("reporting_currency") }}' as to_currency,
    charge_date as needed_on
from {{ ref('charge_days') }}
