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
    {{ tolerance_of('parts.expected_amount') }} as tolerance_amount,
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
