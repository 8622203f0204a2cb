select * from {{ ref('unit_costs') }}
