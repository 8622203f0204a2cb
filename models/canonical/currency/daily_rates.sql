{{ config(materialized='table') }}

select
    days.from_currency,
    days.to_currency,
    days.needed_on,
    case
        when days.from_currency = days.to_currency then cast(1 as {{ decimal_type() }})
        else spans.rate
    end as rate,
    case when days.from_currency = days.to_currency then days.needed_on else spans.rate_date end as rate_date,
    spans.rate_source,
    coalesce(spans.rate_date < days.needed_on, false) as is_carried
from {{ ref('rate_days') }} as days
left join {{ ref('rate_spans') }} as spans
    on
        days.from_currency = spans.from_currency
        and days.to_currency = spans.to_currency
        and days.needed_on >= spans.rate_date
        and days.needed_on < spans.next_rate_date
where days.from_currency is not null and days.needed_on is not null
