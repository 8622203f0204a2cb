with

items as (
    select
        *,
        -- key:a value:b;key:c value:d in newer bills, a:b;c:d in older ones
        case
            when starts_with(tag, 'key:')
                then regexp_replace(tag, 'key:([^;]*?) value:([^;]*)(;|$)\s*', '\1' || chr(1) || '\2' || chr(2), 'g')
            else regexp_replace(tag, '([^:;]*):([^;]*)(;|$)\s*', '\1' || chr(1) || '\2' || chr(2), 'g')
        end as marked_tag
    from {{ ref('stg_alibaba_bill__items') }}
)

select
    -- identity
    items.file_id,
    items.file_row,
    0 as charge_part,
    cast(null as varchar) as line_key,
    {{ identity([
        'items.bill_account_id', 'items.owner_id', 'items.billing_period', 'items.billing_date', 'items.item',
        'items.product_code', 'items.commodity_code', 'items.instance_id', 'items.billing_item_code',
        'items.billing_item', 'items.subscription_type', 'items.region', 'items.zone',
    ]) }} as charge_identity,

    -- parties
    'Alibaba Cloud' as provider,
    'Alibaba Cloud' as service_provider_name,
    'Alibaba Cloud' as host_provider_name,
    'Alibaba Cloud' as publisher_name,
    'Alibaba Cloud' as invoice_issuer,
    items.bill_account_id as billing_account_id,
    items.bill_account_name as billing_account_name,
    coalesce(items.owner_id, items.bill_account_id) as sub_account_id,
    'Account' as sub_account_type,

    -- times; Alibaba bills by the month of China's time
    items.billing_period,
    {{ utc_of_local('items.billing_period', 'Asia/Shanghai') }} as billing_period_start,
    {{ utc_of_local('items.billing_period + interval 1 month', 'Asia/Shanghai') }} as billing_period_end,
    {{ utc_of_local('coalesce(items.billing_date, items.billing_period)', 'Asia/Shanghai') }} as charge_period_start,
    {{ utc_of_local(
        'coalesce(items.billing_date + interval 1 day, items.billing_period + interval 1 month)', 'Asia/Shanghai'
    ) }} as charge_period_end,

    -- what was charged
    coalesce(kinds.charge_category, 'Adjustment') as charge_category,
    coalesce(kinds.charge_kind, 'unknown') as charge_kind,
    coalesce(kinds.charge_frequency, 'One-Time') as charge_frequency,
    concat_ws(', ', coalesce(items.product_detail, items.product_name), items.billing_item) as charge_description,
    coalesce(categories.service_category, 'Other') as service_category,
    categories.service_subcategory,
    coalesce(items.product_name, items.product_code, 'Other') as service_name,
    concat_ws('/', coalesce(items.commodity_code, items.product_code), items.billing_item_code) as sku_id,
    coalesce(items.billing_item, items.instance_spec) as sku_meter,
    items.instance_id as resource_id,
    items.nick_name as resource_name,
    coalesce(regions.region_id, items.region) as region_id,
    coalesce(regions.region_name, items.region) as region_name,
    items.zone as availability_zone,
    case when kinds.charge_kind = 'usage' then 'Standard' end as pricing_category,
    '{' || array_to_string(list_transform(
        list_filter(string_split(items.marked_tag, chr(2)), pair -> pair != ''),
        pair -> cast(to_json(split_part(pair, chr(1), 1)) as varchar) || ':'
        || cast(to_json(split_part(pair, chr(1), 2)) as varchar)
    ), ',') || '}' as tags,

    -- quantities and amounts; vouchers and prepaid cards settle what is due, they do not lower it
    items.usage_quantity as consumed_quantity,
    items.usage_unit as consumed_unit,
    items.usage_quantity as pricing_quantity,
    items.usage_unit as pricing_unit,
    case when items.list_price_unit = items.usage_unit then items.list_price end as list_unit_price,
    coalesce(items.pretax_gross_amount, items.pretax_amount) as list_cost,
    coalesce(items.pretax_gross_amount - coalesce(items.invoice_discount, 0), items.pretax_amount) as contracted_cost,
    items.pretax_amount as billed_cost,
    items.pretax_amount as effective_cost,
    items.currency as billing_currency
from items
left join {{ ref('charge_kinds') }} as kinds on kinds.source = 'alibaba_bill' and items.item = kinds.raw_type
left join {{ ref('service_categories') }} as categories
    on categories.provider = 'Alibaba Cloud' and lower(items.product_code) = categories.service_code
left join {{ ref('regions') }} as regions on regions.provider = 'Alibaba Cloud' and lower(items.region) = regions.raw
