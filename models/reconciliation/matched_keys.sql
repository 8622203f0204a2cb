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

-- Full outer: a key of either side stays, with zero on the side that has nothing. Only now the key gets its id, once.
{%- set causes = ['duplicate', 'missing_usage', 'sku', 'quantity', 'unbilled'] %}
with

sides as (
    select
        partitions.partition_id,
        partitions.partition_version,
        partitions.direction,
        partitions.billing_period,
        coalesce(billed.counterparty, expected.counterparty) as counterparty,
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
        {%- for cause in causes %}
            coalesce(expected.{{ cause }}_step, 0) as {{ cause }}_step{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('billed_by_key') }} as billed
    full outer join {{ ref('expected_by_key') }} as expected
        on
            billed.partition_version = expected.partition_version
            and billed.counterparty = expected.counterparty
            and billed.account_id is not distinct from expected.account_id
            and billed.sku_id is not distinct from expected.sku_id
            and billed.charge_kind = expected.charge_kind
            and billed.usage_date is not distinct from expected.usage_date
            and billed.unit is not distinct from expected.unit
            and billed.resource_id is not distinct from expected.resource_id
            and billed.currency = expected.currency
    inner join {{ ref('reconciliation_partitions') }} as partitions
        on coalesce(billed.partition_version, expected.partition_version) = partitions.partition_version
)

select
    {{ diff_id('charge_kind', 'sku_id', 'usage_date', 'unit', 'resource_id') }} as diff_id,
    *,
    -- most keys agree in everything, and nothing of them needs to be worked out
    coalesce(
        billed_rows > 0 and used_rows > 0 and billed_amount = expected_amount and surplus_amount = 0
        and (direction = 'payable' or billed_quantity = expected_quantity)
        {%- for cause in causes %}
            and {{ cause }}_step = 0
        {%- endfor %}, false
    ) as is_agreed
from sides
