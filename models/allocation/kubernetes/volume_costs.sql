-- The cost of each volume, split to the last decimal over those who mount it.
{%- set split = 'partition by resource_id, usage_date, billing_currency' %}
{%- set ties = 'namespace asc nulls last, workload asc nulls last, tenant asc nulls last' %}
with

totalled as (
    select
        *,
        {{ in_units('billed_cost') }} as billed_units,
        {{ in_units('effective_cost') }} as effective_units,
        cast(sum(weight) over ({{ split }}) as hugeint) as total
    from {{ ref('volume_shares') }}
),

cut as (
    select
        *,
        {{ cut_part('billed_units', 'weight', 'total') }} as billed_part,
        {{ lost_part('billed_units', 'weight', 'total') }} as billed_lost,
        {{ cut_part('effective_units', 'weight', 'total') }} as effective_part,
        {{ lost_part('effective_units', 'weight', 'total') }} as effective_lost
    from totalled
),

placed as (
    select
        *,
        row_number() over ({{ split }} order by billed_lost desc, {{ ties }}) as billed_place,
        row_number() over ({{ split }} order by effective_lost desc, {{ ties }}) as effective_place
    from cut
)

select
    cluster,
    resource_id,
    usage_date,
    billing_currency,
    namespace,
    workload,
    tenant,
    capacity_byte_seconds,
    {{ of_units(whole_part('billed_units', 'billed_part', 'billed_place', '(' ~ split ~ ')')) }} as billed_cost,
    {{ of_units(whole_part('effective_units', 'effective_part', 'effective_place', '(' ~ split ~ ')')) }}
        as effective_cost
from placed
