-- Usage of providers that we have commitments with, while their terms run; where there are none, nothing is read.
with

terms as (
    select
        provider,
        currency,
        min(starts_at) as starts_at,
        max(ends_at) as ends_at
    from {{ ref('commitment_scopes') }}
    group by provider, currency
)

select
    cast(charges.charge_id as varchar) as usage_id,
    md5(concat_ws(
        '|', charges.provider, charges.billing_account_id, charges.sub_account_id, charges.billing_currency,
        charges.sku_id, charges.sku_meter
    )) as class_id,
    charges.provider,
    charges.billing_account_id,
    coalesce(charges.sub_account_id, charges.billing_account_id) as account_id,
    charges.billing_currency as currency,
    charges.sku_id,
    charges.sku_meter,
    charges.billing_period,
    charges.billing_period_start,
    charges.billing_period_end,
    charges.charge_period_start as starts_at,
    charges.charge_period_end as ends_at,
    charges.pricing_quantity as quantity,
    coalesce(charges.list_unit_price, charges.contracted_unit_price, 0) as unit_price
from {{ ref('charges') }} as charges
inner join terms
    on
        charges.provider = terms.provider
        and charges.billing_currency = terms.currency
        and charges.charge_period_start < terms.ends_at
        and charges.charge_period_end > terms.starts_at
where charges.charge_kind in ('usage', 'commitment_usage') and charges.pricing_quantity is not null
