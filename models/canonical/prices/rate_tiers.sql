with

tiers as (
    -- a row repeated word for word is one row
    select distinct * exclude (file_id, file_row)
    from {{ ref('stg_rate_cards__tiers') }}
    union all by name
    select * from {{ ref('list_tiers') }}
)

select
    * exclude (version) replace (
        coalesce(aggregation_scope, 'account') as aggregation_scope,
        coalesce(reset, 'month') as reset,
        coalesce(flat_fee_when, 'reached') as flat_fee_when,
        coalesce(proration, 'none') as proration,
        coalesce(effective_from, date '0001-01-01') as effective_from,
        coalesce(effective_to, date '9999-12-31') as effective_to
    ),
    version as rate_version
from tiers
