with

charges as (
    select * from {{ ref('charges') }}
    where
        charge_kind = 'usage'
        and pricing_quantity is not null
        and {{ is_narrowed('charges', 'partition_version') }}
),

contracts as (
    select
        *,
        unnest(string_split(account_patterns, ';')) as account_pattern
    from {{ ref('contract_versions') }}
    where direction = 'payable'
),

public_cards as (
    select * from {{ ref('public_rate_cards') }}
),

contracted as (
    select
        charges.charge_id,
        contracts.contract_id,
        contracts.contract_version,
        contracts.rate_card_id,
        case
            when
                len(list_filter(string_split(contracts.discount_skus, ';'), pattern -> charges.sku_id glob pattern)) > 0
                then contracts.discount_percent
        end as discount_percent,
        'contract' as price_source
    from charges
    inner join contracts
        on
            charges.provider = contracts.counterparty
            and (
                charges.billing_account_id glob contracts.account_pattern
                or charges.sub_account_id glob contracts.account_pattern
            )
            and charges.charge_period_start >= contracts.effective_from
            and charges.charge_period_start < contracts.effective_to
    -- contracts that both cover an account are a fault of the input; the first by id prices it
    qualify row_number() over (partition by charges.charge_id order by contracts.contract_id) = 1
),

carded as (
    select * from contracted
    union all by name
    select
        charges.charge_id,
        public_cards.rate_card_id,
        'price_list' as price_source
    from charges
    inner join public_cards
        on
            charges.provider = public_cards.provider
            and charges.billing_currency = public_cards.currency
            and charges.charge_period_start >= public_cards.valid_from
            and charges.charge_period_start < coalesce(public_cards.valid_to, date '9999-12-31')
    anti join contracted on charges.charge_id = contracted.charge_id
)

select
    charges.charge_id,
    charges.partition_id,
    charges.partition_version,
    charges.billing_account_id,
    charges.billing_period,
    charges.charge_period_start,
    charges.sku_id,
    charges.pricing_quantity,
    carded.contract_id,
    carded.contract_version,
    carded.rate_card_id,
    cast(1 - coalesce(carded.discount_percent, 0) * 0.01 as {{ decimal_type() }}) as price_factor,
    carded.price_source,
    sum(charges.pricing_quantity) over (
        partition by
            -- a contract's next version goes on where the one before has come to, even with another card
            charges.partition_version, coalesce(carded.contract_id, carded.rate_card_id),
            charges.billing_account_id, charges.billing_period, charges.sku_id
        order by charges.charge_period_start, charges.charge_id
        rows between unbounded preceding and current row
    ) as position_end
from charges
inner join carded on charges.charge_id = carded.charge_id
