with

credits as (
    -- a row repeated word for word is one row
    select distinct * exclude (file_id, file_row)
    from {{ ref('stg_credits__credits') }}
)

select
    contract_id,
    currency,
    cast(date_trunc('month', granted_at) as date) as granted_month,
    cast(sum(amount) as {{ decimal_type() }}) as amount
from credits
group by contract_id, currency, cast(date_trunc('month', granted_at) as date)
