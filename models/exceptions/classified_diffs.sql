-- The first rule by priority that fits decides what is to become of a difference outside its tolerance.
with

differences as (
    select
        *,
        abs(variance_amount) as amount_at_risk,
        case when variance_amount > 0 then 'over' else 'under' end as variance_sign,
        {{ exact_ratio('abs(variance_amount) * 100', 'abs(expected_amount)') }} as share_percent
    from {{ ref('reconciliation_diffs') }}
    where status = 'exception' and {{ is_narrowed('months', 'partition_version') }}
)

select
    {{ exception_id('differences.diff_id') }} as exception_id,
    differences.diff_id,
    differences.direction,
    differences.counterparty,
    differences.contract_id,
    differences.invoice_id,
    differences.account_id,
    differences.sku_id,
    differences.charge_kind,
    differences.billing_period,
    differences.usage_date,
    differences.currency,
    differences.assurance,
    differences.cause,
    differences.billed_amount,
    differences.expected_amount,
    differences.variance_amount,
    differences.tolerance_amount,
    differences.amount_at_risk,
    rules.rule_id,
    rules.version as rule_version,
    -- what no rule knows is looked at
    coalesce(rules.action, 'review') as rule_action,
    coalesce(rules.severity, 'medium') as severity,
    rules.owner,
    rules.review_above,
    differences.partition_id,
    differences.partition_version
from differences
left join {{ ref('exception_rules') }} as rules
    on
        differences.direction glob rules.direction
        and rules.sign in ('*', differences.variance_sign)
        and differences.cause glob rules.cause
        and differences.counterparty glob rules.counterparty
        and coalesce(differences.sku_id, '') glob rules.sku
        and differences.amount_at_risk >= coalesce(rules.min_amount, 0)
        and differences.amount_at_risk <= coalesce(rules.max_amount, differences.amount_at_risk)
        and coalesce(differences.share_percent >= rules.min_share, true)
        and (rules.max_share is null or coalesce(differences.share_percent <= rules.max_share, false))
        and differences.billing_period >= rules.valid_from
        and differences.billing_period < coalesce(rules.valid_to, date '9999-12-31')
qualify row_number() over (partition by differences.diff_id order by rules.priority, rules.rule_id) = 1
