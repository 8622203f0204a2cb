-- What a contract may draw on: credit paid in advance first, then grants by their priority.
-- a row repeated word for word is one row
with

credits as (
    select distinct * exclude (file_id, file_row)
    from {{ ref('stg_credits__credits') }}
)

select
    contract_id,
    'prepaid' as credit_id,
    -1 as priority,
    max(prepaid_credit_amount) as amount,
    '*' as skus,
    cast(min(effective_from) as timestamp) as granted_at,
    timestamp '9999-12-31' as expires_at
from {{ ref('contract_versions') }}
where prepaid_credit_amount > 0
group by contract_id
union all
select
    contract_id,
    credit_id,
    coalesce(priority, 0) as priority,
    amount,
    coalesce(skus, '*') as skus,
    granted_at,
    coalesce(expires_at, timestamp '9999-12-31') as expires_at
from credits
