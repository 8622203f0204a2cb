{%- set states = ['compliant', 'missing', 'value_not_allowed'] %}
with

-- a resource counts once for an owner, in the worst state that it was in
resources as (
    select
        billing_period,
        tag_key,
        scope,
        provider,
        owner,
        currency,
        case
            when bool_or(tag_status = 'missing') then 'missing'
            when bool_or(tag_status = 'value_not_allowed') then 'value_not_allowed'
            else 'compliant'
        end as worst_status,
        {% for state in states -%}
            {{ sum_where('billed_cost', "tag_status = '" ~ state ~ "'") }} as {{ state }}_billed_cost,
            {{ sum_where('effective_cost', "tag_status = '" ~ state ~ "'") }} as {{ state }}_effective_cost,
        {% endfor -%}
        {{ sum_where('abs(effective_cost)', "tag_status = 'compliant'") }} as compliant_part,
        sum(abs(effective_cost)) as whole
    from {{ ref('resource_tags') }}
    where tag_key is not null
    group by billing_period, tag_key, scope, provider, owner, currency, account_id, resource_id
)

select
    billing_period,
    tag_key,
    scope,
    provider,
    owner,
    {% for state in states -%}
        count(*) filter (where worst_status = '{{ state }}') as {{ state }}_resource_count,
        cast(sum({{ state }}_billed_cost) as {{ decimal_type() }}) as {{ state }}_billed_cost,
        cast(sum({{ state }}_effective_cost) as {{ decimal_type() }}) as {{ state }}_effective_cost,
    {% endfor -%}
    cast({{ exact_ratio('100 * sum(compliant_part)', 'sum(whole)') }} as decimal(9, 6)) as compliant_percent,
    currency
from resources
group by billing_period, tag_key, scope, provider, owner, currency
