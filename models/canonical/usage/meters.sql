{{ config(materialized='table') }}

-- a row repeated word for word is one row
select distinct
    meter_id,
    event_type,
    aggregation,
    value_property,
    unit,
    sku_id,
    coalesce(dimensions, '') as dimensions,
    coalesce(aggregation_window, 'event') as aggregation_window,
    coalesce(authority, 'authoritative') as authority,
    coalesce(meter_role, 'primary') as meter_role
from {{ ref('stg_meters__meters') }}
