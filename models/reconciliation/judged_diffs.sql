-- Every difference with its tolerance, and its cause: the largest part, ties by the order in which parts leave.
{%- set causes = [
    'credit', 'tax', 'duplicate', 'timing', 'missing_usage', 'unbilled', 'sku', 'quantity', 'rate', 'discount', 'fx',
    'rounding', 'unexplained',
] %}
with

parts as (
    select
        *,
        greatest(
            {%- for cause in causes %}
                abs({{ cause }}_variance){% if not loop.last %},{% endif %}
            {%- endfor %}
        ) as largest_part
    from {{ ref('variance_parts') }}
)

select
    parts.*,
    coalesce(parts.moved_by_rule_id, tolerances.match_rule_id) as match_rule_id,
    cast(greatest(
        tolerances.absolute_amount,
        -- the exact product of an amount with a share of at most 1
        cast(trunc(abs(parts.expected_amount)) as decimal(20, 0)) * cast(tolerances.percent * 0.01 as decimal(9, 8))
        + round(
            cast(abs(parts.expected_amount) - trunc(abs(parts.expected_amount)) as decimal(18, 18))
            * cast(tolerances.percent * 0.01 as decimal(9, 8)), 18
        )
    ) as {{ decimal_type() }}) as tolerance_amount,
    case
        when parts.largest_part = 0 then 'none'
        {%- for cause in causes[:-1] %}
            when parts.largest_part = abs(parts.{{ cause }}_variance) then '{{ cause }}'
        {%- endfor %}
        when parts.unknown_rows > 0 then 'unpriced'
        else 'unexplained'
    end as cause
from parts
inner join {{ ref('tolerances') }} as tolerances
    on
        parts.direction = tolerances.direction
        and parts.billing_period >= tolerances.valid_from
        and parts.billing_period < coalesce(tolerances.valid_to, date '9999-12-31')
