{{ config(materialized='table') }}

select
    rate_days.from_currency,
    rate_days.to_currency,
    rate_days.needed_on,
    case
        when rate_days.from_currency = rate_days.to_currency then cast(1 as {{ decimal_type() }})
        else spans.rate
    end as rate,
    case
        when rate_days.from_currency = rate_days.to_currency then rate_days.needed_on
        else spans.rate_date
    end as rate_date,
    spans.rate_source,
    coalesce(spans.rate_date < rate_days.needed_on, false) as is_carried
from {{ ref('rate_days') }}
left join {{ ref('rate_spans') }} as spans
    on
        rate_days.from_currency = spans.from_currency
        and rate_days.to_currency = spans.to_currency
        and rate_days.needed_on >= spans.rate_date
        and rate_days.needed_on < spans.next_rate_date
where rate_days.from_currency is not null and rate_days.needed_on is not null
