-- A run of raised days is a spike when together they have as much beyond the usual as the factor says, one of them half
-- of that, and it is worth a look.
with

valued as (
    select
        *,
        {{ exact_product('excess_quantity', 'unit_price') }} as excess_cost
    from {{ ref('raised_days') }}
),

runs as (
    select
        *,
        min(usage_date) over run as spike_started_on,
        bool_or(is_high) over run as is_high_once,
        sum(excess_quantity) over run as spike_quantity,
        max(usual_quantity) over run as most_usual_quantity,
        cast(sum(excess_cost) over run as {{ decimal_type() }}) as spike_cost
    from valued
    window run as (partition by series_id, run_number)
)

select
    * exclude (series_id, run_number, is_high, is_high_once, spike_quantity, most_usual_quantity),
    {{ identity(['series_id', 'spike_started_on']) }} as spike_id
from runs
where
    is_high_once
    and spike_quantity >= ({{ var('spike_factor') }} - 1) * most_usual_quantity
    and spike_cost >= {{ var('spike_floor') }}
