-- Usage of vendors, with the contract or else the public rate card that prices it. Where our metering or a SKU's former
-- name says something else than the bill, the bill is priced as well: all usage of the SKU, because it may share tiers.
with

lines as (
    select * from {{ ref('vendor_lines') }}
),

deviating as (
    select distinct
        source,
        feed,
        billed_sku_id
    from lines
    where quantity != billed_quantity or sku_id != billed_sku_id
),

charges as (
    select
        *,
        false as is_as_billed
    from lines
    union all
    select
        lines.* replace (lines.billed_quantity as quantity, lines.billed_sku_id as sku_id),
        true as is_as_billed
    from lines
    inner join deviating
        on
            lines.source = deviating.source
            and lines.feed = deviating.feed
            and lines.billed_sku_id = deviating.billed_sku_id
),

contracted as (
    select
        charges.priced_id,
        contracts.contract_id,
        contracts.contract_version,
        contracts.currency,
        contracts.period_anchor
    from lines as charges
    inner join {{ ref('account_contracts') }} as contracts
        on
            contracts.direction = 'payable'
            and charges.provider = contracts.provider
            and charges.billing_account_id = contracts.billing_account_id
            and charges.account_id = contracts.account_id
            and charges.charge_period_start >= contracts.effective_from
            and charges.charge_period_start < contracts.effective_to
    -- contracts that both cover an account are a fault of the input; the first by id prices it
    qualify row_number() over (partition by charges.priced_id order by contracts.contract_id) = 1
)

select
    charges.priced_id,
    charges.charge_id,
    charges.usage_id,
    charges.is_as_billed,
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
    charges.unit,
    charges.quantity,
    charges.charge_period_start as used_at,
    charges.charge_period_end as used_to,
    charges.charge_period_start as local_at,
    charges.billing_period,
    case when contracted.priced_id is null then public_cards.rate_card_id end as rate_card_id,
    charges.file_id,
    charges.file_row
from charges
left join contracted on charges.priced_id = contracted.priced_id
left join {{ ref('public_rate_cards') }} as public_cards
    on
        charges.provider = public_cards.provider
        and charges.billing_currency = public_cards.currency
        and charges.charge_period_start >= public_cards.valid_from
        and charges.charge_period_start < coalesce(public_cards.valid_to, date '9999-12-31')
where contracted.priced_id is not null or public_cards.rate_card_id is not null
