{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('attribution_partitions')) }}",
        "{{ narrow('charges', 'charges_version', ref('attribution_partitions'), ref('attribution_partitions')) }}",
    ],
    post_hook="reset variable narrowed_charges",
) }}

-- depends_on: {{ ref('gate_attribution') }}
-- Nights and weekends are those of UTC: from 20 to 6 o'clock, and Saturday and Sunday. Of charges that are longer than
-- an hour nobody can tell when they ran. Of the providers only AWS bills an idle address by a meter of its own, told by
-- the usage type, in FOCUS exports by the description. A charge is of the first kind that fits.
with

charges as (
    select
        *,
        case
            when commitment_status = 'Unused' then 'unused_commitment'
            when
                charge_category = 'Usage'
                and (sku_meter like '%:IdleAddress%' or charge_description like '%Idle public IPv4 address%')
                then 'idle_address'
            when
                lower(coalesce(environment, '')) not in ('', 'production', 'prod', 'prd', 'live')
                and service_category in ('Compute', 'Databases')
                and charge_category = 'Usage'
                and charge_period_end <= charge_period_start + interval 1 hour
                and (
                    extract('hour' from charge_period_start) >= 20
                    or extract('hour' from charge_period_start) < 6
                    or extract('isodow' from charge_period_start) > 5
                )
                then 'non_production_night'
        end as waste_kind
    from {{ ref('attributed_charges') }}
    where {{ is_changed_partition(ref('attribution_partitions'), 'charges_version', 'charges_version') }}
)

select
    partition_id,
    partition_version,
    billing_period,
    waste_kind,
    provider,
    owner,
    environment,
    service_name,
    coalesce(resource_id, commitment_id) as resource_id,
    billing_currency as currency,
    count(*) as charge_count,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
from charges
where waste_kind is not null
group by
    partition_id, partition_version, billing_period, waste_kind, provider, owner, environment, service_name,
    coalesce(resource_id, commitment_id), billing_currency
