{{ config(materialized='table') }}

-- What is due for a month as a whole follows from all months before: its version is what it says.
with

dues as (
    select
        concat_ws('|', 'customer dues', billing_period) as partition_id,
        'receivable' as direction,
        billing_period,
        md5(concat_ws('|', getvariable('logic_version'), string_agg(
            concat_ws('|', expected_charge_id, contract_version, account_id, expected_amount, unpriced_reason), ','
            order by expected_charge_id
        ))) as partition_version
    from {{ ref('customer_dues') }}
    group by billing_period
)

select
    partition_id,
    direction,
    billing_period,
    partition_version
from {{ ref('pricing_partitions') }}
union all
select * from dues
