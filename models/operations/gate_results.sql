select * from {{ ref('gate_staging') }}
union all
select * from {{ ref('gate_canonical') }}
union all
select * from {{ ref('gate_attribution') }}
union all
select * from {{ ref('gate_pricing') }}
union all
select * from {{ ref('gate_reconciliation') }}
union all
select * from {{ ref('gate_volume') }}
