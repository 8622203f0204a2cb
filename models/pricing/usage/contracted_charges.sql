-- Usage that a vendor bills, with the contract or else the public rate card that prices it.
with

charges as (
    select
        *,
        coalesce(sub_account_id, billing_account_id) as account_id
    from {{ ref('charges') }}
    where
        charge_kind = 'usage'
        and pricing_quantity is not null
        and {{ is_narrowed('inputs', 'partition_version') }}
),

contracted as (
    select
        charges.charge_id,
        contracts.contract_id,
        contracts.contract_version,
        contracts.currency,
        contracts.period_anchor
    from charges
    inner join {{ ref('account_contracts') }} as contracts
        on
            contracts.direction = 'payable'
            and charges.provider = contracts.provider
            and charges.billing_account_id = contracts.billing_account_id
            and charges.account_id = contracts.account_id
            and charges.charge_period_start >= contracts.effective_from
            and charges.charge_period_start < contracts.effective_to
    -- contracts that both cover an account are a fault of the input; the first by id prices it
    qualify row_number() over (partition by charges.charge_id order by contracts.contract_id) = 1
)

select
    charges.charge_id as priced_id,
    charges.charge_id,
    cast(null as uuid) as usage_id,
    'payable' as direction,
    'usage' as charge_kind,
    charges.provider as counterparty,
    charges.partition_id,
    concat_ws('|', charges.source, charges.feed) as feed,
    contracted.contract_id,
    contracted.contract_version,
    coalesce(contracted.currency, charges.billing_currency) as currency,
    coalesce(contracted.period_anchor, date '0001-01-01') as period_anchor,
    charges.billing_account_id,
    charges.account_id,
    charges.resource_id,
    charges.sku_id,
    charges.pricing_unit as unit,
    charges.pricing_quantity as quantity,
    charges.charge_period_start as used_at,
    charges.charge_period_end as used_to,
    charges.charge_period_start as local_at,
    charges.billing_period,
    case when contracted.charge_id is null then public_cards.rate_card_id end as rate_card_id,
    charges.file_id,
    charges.file_row
from charges
left join contracted on charges.charge_id = contracted.charge_id
left join {{ ref('public_rate_cards') }} as public_cards
    on
        charges.provider = public_cards.provider
        and charges.billing_currency = public_cards.currency
        and charges.charge_period_start >= public_cards.valid_from
        and charges.charge_period_start < coalesce(public_cards.valid_to, date '9999-12-31')
where contracted.charge_id is not null or public_cards.rate_card_id is not null
