-- The unit costs of A and B, compared as two samples of days with their own scatter: Welch's interval.
with

paired as (
    select
        a.trial_id,
        a.metric,
        a.sku_id as a_sku_id,
        a.first_date as a_first_date,
        a.last_date as a_last_date,
        a.day_count as a_day_count,
        a.effective_cost as a_effective_cost,
        a.unit_count as a_unit_count,
        a.unit_cost as a_unit_cost,
        b.sku_id as b_sku_id,
        b.first_date as b_first_date,
        b.last_date as b_last_date,
        b.day_count as b_day_count,
        b.effective_cost as b_effective_cost,
        b.unit_count as b_unit_count,
        b.unit_cost as b_unit_cost,
        b.unit,
        b.unit_cost - a.unit_cost as unit_cost_difference,
        power(a.unit_cost_stderr, 2) as a_square,
        power(b.unit_cost_stderr, 2) as b_square
    from {{ ref('trial_arms') }} as a
    inner join {{ ref('trial_arms') }} as b on a.trial_id = b.trial_id and a.metric = b.metric
    where a.arm = 'A' and b.arm = 'B'
),

-- Days without any scatter give no degrees of freedom of their own; those of the shorter arm are the fewest there are.
freed as (
    select
        * exclude (a_square, b_square),
        cast(sqrt(a_square + b_square) as {{ decimal_type() }}) as difference_stderr,
        cast(floor(coalesce(
            power(a_square + b_square, 2)
            / nullif(power(a_square, 2) / (a_day_count - 1) + power(b_square, 2) / (b_day_count - 1), 0),
            least(a_day_count, b_day_count) - 1
        )) as integer) as degrees_of_freedom
    from paired
    where a_day_count > 1 and b_day_count > 1
),

bounded as (
    select
        freed.*,
        freed.unit_cost_difference - cast(freed.difference_stderr * quantiles.quantile as {{ decimal_type() }})
            as difference_low,
        freed.unit_cost_difference + cast(freed.difference_stderr * quantiles.quantile as {{ decimal_type() }})
            as difference_high
    from freed
    asof left join {{ ref('t_quantiles') }} as quantiles on freed.degrees_of_freedom >= quantiles.degrees_of_freedom
),

costs as (
    select
        trial_id,
        cast(sum(excess_cost) as {{ decimal_type() }}) as excess_cost
    from {{ ref('trial_days') }}
    group by trial_id
)

select
    changes.provider,
    changes.account_id,
    changes.resource_id,
    changes.product,
    changes.changed_on,
    bounded.*,
    {{ unit_price_of('100 * bounded.unit_cost_difference', 'bounded.a_unit_cost') }} as difference_percent,
    bounded.difference_low > 0 or bounded.difference_high < 0 as is_beyond_scatter,
    costs.excess_cost,
    changes.billing_currency as currency
from bounded
inner join {{ ref('size_changes') }} as changes on bounded.trial_id = changes.trial_id
inner join costs on bounded.trial_id = costs.trial_id
