{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('policy_partitions')) }}",
        "{{ narrow('charges', 'charges_version', ref('policy_partitions'), ref('policy_partitions')) }}",
    ],
    post_hook="reset variable narrowed_charges",
) }}

-- depends_on: {{ ref('gate_attribution') }}
-- Tax, credits, fees and unused commitments carry no tags that anybody could set, nor does what has no resource.
with

changed as (
    select * from {{ ref('policy_partitions') }}
    where {{ is_changed_partition(ref('policy_partitions')) }}
),

taggable as (
    select
        partition_version,
        charges_version,
        slice_from,
        tag_set,
        billing_period,
        provider,
        billing_account_id,
        coalesce(sub_account_id, billing_account_id) as account_id,
        coalesce(service_name, '') as service_name,
        resource_id,
        owner,
        billing_currency as currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('attributed_charges') }}
    where
        charge_kind in ('usage', 'commitment_usage', 'amortisation')
        and commitment_status is distinct from 'Unused'
        and resource_id is not null
        and {{ is_changed_partition(ref('policy_partitions'), 'charges_version', 'charges_version') }}
    group by
        partition_version, charges_version, slice_from, tag_set, billing_period, provider, billing_account_id,
        coalesce(sub_account_id, billing_account_id), coalesce(service_name, ''), resource_id, owner, billing_currency
),

judged as (
    select
        taggable.*,
        policies.tag_key,
        policies.scope,
        entries.tag_value,
        case
            when entries.tag_value is null and policies.is_required then 'missing'
            when
                entries.tag_value is not null
                and len(list_filter(policies.value_patterns, pattern -> entries.tag_value glob pattern)) = 0
                then 'value_not_allowed'
            else 'compliant'
        end as tag_status
    from taggable
    inner join {{ ref('tag_policies') }} as policies
        on
            taggable.slice_from = policies.slice_from
            and len(list_filter(
                string_split(policies.scope, ';'),
                place -> taggable.provider glob trim(place) or taggable.service_name glob trim(place)
                or taggable.account_id glob trim(place) or taggable.billing_account_id glob trim(place)
            )) > 0
    left join {{ ref('tag_entries') }} as entries
        on
            taggable.partition_version = entries.partition_version
            and taggable.slice_from = entries.slice_from
            and taggable.tag_set = entries.tag_set
            and policies.canonical_key = entries.tag_key
)

-- a partition that no policy looks at is marked by a row of its own, so that it is not searched again
select
    changed.partition_id,
    changed.partition_version,
    judged.billing_period,
    judged.tag_key,
    judged.scope,
    judged.provider,
    judged.account_id,
    judged.resource_id,
    judged.owner,
    judged.currency,
    judged.tag_status,
    judged.tag_value,
    cast(sum(judged.billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(judged.effective_cost) as {{ decimal_type() }}) as effective_cost
from changed
left join judged on changed.charges_version = judged.charges_version
group by
    changed.partition_id, changed.partition_version, judged.billing_period, judged.tag_key, judged.scope,
    judged.provider, judged.account_id, judged.resource_id, judged.owner, judged.currency, judged.tag_status,
    judged.tag_value
