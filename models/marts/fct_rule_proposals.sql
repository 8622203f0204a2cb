{{ config(
    materialized='view',
    pre_hook="set search_path = '{{ this.database }}.{{ this.schema }}'",
    post_hook="reset search_path",
) }}

-- depends_on: {{ ref('fct_reconciliation_diffs') }}, {{ ref('fct_exceptions') }}
-- What differs month after month by about the same, in one direction, for one cause, and nobody disputes: a rule could
-- settle it (seed exception_rules). Nothing applies it by itself. Without a database name, as every view of a release.
with

months as (
    select
        diffs.direction,
        diffs.counterparty,
        diffs.account_id,
        diffs.sku_id,
        diffs.charge_kind,
        diffs.cause,
        diffs.currency,
        diffs.billing_period,
        cast(sum(diffs.variance_amount) as {{ decimal_type() }}) as variance_amount,
        cast(max(abs(diffs.variance_amount)) as {{ decimal_type() }}) as largest_amount,
        bool_or(coalesce(exceptions.status in ('disputed', 'credited', 'rebilled'), false)) as is_contested
    from fct_reconciliation_diffs as diffs
    left join fct_exceptions as exceptions on diffs.diff_id = exceptions.diff_id
    where diffs.variance_amount != 0 and diffs.status != 'awaiting_bill'
    group by
        diffs.direction, diffs.counterparty, diffs.account_id, diffs.sku_id, diffs.charge_kind, diffs.cause,
        diffs.currency, diffs.billing_period
)

select
    direction,
    counterparty,
    account_id,
    sku_id,
    charge_kind,
    cause,
    case when min(variance_amount) > 0 then 'over' else 'under' end as sign,
    count(*) as months,
    min(billing_period) as first_period,
    max(billing_period) as last_period,
    max(largest_amount) as max_amount,
    cast(sum(variance_amount) as {{ decimal_type() }}) as variance_amount,
    currency
from months
group by direction, counterparty, account_id, sku_id, charge_kind, cause, currency
having
    count(*) >= {{ var('recurring_months') }}
    and not bool_or(is_contested)
    and (min(variance_amount) > 0 or max(variance_amount) < 0)
    -- about the same: the largest month is at most a fifth above the smallest
    and 5 * max(abs(variance_amount)) <= 6 * min(abs(variance_amount))
