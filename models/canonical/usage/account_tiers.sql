-- a row repeated word for word is one row
select distinct
    account_id,
    tier,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
from {{ ref('stg_accounts__accounts') }}
where tier is not null
