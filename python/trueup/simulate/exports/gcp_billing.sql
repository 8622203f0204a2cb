-- Rows of Google's detailed export that were written from `exported_from` to before `exported_to`, nested as BigQuery
-- extracts them. What a commitment covers is stated at its cost, with a credit that takes it off.
with

units (unit, base_unit, base_per_unit, pricing_unit) as (
    values
    ('Hrs', 'seconds', 3600, 'hour'),
    ('Minutes', 'seconds', 60, 'minute'),
    ('GB', 'bytes', 1073741824, 'gibibyte'),
    ('GB-Hours', 'byte-seconds', 3865470566400, 'gibibyte hour'),
    ('GB-Seconds', 'byte-seconds', 1073741824, 'gibibyte second'),
    ('Requests', 'requests', 1, 'count')
),

-- Google's ids of services and SKUs have this form.
services as (
    select
        service,
        regexp_replace(upper(md5(service)), '^(....)(....)(....).*', '\1-\2-\3') as service_id
    from (select service from skus union select 'Invoice')
),

tiers as (
    select distinct
        sku_no,
        tier,
        tier_from
    from prices
),

-- Rows are written three to eight hours after the usage: those of the whole month at its end, late ones at its start.
written as (
    select
        *,
        greatest(least(usage_end, getvariable('month_ends_at')), getvariable('month_starts_at'))
        + to_minutes(180 + line_no % 300) as export_time,
        kind in ('commitment_fee', 'upfront_fee') as is_fee,
        case kind
            when 'covered' then cast(quantity * price as decimal(38, 10))
            when 'credit' then 0
            else billed_cost
        end as cost
    from charge_rows
    where
        kind != 'unused'
        and export_time >= getvariable('exported_from')
        and export_time < getvariable('exported_to')
),

described as (
    select
        *,
        billed_cost - cost as credit,
        coalesce(service, 'Invoice') as service_name,
        case
            when is_fee then 'Commitment v1: ' || meter || ' in ' || region || ' for 1 Year'
            when meter is null then upper(kind[1]) || kind[2:]
            else meter
        end as sku_name
    from written
),

-- Sorted while the rows are narrow.
sorted as (
    select
        described.*,
        services.service_id,
        units.base_unit,
        units.base_per_unit,
        units.pricing_unit,
        tiers.tier_from
    from described
    inner join services on described.service_name = services.service
    left join units on described.unit = units.unit
    left join tiers on described.sku_no = tiers.sku_no and described.tier = tiers.tier
    order by described.line_no
)

select
    payer_id as billing_account_id,
    {'id': service_id, 'description': service_name} as service,
    {
        'id': case
            when meter = sku_name then sku_id
            else regexp_replace(upper(md5(payer_id || sku_name)), '^(....)(....)(....).*', '\1-\2-\3')
        end,
        'description': sku_name
    } as sku,
    usage_start || ' UTC' as usage_start_time,
    usage_end || ' UTC' as usage_end_time,
    case when account_id is not null then {
        'id': account_id,
        'number': cast(hash(account_id) % 900000000000 + 100000000000 as varchar),
        'name': account_name,
        'labels': [{'key': 'environment', 'value': account_environment}],
        'ancestry_numbers': '/' || hash(payer_id) % 900000000000 || '/'
    } end as project,
    list_filter([
        {'key': 'team', 'value': team},
        {'key': 'product', 'value': product},
        {'key': 'environment', 'value': environment},
        {'key': 'tenant', 'value': tenant}
    ], label -> label.value is not null) as labels,
    case when pricing_unit = 'hour' and resource_id is not null then [
        {'key': 'compute.googleapis.com/machine_spec', 'value': 'n2-standard-' || (2 << sku_no % 4)}
    ] else [] end as system_labels,
    {
        'location': coalesce(region, 'global'),
        'region': region,
        'zone': case when resource_id is not null then region || '-b' end
    } as location,
    [] as tags,
    'GOOGLE' as transaction_type,
    issuer as seller_name,
    export_time || ' UTC' as export_time,
    cost,
    currency,
    1 as currency_conversion_rate,
    {
        'amount': base_per_unit * quantity,
        'unit': base_unit,
        'amount_in_pricing_units': quantity,
        'pricing_unit': pricing_unit
    } as usage,
    case
        when credit = 0 then []
        when kind = 'covered' then [{
            'id': 'Committed Usage Discount: ' || meter,
            'name': 'Committed Usage Discount: ' || meter,
            'full_name': 'Committed Usage Discount: ' || meter,
            'type': 'COMMITTED_USAGE_DISCOUNT',
            'amount': credit
        }]
        else [{'id': 'Promotion', 'name': 'Promotion', 'full_name': 'Promotion', 'type': 'PROMOTION', 'amount': credit}]
    end as credits,
    {'month': strftime(billing_period, '%Y%m')} as invoice,
    case kind when 'tax' then 'tax' else 'regular' end as cost_type,
    case when resource_id is not null then {
        'name': resource_id,
        'global_name':
            '//compute.googleapis.com/projects/' || account_id || '/zones/' || region || '-b/instances/' || resource_id
    } end as resource,
    {
        'effective_price': coalesce(price, fee_price),
        'list_price': coalesce(list_price, fee_price),
        'tier_start_amount': tier_from,
        'unit': pricing_unit,
        'pricing_unit_quantity': 1
    } as price,
    coalesce(list_cost, cost) as cost_at_list,
    case when commitment_id is not null then {'instance_id': commitment_id} end as subscription
from sorted
