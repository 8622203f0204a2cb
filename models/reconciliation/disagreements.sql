{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('timed_partitions')) }}",
) }}

-- Keys that do not agree in everything, with their status.
with

diffs as not materialized (
    select
        tolerated.* replace (partitions.partition_version as partition_version),
        partitions.matched_version,
        case
            when tolerated.variance_amount = 0 then 'matched'
            when tolerated.billed_rows = 0 and not tolerated.is_timed and not partitions.is_final then 'awaiting_bill'
            when abs(tolerated.variance_amount) <= tolerated.tolerance_amount then 'within_tolerance'
            else 'exception'
        end as judged_status
    from {{ ref('judged_diffs') }} as tolerated
    inner join {{ ref('timed_partitions') }} as partitions
        on tolerated.partition_version = partitions.matched_version
    where {{ is_changed_partition(ref('timed_partitions'), 'tolerated.partition_version', 'matched_version') }}
),

-- few differ at all, and only these are put in order
tolerated as (
    select
        diff_id,
        matched_version,
        partition_id,
        account_id,
        invoice_id,
        currency,
        sum(abs(variance_amount)) over (
            partition by partition_id, account_id, invoice_id, currency
            order by abs(variance_amount), diff_id
        ) as tolerated_amount
    from diffs
    where variance_amount != 0 and judged_status = 'within_tolerance'
),

-- What an invoice tolerates in all is a subunit a line, or a thousandth: beyond that the largest are opened again.
invoices as (
    select
        sides.partition_id,
        sides.account_id,
        sides.invoice_id,
        sides.currency,
        greatest(
            cast(sum(sides.billed_rows) as decimal(18, 0)) * coalesce(any_value(currencies.subunit), 0.01),
            abs(sum(sides.billed_amount)) * cast(0.001 as decimal(4, 3))
        ) as tolerable_amount
    from {{ ref('matched_keys') }} as sides
    left join {{ ref('currencies') }} as currencies on sides.currency = currencies.currency
    where sides.partition_version in (select tolerated.matched_version from tolerated)
    group by sides.partition_id, sides.account_id, sides.invoice_id, sides.currency
),

reopened as (
    select tolerated.diff_id
    from tolerated
    inner join invoices
        on
            tolerated.partition_id = invoices.partition_id
            and tolerated.account_id is not distinct from invoices.account_id
            and tolerated.invoice_id is not distinct from invoices.invoice_id
            and tolerated.currency = invoices.currency
    where tolerated.tolerated_amount > invoices.tolerable_amount
),

judged as (
    select
        diffs.*,
        reopened.diff_id is not null as is_reopened
    from diffs
    left join reopened on diffs.diff_id = reopened.diff_id
)

select
    * exclude (
        largest_part, waterfall, rounding_limit, rate_step, last_step, rest, stated_amount, stated_due_amount,
        moved_amount, moved_as, moved_by_rule_id, due_amount, priced_amount, source_of_price, is_timed,
        is_billed_otherwise, unknown_rows, used_rows, surplus_amount, duplicate_step, missing_usage_step, sku_step,
        quantity_step, unbilled_step, judged_status, is_reopened,
        matched_version
    ),
    case when is_reopened then 'exception' else judged_status end as status
from judged
