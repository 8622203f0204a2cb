-- What vendors bill for usage, and what we used that they do not bill: the quantity that is due, and the one billed.
with

charged as (
    select
        charges.charge_id as priced_id,
        charges.charge_id,
        cast(null as uuid) as usage_id,
        charges.source,
        charges.feed,
        charges.provider,
        charges.billing_account_id,
        coalesce(charges.sub_account_id, charges.billing_account_id) as account_id,
        charges.resource_id,
        coalesce(case when known.is_resolved then known.known_sku_id end, charges.sku_id) as sku_id,
        coalesce(known.known_sku_id, charges.sku_id) as billed_sku_id,
        charges.pricing_unit as unit,
        case
            when metered.is_surplus then 0
            when metered.is_authoritative then metered.own_quantity
            else charges.pricing_quantity
        end as quantity,
        case when metered.is_surplus then 0 else charges.pricing_quantity end as billed_quantity,
        charges.charge_period_start,
        charges.charge_period_end,
        charges.billing_period,
        charges.billing_currency,
        charges.file_id,
        charges.file_row,
        charges.partition_id
    from {{ ref('charges') }} as charges
    left join {{ ref('metered_charges') }} as metered on charges.charge_id = metered.charge_id
    left join {{ ref('known_skus') }} as known
        on
            charges.source = known.source
            and charges.sku_id = known.sku_id
            and charges.charge_period_start >= known.valid_from
            and charges.charge_period_start < known.valid_to
    where
        charges.charge_kind = 'usage'
        and charges.pricing_quantity is not null
        and {{ is_narrowed('inputs', 'charges.partition_version') }}
),

-- An account is billed by one account, in one currency, within a feed's month.
payers as (
    select
        partition_id,
        account_id,
        min(billing_account_id) as billing_account_id,
        min(billing_currency) as billing_currency
    from charged
    group by partition_id, account_id
)

select * from charged
union all by name
select
    used.usage_id as priced_id,
    cast(null as uuid) as charge_id,
    used.usage_id,
    partitions.source,
    partitions.feed,
    used.provider,
    payers.billing_account_id,
    used.account_id,
    used.resource_id,
    used.sku_id,
    used.sku_id as billed_sku_id,
    used.unit,
    used.quantity,
    cast(0 as {{ decimal_type() }}) as billed_quantity,
    used.usage_start as charge_period_start,
    used.usage_start as charge_period_end,
    used.billing_period,
    payers.billing_currency,
    used.file_id,
    used.file_row,
    used.partition_id
from {{ ref('vendor_usage') }} as used
inner join {{ ref('metering_partitions') }} as partitions on used.partition_version = partitions.partition_version
inner join payers on used.partition_id = payers.partition_id and used.account_id = payers.account_id
where
    used.interval_starts_at is null
    and used.is_authoritative
    and used.quantity > 0
    and {{ is_narrowed('inputs', 'partitions.charges_version') }}
