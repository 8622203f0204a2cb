{{ config(materialized='view') }}

with

meters as (
    select distinct
        pricing_unit as unit,
        coalesce(sku_meter, charge_description) as meter
    from {{ ref('charges') }}
    where charge_category = 'Usage' and resource_id is not null
),

kinds as (
    select
        *,
        {{ is_stored('unit', "coalesce(meter, '')") }} as is_of_storage,
        {{ is_retrieved('meter') }} as is_retrieval
    from meters
)

select
    unit,
    meter,
    not is_retrieval as is_stored
from kinds
where is_of_storage or is_retrieval
