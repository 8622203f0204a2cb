{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('reconciliation_partitions')) }}",
        "{{ narrow(
            'months', 'partition_version', ref('reconciliation_partitions'), ref('reconciliation_partitions')
        ) }}",
    ],
    post_hook="reset variable narrowed_months",
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
    coalesce(billed.diff_id, expected.diff_id) as diff_id,
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
    coalesce(billed.resource_id, expected.resource_id) as resource_id,
    coalesce(billed.currency, expected.currency) as currency,
    billed.invoice_id,
    expected.contract_id,
    expected.price_source,
    coalesce(expected.assurance, 'none') as assurance,
    expected.unpriced_reason,
    coalesce(billed.billed_rows, 0) as billed_rows,
    coalesce(expected.expected_rows, 0) as expected_rows,
    coalesce(expected.unpriced_rows, 0) as unpriced_rows,
    coalesce(expected.unknown_rows, 0) as unknown_rows,
    coalesce(expected.used_rows, 0) as used_rows,
    billed.billed_quantity,
    expected.expected_quantity,
    coalesce(billed.billed_amount, 0) as billed_amount,
    coalesce(billed.surplus_amount, 0) as surplus_amount,
    coalesce(expected.expected_amount, 0) as expected_amount,
    coalesce(expected.stated_amount, 0) as stated_amount,
    {%- for cause in ['duplicate', 'missing_usage', 'sku', 'quantity', 'unbilled'] %}
        coalesce(expected.{{ cause }}_step, 0) as {{ cause }}_step{% if not loop.last %},{% endif %}
    {%- endfor %}
from billed
full outer join expected on billed.diff_id = expected.diff_id
