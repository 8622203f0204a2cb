{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('timed_partitions')) }}",
) }}

-- What was ever outside its tolerance ages, and is written anew in each run; the rest goes by its partition.
{%- set shared %}
    exception_id, diff_id, direction, counterparty, contract_id, invoice_id, account_id, sku_id, charge_kind,
    billing_period, usage_date, cause, billed_amount, expected_amount, variance_amount, tolerance_amount, currency,
    assurance, partition_id
{%- endset %}

select
    {{ shared }},
    severity,
    amount_at_risk,
    status,
    action,
    rule_id,
    rule_version,
    owner,
    review_above,
    proposed_by,
    decided_by,
    decided_at,
    decided_amount,
    reference,
    opened_at,
    resolved_at,
    age_hours,
    'history' as partition_version
from {{ ref('exceptions') }}
union all by name
select
    {{ shared }},
    'low' as severity,
    cast(0 as {{ decimal_type() }}) as amount_at_risk,
    'auto_resolved' as status,
    'auto_resolve' as action,
    match_rule_id as rule_id,
    partition_version
from {{ ref('tolerated_diffs') }}
where {{ is_changed_partition(ref('timed_partitions')) }}
