{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('allocation_partitions')) }}",
) }}

-- Amounts are rounded so that all statements of a month and currency sum to what is billed, rounded: what was cut most
-- is rounded up, ties by the line.
{%- set costs = ['billed', 'effective'] %}
with

groups as (
    select
        *,
        cast(md5(concat_ws(
            '|', billing_period, currency, owner, source_owner, coalesce(product, '-'), coalesce(tenant, '-'),
            coalesce(cost_center, '-'), coalesce(rule_id, '-'), method, is_estimated
        )) as uuid) as line_id
    from {{ ref('allocated_groups') }}
    where {{ is_changed_partition(ref('allocation_partitions')) }}
),

scaled as (
    select
        groups.*,
        cast(coalesce(currencies.subunit, 0.01) as decimal(18, 6)) as subunit,
        cast('1' || repeat('0', coalesce(currencies.subunit_digits, 2)) as bigint) as subunits
    from groups
    left join {{ ref('currencies') }} as currencies on groups.currency = currencies.currency
),

cut as (
    select
        *,
        {%- for cost in costs %}
            cast(floor({{ cost }}_cost * subunits) as hugeint) as {{ cost }}_units,
            {{ cost }}_cost * subunits - floor({{ cost }}_cost * subunits) as {{ cost }}_rest
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from scaled
),

ranked as (
    select
        *,
        {%- for cost in costs %}
            cast(round(sum({{ cost }}_rest) over (partition by billing_period, currency)) as bigint)
                as {{ cost }}_left,
            row_number() over (partition by billing_period, currency order by {{ cost }}_rest desc, line_id)
                as {{ cost }}_place
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from cut
)

select
    line_id,
    concat_ws('/', owner, strftime(billing_period, '%Y-%m'), currency) as statement_id,
    billing_period,
    owner,
    cost_center,
    case when rule_id is null then 'own' else 'passed_on' end as line_kind,
    source_owner,
    product,
    tenant,
    rule_id,
    method,
    is_estimated,
    billed_cost,
    effective_cost,
    {%- for cost in costs %}
        cast(
            cast({{ cost }}_units + case when {{ cost }}_place <= {{ cost }}_left then 1 else 0 end as decimal(20, 0))
            * subunit as {{ decimal_type() }}
        ) as {{ cost }}_amount,
    {%- endfor %}
    currency,
    partition_version
from ranked
