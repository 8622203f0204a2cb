{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('timed_partitions')) }}",
) }}

with

parts as (
    select variances.* replace (partitions.partition_version as partition_version)
    from {{ ref('variance_parts') }} as variances
    inner join {{ ref('timed_partitions') }} as partitions
        on variances.partition_version = partitions.matched_version
    where {{ is_changed_partition(ref('timed_partitions'), 'variances.partition_version', 'matched_version') }}
),

tolerances as (
    select * from {{ ref('tolerances') }}
),

tolerated as (
    select
        parts.*,
        tolerances.match_rule_id,
        cast(greatest(
            tolerances.absolute_amount,
            {{ exact_product('abs(parts.expected_amount)', 'cast(tolerances.percent * 0.01 as decimal(38, 18))') }}
        ) as {{ decimal_type() }}) as tolerance_amount,
        greatest(
            abs(parts.credit_variance), abs(parts.tax_variance), abs(parts.timing_variance),
            abs(parts.rate_variance), abs(parts.discount_variance), abs(parts.rounding_variance),
            abs(parts.unexplained_variance)
        ) as largest_part
    from parts
    inner join tolerances
        on
            parts.direction = tolerances.direction
            and parts.billing_period >= tolerances.valid_from
            and parts.billing_period < coalesce(tolerances.valid_to, date '9999-12-31')
)

select
    cast(md5(concat_ws(
        '|', direction, counterparty, billing_period, account_id, charge_kind, currency,
        coalesce(sku_id, '-'), coalesce(cast(usage_date as varchar), '-'), coalesce(unit, '-')
    )) as uuid) as diff_id,
    * exclude (
        largest_part, waterfall, rounding_limit, rate_step, last_step, stated_amount, rated_amount, moved_amount,
        due_amount, stated_due_amount
    ),
    case
        when largest_part = 0 then 'none'
        when largest_part = abs(credit_variance) then 'credit'
        when largest_part = abs(tax_variance) then 'tax'
        when largest_part = abs(timing_variance) then 'timing'
        when largest_part = abs(rate_variance) then 'rate'
        when largest_part = abs(discount_variance) then 'discount'
        when largest_part = abs(rounding_variance) then 'rounding'
        when unpriced_rows > 0 then 'unpriced'
        else 'unexplained'
    end as cause,
    case
        when variance_amount = 0 then 'matched'
        when abs(variance_amount) <= tolerance_amount then 'within_tolerance'
        else 'exception'
    end as status
from tolerated
