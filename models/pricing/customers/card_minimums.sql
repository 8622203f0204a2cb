-- What a card's period lacks to its minimum, due in the month in which the period ends.
with

periods as (
    select
        months.contract_id,
        max(months.billing_period) as billing_period,
        months.sku_id,
        months.window_start,
        max_by(versions.minimum_amount, months.billing_period) as minimum_amount,
        max_by(versions.reset, months.billing_period) as reset,
        sum(months.amount) as amount
    from {{ ref('customer_months') }} as months
    inner join {{ ref('rate_versions') }} as versions
        on
            months.rate_card_id = versions.rate_card_id
            and months.rate_version = versions.rate_version
            and months.sku_id = versions.sku_id
    group by months.contract_id, months.scope_id, months.sku_id, months.window_start
)

select
    contract_id,
    billing_period,
    sku_id,
    'minimum' as charge_kind,
    cast(sum(greatest(minimum_amount - amount, 0)) as {{ decimal_type() }}) as amount
from periods
where
    minimum_amount > amount
    and reset != 'never'
    and {{ as_of() }} >= case reset
        when 'day' then window_start + interval 1 day
        else window_start + to_months(case reset when 'quarter' then 3 when 'year' then 12 else 1 end)
    end
group by contract_id, billing_period, sku_id
