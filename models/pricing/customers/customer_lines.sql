-- What a month of a contract comes to before credit and tax, line by line, in the order of the discounts.
with

terms as (
    select * from {{ ref('customer_terms') }}
),

used as (
    select
        months.contract_id,
        months.billing_period,
        months.sku_id,
        'usage' as charge_kind,
        cast(sum(months.amount) as {{ decimal_type() }}) as amount
    from {{ ref('customer_months') }} as months
    inner join terms on months.contract_id = terms.contract_id and months.billing_period = terms.billing_period
    group by months.contract_id, months.billing_period, months.sku_id
    union all
    select * from {{ ref('card_minimums') }}
),

fixed as (
    select
        terms.contract_id,
        terms.billing_period,
        cast(null as varchar) as sku_id,
        'discount' as charge_kind,
        cast(-least(terms.fixed_discount, greatest(sum(used.amount), 0)) as {{ decimal_type() }}) as amount
    from terms
    inner join used on terms.contract_id = used.contract_id and terms.billing_period = used.billing_period
    where terms.fixed_discount > 0
    group by terms.contract_id, terms.billing_period, terms.fixed_discount
),

discounted as (
    select * from used
    union all
    select * from fixed
),

committed as (
    select
        terms.contract_id,
        max(terms.billing_period) as billing_period,
        cast(null as varchar) as sku_id,
        'commitment' as charge_kind,
        cast(greatest(
            max_by(terms.minimum_commit_amount, terms.billing_period) - coalesce(sum(discounted.amount) filter (
                where terms.commit_skus = '*'
                or len(list_filter(
                    string_split(terms.commit_skus, ';'), pattern -> discounted.sku_id glob pattern
                )) > 0
            ), 0), 0
        ) as {{ decimal_type() }}) as amount
    from terms
    left join discounted
        on terms.contract_id = discounted.contract_id and terms.billing_period = discounted.billing_period
    where terms.minimum_commit_amount > 0
    group by terms.contract_id, terms.commit_start
    -- a period that is not over yet may still make it
    having max(terms.next_period) >= least(max(terms.commit_end), max(terms.effective_to))
)

select * from discounted
union all
select * from committed
