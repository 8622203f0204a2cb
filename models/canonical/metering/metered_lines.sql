-- Lines of vendors that a meter of ours counts: their SKU for their account in their unit. It reports of a line while
-- some feed that names it is alive in the month, and has begun before the line and gone on after it.
with

charges as (
    select
        *,
        coalesce(sub_account_id, billing_account_id) as account_id
    from {{ ref('charges') }}
    where charge_kind in ('usage', 'commitment_usage') and {{ is_narrowed('charges', 'partition_version') }}
),

counted as (
    select
        charges.charge_id,
        charges.charge_kind,
        charges.provider,
        charges.partition_id,
        partitions.partition_version,
        charges.billing_period,
        charges.account_id,
        coalesce(known.known_sku_id, charges.sku_id) as sku_id,
        case when skus.has_resource then charges.resource_id end as resource_id,
        skus.is_authoritative,
        charges.charge_period_start,
        charges.charge_period_end,
        charges.pricing_unit,
        charges.pricing_quantity as quantity,
        row_number() over (
            partition by
                charges.partition_id, charges.account_id, charges.sku_id, charges.resource_id, charges.charge_kind,
                charges.charge_period_start, charges.charge_period_end, charges.pricing_quantity, charges.billed_cost
            order by charges.charge_id
        ) as copy_no
    from charges
    inner join {{ ref('metering_partitions') }} as partitions on charges.partition_version = partitions.charges_version
    left join {{ ref('known_skus') }} as known
        on
            charges.source = known.source
            and charges.sku_id = known.sku_id
            and charges.charge_period_start >= known.valid_from
            and charges.charge_period_start < known.valid_to
    inner join {{ ref('metered_skus') }} as skus
        on
            charges.account_id = skus.account_id
            and coalesce(known.known_sku_id, charges.sku_id) = skus.sku_id
            and {{ unit_named('charges.pricing_unit') }} = skus.unit
    where charges.pricing_quantity is not null
),

-- A vendor's id of a resource may hold more than the name that our agents know it by.
names as (
    select distinct
        account_id,
        sku_id,
        resource_id,
        unnest({{ resource_names('resource_id') }}) as agent_resource
    from counted
    where resource_id is not null
),

named as (
    select
        names.account_id,
        names.sku_id,
        names.resource_id,
        feeds.agent_resource,
        feeds.feeds
    from names
    inner join {{ ref('metering_feeds') }} as feeds
        on
            names.account_id = feeds.account_id
            and names.sku_id = feeds.sku_id
            and names.agent_resource = feeds.agent_resource
    qualify row_number() over (
        partition by names.account_id, names.sku_id, names.resource_id order by length(names.agent_resource) desc
    ) = 1
)

select
    counted.*,
    coalesce(named.agent_resource, counted.resource_id, '') as agent_resource,
    coalesce(named.feeds, by_sku.feeds) as feeds,
    exists(
        select 1 from {{ ref('metering_months') }} as months
        where
            months.usage_month = date_trunc('month', counted.charge_period_start)
            and counted.charge_period_start >= months.starts_at
            and counted.charge_period_end <= months.ends_at
            and list_contains(coalesce(named.feeds, by_sku.feeds), months.feed)
    ) as is_reported
from counted
left join named
    on
        counted.account_id = named.account_id
        and counted.sku_id = named.sku_id
        and counted.resource_id = named.resource_id
inner join {{ ref('metering_feeds') }} as by_sku
    on counted.account_id = by_sku.account_id and counted.sku_id = by_sku.sku_id and by_sku.agent_resource is null
