{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('timed_partitions')) }}",
) }}

with

diffs as (
    select
        tolerated.* replace (partitions.partition_version as partition_version),
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

-- What an invoice tolerates in all is a subunit a line, or a thousandth: beyond that the largest are opened again.
invoiced as (
    select
        diffs.*,
        sum(case when diffs.judged_status = 'within_tolerance' then abs(diffs.variance_amount) else 0 end) over (
            partition by diffs.partition_id, diffs.account_id, diffs.invoice_id, diffs.currency
            order by abs(diffs.variance_amount), diffs.diff_id
        ) as tolerated_amount,
        greatest(
            cast(sum(diffs.billed_rows) over invoice as decimal(18, 0)) * coalesce(currencies.subunit, 0.01),
            abs(sum(diffs.billed_amount) over invoice) * cast(0.001 as decimal(4, 3))
        ) as tolerable_amount
    from diffs
    left join {{ ref('currencies') }} as currencies on diffs.currency = currencies.currency
    window invoice as (partition by diffs.partition_id, diffs.account_id, diffs.invoice_id, diffs.currency)
)

select
    * exclude (
        largest_part, waterfall, rounding_limit, rate_step, last_step, rest, stated_amount, stated_due_amount,
        moved_amount, moved_as, moved_by_rule_id, due_amount, priced_amount, source_of_price, is_timed, is_billed_otherwise, unknown_rows, used_rows,
        surplus_amount, duplicate_step, missing_usage_step, sku_step, quantity_step, unbilled_step, judged_status,
        tolerated_amount, tolerable_amount
    ),
    case
        when judged_status = 'within_tolerance' and tolerated_amount > tolerable_amount then 'exception'
        else judged_status
    end as status
from invoiced
