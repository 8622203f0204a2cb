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
-- A build belongs to the repository that its charge is tagged with, else the resource that a build service bills. A
-- partition without builds has a row of nothing, so that it is not searched again.
with

partitions as (
    select *
    from {{ ref('attribution_partitions') }}
    where {{ is_changed_partition(ref('attribution_partitions')) }}
),

charges as (
    select
        *,
        coalesce({{ json_text('tags', 'repository') }}, resource_id) as repository,
        {{ json_text('tags', 'branch') }} as branch
    from {{ ref('attributed_charges') }}
    where
        {{ is_changed_partition(ref('attribution_partitions'), 'charges_version', 'charges_version') }}
        and (contains(tags, '"repository"') or service_subcategory = 'Continuous Integration and Deployment')
),

builds as (
    select
        charges.*,
        case when {{ unit_named('charges.consumed_unit') }} = 'minutes' then charges.consumed_quantity end as minutes
    from charges
    where charges.repository is not null
)

select
    partitions.partition_id,
    partitions.partition_version,
    builds.billing_period,
    builds.charge_date as build_date,
    builds.provider,
    builds.service_name,
    builds.repository,
    builds.branch,
    builds.owner,
    builds.product,
    builds.billing_currency as currency,
    cast(coalesce(sum(builds.minutes), 0) as {{ decimal_type() }}) as build_minutes,
    cast(coalesce(sum(builds.billed_cost), 0) as {{ decimal_type() }}) as billed_cost,
    cast(coalesce(sum(builds.effective_cost), 0) as {{ decimal_type() }}) as effective_cost
from partitions
left join builds on partitions.partition_version = builds.partition_version
group by
    partitions.partition_id, partitions.partition_version, builds.billing_period, builds.charge_date, builds.provider,
    builds.service_name, builds.repository, builds.branch, builds.owner, builds.product, builds.billing_currency
