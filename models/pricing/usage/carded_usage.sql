-- Usage to be priced: the card and version that are valid at its time, and whose usage fills tiers with it.
with

usage as (
    select * from {{ ref('contracted_charges') }}
    union all by name
    select * from {{ ref('metered_usage') }}
),

carded as (
    select
        usage.* replace (coalesce(prices.rate_card_id, usage.rate_card_id) as rate_card_id),
        coalesce(prices.contract_discount, 0) as contract_discount,
        case when usage.contract_id is null then 'price_list' else 'contract' end as price_source
    from usage
    left join {{ ref('contract_prices') }} as prices
        on
            usage.contract_id = prices.contract_id
            and usage.contract_version = prices.contract_version
            and usage.sku_id = prices.sku_id
),

versioned as (
    select
        carded.*,
        versions.effective_from as rate_effective_from,
        case when carded.local_at < versions.effective_to then versions.rate_version end as rate_version,
        versions.aggregation_scope,
        versions.reset,
        case
            when versions.reset = 'day' or carded.direction != 'payable' then cast(carded.local_at as date)
            -- the provider decides which month its usage belongs to
            else carded.billing_period
        end as window_day
    from carded
    asof left join {{ ref('rate_versions') }} as versions
        on
            carded.rate_card_id = versions.rate_card_id
            and carded.sku_id = versions.sku_id
            and carded.local_at >= versions.effective_from
)

select
    versioned.*,
    partitions.partition_version,
    coalesce(versioned.contract_id, versioned.rate_card_id) as priced_by,
    case versioned.aggregation_scope
        when 'contract' then ''
        when 'resource' then concat_ws('|', versioned.billing_account_id, versioned.resource_id)
        else versioned.billing_account_id
    end as scope_id,
    {{ reset_window('versioned.reset', 'versioned.window_day', 'versioned.period_anchor') }} as window_start
from versioned
inner join {{ ref('pricing_partitions') }} as partitions on versioned.partition_id = partitions.partition_id
