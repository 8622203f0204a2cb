with

months as (
    select
        provider,
        billing_currency,
        account_id,
        resource_id,
        sku_id,
        tier,
        billing_period,
        sum(quantity) as quantity,
        sum(effective_cost) as effective_cost
    from {{ ref('storage_days') }}
    where is_stored
    group by all
),

retrievals as (
    select
        provider,
        billing_currency,
        account_id,
        resource_id,
        billing_period,
        sum(effective_cost) as effective_cost
    from {{ ref('storage_days') }}
    where not is_stored
    group by all
),

-- fees for a resource are told once: with what moved there last
moves as (
    select
        *,
        row_number() over (
            partition by provider, billing_currency, account_id, to_resource_id order by moved_on desc, move_id asc
        ) = 1 as has_retrievals
    from {{ ref('storage_moves') }}
),

costs as (
    select
        moves.*,
        kept.billing_period,
        cast(kept.quantity as {{ decimal_type() }}) as quantity,
        {{ prorated('left_over.effective_cost', 'kept.quantity', 'nullif(left_over.quantity, 0)') }} as former_cost,
        cast(kept.effective_cost as {{ decimal_type() }}) as storage_cost,
        cast(
            case when moves.has_retrievals then coalesce(retrievals.effective_cost, 0) else 0 end
            as {{ decimal_type() }}
        ) as retrieval_cost
    from moves
    inner join months as kept
        on
            moves.provider = kept.provider
            and moves.billing_currency = kept.billing_currency
            and moves.account_id = kept.account_id
            and moves.to_resource_id = kept.resource_id
            and moves.to_sku_id = kept.sku_id
            and moves.to_tier = kept.tier
    left join months as left_over
        on
            moves.provider = left_over.provider
            and moves.billing_currency = left_over.billing_currency
            and moves.account_id = left_over.account_id
            and moves.from_resource_id = left_over.resource_id
            and moves.from_sku_id = left_over.sku_id
            and moves.from_tier = left_over.tier
            and kept.billing_period = left_over.billing_period
    left join retrievals
        on
            moves.provider = retrievals.provider
            and moves.billing_currency = retrievals.billing_currency
            and moves.account_id = retrievals.account_id
            and moves.to_resource_id = retrievals.resource_id
            and kept.billing_period = retrievals.billing_period
)

select
    * exclude (has_retrievals),
    cast(former_cost - storage_cost - retrieval_cost as {{ decimal_type() }}) as saving
from costs
