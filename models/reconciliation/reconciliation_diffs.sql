-- Every key: those that disagree, worked out, and those that agree, whose variance has no parts.
{%- set parts = [
    'credit', 'tax', 'duplicate', 'timing', 'missing_usage', 'unbilled', 'sku', 'quantity', 'rate', 'discount', 'fx',
    'rounding', 'unexplained',
] %}
with

agreed as (
    select * from {{ ref('matched_keys') }}
    where is_agreed
),

tolerated as (
    select
        agreed.*,
        partitions.partition_version as reconciled_version,
        tolerances.match_rule_id,
        {{ tolerance_of('agreed.expected_amount') }} as tolerance_amount
    from agreed
    inner join {{ ref('timed_partitions') }} as partitions on agreed.partition_version = partitions.matched_version
    inner join {{ ref('tolerances') }} as tolerances
        on
            agreed.direction = tolerances.direction
            and agreed.billing_period >= tolerances.valid_from
            and agreed.billing_period < coalesce(tolerances.valid_to, date '9999-12-31')
)

select * from {{ ref('disagreements') }}
union all by name
select
    * exclude (
        is_agreed, unknown_rows, used_rows, surplus_amount, stated_amount, duplicate_step, missing_usage_step, sku_step,
        quantity_step, unbilled_step, reconciled_version
    ) replace (reconciled_version as partition_version),
    {%- for part in parts %}
        cast(0 as {{ decimal_type() }}) as {{ part }}_variance,
    {%- endfor %}
    cast(0 as {{ decimal_type() }}) as variance_amount,
    'none' as cause,
    'matched' as status
from tolerated
