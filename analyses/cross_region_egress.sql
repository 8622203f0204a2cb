-- Who sends data between regions, between zones and to the internet, over which route, and what does it cost?
with

charges as (
    select
        *,
        concat_ws(' ', sku_meter, charge_description) as meter
    from {{ ref('fct_charges') }}
    where charge_category = 'Usage'
),

-- AWS says both regions in its meters (USE1-EUC1-AWS-Out-Bytes). What comes in is the other end's egress
egress as (
    select
        *,
        case
            when regexp_matches(meter, '(?i)in-bytes|transfer in\b|data transfer from|inbound|ingress') then null
            when regexp_matches(meter, '(?i)aws-out-bytes|inter[- ]?region|data transfer to (us|eu|asia|africa)')
                then 'between_regions'
            when regexp_matches(meter, '(?i)regional-bytes|inter[- ]?zone|availability zone') then 'between_zones'
            when regexp_matches(meter, '(?i)out-bytes|transfer.* out|outbound data|egress') then 'to_internet'
        end as traffic,
        coalesce(
            nullif(regexp_extract(sku_meter, '^(.+)-AWS-Out-Bytes$', 1), ''), region_id, region_name
        ) as route
    from charges
)

select
    billing_period,
    provider,
    billing_currency,
    sub_account_id,
    service_name,
    traffic,
    route,
    consumed_unit,
    sum(consumed_quantity) as consumed_quantity,
    sum(effective_cost) as effective_cost,
    {{ exact_ratio('sum(effective_cost)', 'sum(consumed_quantity)') }} as cost_per_unit
from egress
where traffic is not null
group by
    billing_period, provider, billing_currency, sub_account_id, service_name, traffic, route, consumed_unit
order by effective_cost desc, billing_period asc, sub_account_id asc, service_name asc, traffic asc, route asc
