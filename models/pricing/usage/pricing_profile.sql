{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('pricing_partitions')) }}",
        "{{ narrow('inputs', 'input_version', ref('pricing_inputs'), ref('pricing_partitions')) }}",
    ],
    post_hook="reset variable narrowed_inputs",
) }}

with

rated as (
    select
        *,
        list_sum(list_transform(tiers, tier -> tier.amount)) as tier_amount,
        list_sum(list_transform(tiers, tier -> tier.quantity)) as tier_quantity
    from {{ ref('rated_usage') }}
    where {{ is_changed_partition(ref('pricing_partitions')) }}
),

left_out as (
    select
        billable.partition_id,
        count(*) as row_count
    from {{ ref('billable_usage') }} as billable
    anti join rated on billable.usage_id = rated.usage_id and billable.direction = rated.direction
    group by billable.partition_id
),

highest as (
    select
        rate_card_id,
        rate_version,
        sku_id,
        max(abs(unit_price)) as unit_price
    from {{ ref('rate_tiers') }}
    where model in ('standard', 'graduated')
    group by rate_card_id, rate_version, sku_id
    having bool_and(coalesce(flat_fee, 0) = 0 and unit_divisor is null)
),

judged as (
    select
        rated.*,
        highest.unit_price as highest_price,
        versions.maximum_amount,
        rated.rate_version is not null and (
            rated.local_at < versions.effective_from or rated.local_at >= versions.effective_to
        ) as is_out_of_version
    from rated
    left join highest
        on
            rated.rate_card_id = highest.rate_card_id
            and rated.rate_version = highest.rate_version
            and rated.sku_id = highest.sku_id
    left join {{ ref('rate_versions') }} as versions
        on
            rated.rate_card_id = versions.rate_card_id
            and rated.rate_version = versions.rate_version
            and rated.sku_id = versions.sku_id
            and rated.rate_effective_from = versions.effective_from
)

select
    judged.partition_id,
    judged.partition_version,
    count(*) as row_count,
    count(*) - count(distinct concat_ws('|', judged.priced_id, judged.is_as_billed)) as rows_priced_twice,
    max(coalesce(left_out.row_count, 0)) as usage_left_out,
    count(*) filter (where judged.amount is null and judged.unpriced_reason is null) as rows_without_reason,
    count(*) filter (where judged.unpriced_reason is not null) as rows_unpriced,
    count(*) filter (where judged.is_out_of_version) as rows_out_of_version,
    count(*) filter (
        where abs(judged.tier_amount) > {{ exact_product('abs(judged.tier_quantity)', 'judged.highest_price') }}
        or judged.amount > judged.maximum_amount
    ) as rows_out_of_bounds
from judged
left join left_out on judged.partition_id = left_out.partition_id
group by judged.partition_id, judged.partition_version
