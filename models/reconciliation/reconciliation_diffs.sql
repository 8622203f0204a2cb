-- Every key: those that disagree, worked out, and those that agree, whose variance has no parts.
{%- set parts = [
    'credit', 'tax', 'duplicate', 'timing', 'missing_usage', 'unbilled', 'sku', 'quantity', 'rate', 'discount', 'fx',
    'rounding', 'unexplained',
] %}
select * from {{ ref('disagreements') }}
union all by name
select
    sides.* exclude (
        is_agreed, unknown_rows, used_rows, surplus_amount, stated_amount, duplicate_step, missing_usage_step, sku_step,
        quantity_step, unbilled_step
    ) replace (partitions.partition_version as partition_version),
    {%- for part in ['variance_amount'] + parts %}
        cast(0 as {{ decimal_type() }}) as {{ part if loop.first else part ~ '_variance' }},
    {%- endfor %}
    tolerances.match_rule_id,
    {{ tolerance_of('sides.expected_amount') }} as tolerance_amount,
    'none' as cause,
    'matched' as status
from {{ ref('matched_keys') }} as sides
inner join {{ ref('timed_partitions') }} as partitions on sides.partition_version = partitions.matched_version
inner join {{ ref('tolerances') }} as tolerances
    on
        sides.direction = tolerances.direction
        and sides.billing_period >= tolerances.valid_from
        and sides.billing_period < coalesce(tolerances.valid_to, date '9999-12-31')
where sides.is_agreed
