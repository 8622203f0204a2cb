-- What does each storage tier cost, with what is fetched back from it, and what did it save to move data there?
with

charges as (
    select
        *,
        coalesce(sub_account_id, billing_account_id) as account_id,
        coalesce(sku_meter, charge_description) as meter
    from {{ ref('fct_charges') }}
    where charge_category = 'Usage'
),

kept as (
    select
        billing_period,
        provider,
        billing_currency,
        account_id,
        resource_id,
        meter as tier,
        pricing_unit as unit,
        sum(pricing_quantity) as quantity,
        sum(effective_cost) as effective_cost
    from charges
    where {{ is_stored('pricing_unit', "coalesce(meter, '')") }} and not {{ is_retrieved('meter') }}
    group by all
),

-- what is fetched from a resource is from the cheapest tier that it has data in
coldest as (
    select * from kept
    where resource_id is not null
    qualify row_number() over (
        partition by billing_period, provider, billing_currency, account_id, resource_id
        order by {{ exact_ratio('1000000 * effective_cost', 'quantity') }}, tier
    ) = 1
),

retrievals as (
    select
        coldest.billing_period,
        coldest.provider,
        coldest.billing_currency,
        coldest.account_id,
        coldest.tier,
        coldest.unit,
        sum(charges.effective_cost) as retrieval_cost
    from charges
    inner join coldest
        on
            charges.billing_period = coldest.billing_period
            and charges.provider = coldest.provider
            and charges.billing_currency = coldest.billing_currency
            and charges.account_id = coldest.account_id
            and charges.resource_id = coldest.resource_id
    where {{ is_retrieved('charges.meter') }}
    group by all
),

savings as (
    select
        billing_period,
        provider,
        billing_currency,
        account_id,
        to_tier as tier,
        unit,
        sum(saving) as saving
    from {{ ref('fct_storage_moves') }}
    group by all
),

tiers as (
    select
        billing_period,
        provider,
        billing_currency,
        account_id,
        tier,
        unit,
        count(distinct resource_id) as resource_count,
        sum(quantity) as quantity,
        sum(effective_cost) as storage_cost
    from kept
    group by all
),

costs as (
    select
        tiers.*,
        coalesce(retrievals.retrieval_cost, 0) as retrieval_cost,
        tiers.storage_cost + coalesce(retrievals.retrieval_cost, 0) as effective_cost,
        savings.saving
    from tiers
    left join retrievals
        on
            tiers.billing_period = retrievals.billing_period
            and tiers.provider = retrievals.provider
            and tiers.billing_currency = retrievals.billing_currency
            and tiers.account_id = retrievals.account_id
            and tiers.tier is not distinct from retrievals.tier
            and tiers.unit = retrievals.unit
    left join savings
        on
            tiers.billing_period = savings.billing_period
            and tiers.provider = savings.provider
            and tiers.billing_currency = savings.billing_currency
            and tiers.account_id = savings.account_id
            and tiers.tier is not distinct from savings.tier
            and tiers.unit = savings.unit
)

select
    *,
    {{ exact_ratio('1000 * effective_cost', 'quantity') }} as cost_per_1000_units
from costs
order by billing_period asc, effective_cost desc, account_id asc, tier asc
