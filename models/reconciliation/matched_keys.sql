{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('reconciliation_partitions')) }}",
        "{{ narrow(
            'partitions', 'partition_version', ref('reconciliation_partitions'), ref('reconciliation_partitions')
        ) }}",
    ],
    post_hook="reset variable narrowed_partitions",
) }}

-- Full outer: a key of either side stays, with zero on the side that has nothing.
with

billed as (
    select * from {{ ref('billed_by_key') }}
),

expected as (
    select * from {{ ref('expected_by_key') }}
)

select
    coalesce(billed.partition_id, expected.partition_id) as partition_id,
    coalesce(billed.partition_version, expected.partition_version) as partition_version,
    coalesce(billed.direction, expected.direction) as direction,
    coalesce(billed.counterparty, expected.counterparty) as counterparty,
    coalesce(billed.billing_period, expected.billing_period) as billing_period,
    coalesce(billed.account_id, expected.account_id) as account_id,
    coalesce(billed.sku_id, expected.sku_id) as sku_id,
    coalesce(billed.charge_kind, expected.charge_kind) as charge_kind,
    coalesce(billed.usage_date, expected.usage_date) as usage_date,
    coalesce(billed.unit, expected.unit) as unit,
    coalesce(billed.currency, expected.currency) as currency,
    billed.invoice_id,
    expected.contract_id,
    expected.price_source,
    coalesce(expected.assurance, 'none') as assurance,
    expected.unpriced_reason,
    coalesce(billed.billed_rows, 0) as billed_rows,
    coalesce(expected.expected_rows, 0) as expected_rows,
    coalesce(expected.unpriced_rows, 0) as unpriced_rows,
    billed.billed_quantity,
    expected.expected_quantity,
    coalesce(billed.billed_amount, 0) as billed_amount,
    coalesce(expected.expected_amount, 0) as expected_amount,
    coalesce(expected.stated_amount, 0) as stated_amount
from billed
full outer join expected
    on
        billed.direction = expected.direction
        and billed.counterparty = expected.counterparty
        and billed.billing_period = expected.billing_period
        and billed.account_id = expected.account_id
        and billed.charge_kind = expected.charge_kind
        and billed.currency = expected.currency
        and billed.sku_id is not distinct from expected.sku_id
        and billed.usage_date is not distinct from expected.usage_date
        and billed.unit is not distinct from expected.unit
