{{ config(
    materialized='incremental', incremental_strategy='append', full_refresh=false,
    pre_hook="set variable narrowed_months = coalesce((
        select list(partition_version) from {{ ref('timed_partitions') }} where {{ is_uncompared() }}
    ), [])",
    post_hook="reset variable narrowed_months",
) }}

-- What each run found otherwise than the one before. Only partitions that were reconciled anew are compared;
-- each comparison leaves a mark, so that it is not made again.
{%- set terms = [
    'contract_id', 'invoice_id', 'assurance', 'cause', 'billed_amount', 'expected_amount', 'tolerance_amount',
    'amount_at_risk', 'rule_id', 'rule_version', 'rule_action', 'severity', 'owner', 'review_above',
] %}
{%- set history = this if is_incremental() else ref('no_exception_facts') %}
with

previous as (
    select
        partition_id,
        max(comparison) as comparison,
        max_by(partition_version, comparison) as partition_version
    from {{ history }}
    group by partition_id
),

comparisons as (
    select
        coalesce(partitions.partition_id, previous.partition_id) as partition_id,
        coalesce(partitions.partition_version, 'gone') as partition_version,
        coalesce(previous.comparison, 0) + 1 as comparison
    from {{ ref('timed_partitions') }} as partitions
    full outer join previous on partitions.partition_id = previous.partition_id
    where coalesce(partitions.partition_version, 'gone') is distinct from previous.partition_version
),

found as (
    select * exclude (partition_version) from {{ ref('classified_diffs') }}
),

held as (
    select * exclude (event_id, event_type, comparison, partition_version, recorded_at, run_id)
    from {{ history }}
    where exception_id is not null and partition_id in (select changed.partition_id from comparisons as changed)
    qualify row_number() over (partition by exception_id order by comparison desc) = 1
),

-- no exception any more
settled as (
    select
        held.* replace (
            coalesce(diffs.billed_amount, 0) as billed_amount,
            coalesce(diffs.expected_amount, 0) as expected_amount,
            coalesce(diffs.variance_amount, 0) as variance_amount,
            cast(0 as {{ decimal_type() }}) as amount_at_risk
        )
    from held
    anti join found on held.exception_id = found.exception_id
    left join {{ ref('reconciliation_diffs') }} as diffs
        on held.diff_id = diffs.diff_id and {{ is_narrowed('months', 'diffs.partition_version') }}
),

now_known as (
    select * from found
    union all by name
    select * from settled
),

news as (
    select
        now_known.*,
        case
            when held.exception_id is null then 'opened'
            when now_known.amount_at_risk = 0 and held.amount_at_risk > 0 then 'resolved'
            when now_known.amount_at_risk > 0 and held.amount_at_risk = 0 then 'reopened'
            else 'changed'
        end as event_type
    from now_known
    left join held on now_known.exception_id = held.exception_id
    where
        held.exception_id is null
        {%- for term in terms %}
            or now_known.{{ term }} is distinct from held.{{ term }}
        {%- endfor %}
    union all by name
    select
        partition_id,
        'compared' as event_type
    from comparisons
)

select
    {{ identity(['comparisons.partition_id', 'comparisons.comparison', 'news.exception_id']) }} as event_id,
    news.*,
    comparisons.comparison,
    comparisons.partition_version,
    {{ as_of() }} as recorded_at,
    getvariable('run_id') as run_id
from news
inner join comparisons on news.partition_id = comparisons.partition_id
