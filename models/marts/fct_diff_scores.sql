{{ config(
    materialized='view',
    pre_hook="set search_path = '{{ this.database }}.{{ this.schema }}'",
    post_hook="reset search_path",
) }}

-- depends_on: {{ ref('fct_reconciliation_diffs') }}
-- How odd a difference is among those of its SKU: its distance from the middle one, over the middle distance. Where
-- most do not differ at all, the tolerance stands in for that. Without a database name, as every view of a release.
with

centred as (
    select
        *,
        {{ quantile_of('variance_amount') }} over sku as usual_variance,
        count(*) over sku - 1 as other_diffs
    from fct_reconciliation_diffs
    window sku as (partition by direction, counterparty, sku_id, charge_kind, currency)
),

spread as (
    select
        *,
        abs(variance_amount - usual_variance) as distance,
        {{ quantile_of('abs(variance_amount - usual_variance)') }} over (
            partition by direction, counterparty, sku_id, charge_kind, currency
        ) as usual_distance
    from centred
)

select
    diff_id,
    direction,
    counterparty,
    account_id,
    sku_id,
    billing_period,
    usage_date,
    cause,
    status,
    variance_amount,
    usual_variance,
    usual_distance,
    other_diffs,
    {{ exact_ratio('distance', 'greatest(usual_distance, tolerance_amount)') }} as score,
    case
        when other_diffs = 0 then 'the only difference of its SKU'
        when usual_distance = 0 then 'most of ' || other_diffs || ' others of its SKU do not differ from each other'
        else 'half of ' || other_diffs || ' others of its SKU lie within ' || usual_distance || ' of their middle'
    end as reason,
    currency
from spread
where distance > tolerance_amount
