-- What usage costs in the currency of its contract, with the proof, or why it has no price.
with

rated as (
    select
        *,
        list_sum(list_transform(tiers, tier -> tier.amount)) as tier_amount
    from {{ ref('rated_usage') }}
    where {{ is_narrowed('partitions', 'partition_version') }}
),

converted as (
    select
        rated.*,
        case when rated.card_currency = rated.currency then 1 else rates.rate end as fx_rate
    from rated
    left join {{ ref('rate_spans') }} as rates
        on
            rated.card_currency = rates.from_currency
            and rated.currency = rates.to_currency
            and rated.used_at >= rates.rate_date
            and rated.used_at < rates.next_rate_date
)

select
    * exclude (amount, unrounded_amount, tiers, tier_amount, unpriced_reason),
    case when unpriced_reason is null then {{ exact_product('amount', 'fx_rate') }} end as amount,
    case when unpriced_reason is null then {{ exact_product('coalesce(tier_amount, 0)', 'fx_rate') }} end
        as undiscounted_amount,
    case when len(tiers) > 0 then cast(to_json(tiers) as varchar) end as tier_detail,
    case
        when unpriced_reason = 'card_missing'
            then
                'rate card ' || coalesce(rate_card_id, '(none)') || ' has no price for SKU '
                || coalesce(sku_id, '(none)')
        when unpriced_reason = 'beyond_last_tier'
            then 'usage of SKU ' || sku_id || ' lies beyond the last tier of ' || rate_card_id
        when unpriced_reason is not null
            then
                'rate card ' || rate_card_id || ', version ' || rate_version || ', SKU ' || sku_id || ': '
                || unpriced_reason
        when fx_rate is null then 'no exchange rate from ' || card_currency || ' to ' || currency
    end as unpriced_reason
from converted
