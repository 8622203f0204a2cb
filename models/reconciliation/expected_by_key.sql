-- The expected side, on the same key. What our metering or a SKU's former name makes of the bill's own quantity is kept
-- apart by its cause.
{%- set causes = ['duplicate', 'missing_usage', 'sku', 'quantity', 'unbilled'] %}
with

expected as (
    select
        *,
        coalesce(amount_as_billed, expected_amount) - coalesce(expected_amount, 0) as quantity_step,
        case
            when not coalesce(is_surplus, false)
                then coalesce(contracted_amount, amount_as_billed, expected_amount)
        end as stated_as_billed
    from {{ ref('expected_rows') }}
)

select
    partitions.partition_version,
    expected.counterparty,
    expected.account_id,
    expected.match_sku_id as sku_id,
    expected.match_kind as charge_kind,
    expected.match_date as usage_date,
    expected.match_unit as unit,
    expected.match_resource_id as resource_id,
    expected.currency,
    min(expected.contract_id) as contract_id,
    -- a key is as sure as its weakest row
    case
        when bool_or(expected.price_source = 'export_list') then 'export_list'
        when bool_or(expected.price_source = 'price_list') then 'price_list'
        when bool_or(expected.price_source = 'contract') then 'contract'
    end as price_source,
    case
        when bool_or(expected.assurance = 'none') then 'none'
        when bool_or(expected.assurance = 'self_consistent') then 'self_consistent'
        when bool_or(expected.assurance = 'rate_checked') then 'rate_checked'
        else 'independent'
    end as assurance,
    min(expected.unpriced_reason) as unpriced_reason,
    count(*) as expected_rows,
    count(*) filter (where expected.expected_amount is null) as unpriced_rows,
    count(*) filter (where expected.expected_amount is null and expected.amount_as_billed is null) as unknown_rows,
    count(*) filter (where expected.quantity > 0 or expected.deviation = 'missing_usage') as used_rows,
    cast(sum(expected.quantity) as {{ decimal_type() }}) as expected_quantity,
    cast(coalesce(sum(expected.expected_amount), 0) as {{ decimal_type() }}) as expected_amount,
    -- what the provider's own stated rate gives; the amount by our own where it states none
    cast(coalesce(sum(expected.stated_as_billed), 0) as {{ decimal_type() }}) as stated_amount,
    {%- for cause in causes %}
        cast(
            coalesce(sum(expected.quantity_step) filter (where expected.deviation = '{{ cause }}'), 0)
            as {{ decimal_type() }}
        ) as {{ cause }}_step{% if not loop.last %},{% endif %}
    {%- endfor %}
from expected
inner join {{ ref('reconciliation_partitions') }} as partitions
    on expected.reconciliation_id = partitions.partition_id
where {{ is_narrowed('months', 'partitions.partition_version') }}
group by all
