-- Of a day's rates the one of the first source counts; it holds until the next day that has one.
with

ranked as (
    select
        rates.from_currency,
        rates.to_currency,
        rates.rate_date,
        rates.rate,
        rates.rate_source,
        row_number() over (
            partition by rates.from_currency, rates.to_currency, rates.rate_date
            order by sources.precedence nulls last, rates.rate_source nulls last, rates.rate
        ) as place
    from {{ ref('stg_fx_rates__rates') }} as rates
    left join {{ ref('fx_sources') }} as sources
        on
            rates.rate_source = sources.rate_source
            and rates.rate_date >= sources.valid_from
            and rates.rate_date < coalesce(sources.valid_to, date '9999-12-31')
    where rates.from_currency != rates.to_currency
)

select
    from_currency,
    to_currency,
    rate,
    rate_source,
    rate_date,
    coalesce(
        lead(rate_date) over (partition by from_currency, to_currency order by rate_date), date '9999-12-31'
    ) as next_rate_date
from ranked
where place = 1
