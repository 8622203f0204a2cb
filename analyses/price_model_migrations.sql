-- What did a SKU cost before it moved to another price model, and what is expected against billed since?
with

models as (
    select distinct
        rate_card_id,
        rate_version,
        sku_id,
        model as price_model
    from {{ ref('fct_rate_tiers') }}
),

priced as (
    select
        expected.*,
        models.price_model
    from {{ ref('fct_expected_charges') }} as expected
    inner join models
        on
            expected.rate_card_id = models.rate_card_id
            and expected.rate_version = models.rate_version
            and expected.sku_id = models.sku_id
    where expected.direction = 'payable' and expected.charge_kind = 'usage'
),

rates as (
    select
        contract_id,
        sku_id,
        currency,
        price_model,
        min(charge_period_start) as used_from
    from priced
    group by contract_id, sku_id, currency, price_model, rate_card_id, rate_version
),

followed as (
    select
        *,
        lag(price_model) over (partition by contract_id, sku_id, currency order by used_from) as former_model
    from rates
),

-- the last move of each SKU
moves as (
    select
        contract_id,
        sku_id,
        currency,
        used_from as moved_at
    from followed
    where price_model != former_model
    qualify row_number() over (partition by contract_id, sku_id, currency order by used_from desc) = 1
),

months as (
    select
        priced.billing_period,
        priced.counterparty as provider,
        priced.contract_id,
        priced.sku_id,
        priced.currency,
        priced.charge_period_start >= moves.moved_at as is_moved,
        priced.price_model,
        sum(priced.quantity) as quantity,
        sum(priced.expected_amount) as expected_amount,
        sum(charges.billed_cost) as billed_amount
    from priced
    inner join moves
        on
            priced.contract_id = moves.contract_id
            and priced.sku_id = moves.sku_id
            and priced.currency = moves.currency
    inner join {{ ref('fct_charges') }} as charges on priced.charge_id = charges.charge_id
    group by all
),

-- the last month, or part of it, before the move
former as (
    select * from months
    where not is_moved
    qualify row_number() over (partition by contract_id, sku_id, currency order by billing_period desc) = 1
),

compared as (
    select
        months.*,
        months.billed_amount - months.expected_amount as variance_amount,
        case
            when months.is_moved
                then {{ prorated('former.expected_amount', 'months.quantity', 'nullif(former.quantity, 0)') }}
        end as amount_at_former_price
    from months
    left join former
        on
            months.contract_id = former.contract_id
            and months.sku_id = former.sku_id
            and months.currency = former.currency
)

select
    *,
    billed_amount - amount_at_former_price as amount_change
from compared
order by sku_id asc, contract_id asc, billing_period asc, is_moved asc
