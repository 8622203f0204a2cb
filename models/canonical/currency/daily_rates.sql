{{ config(materialized='table') }}

select
    needed.from_currency,
    needed.to_currency,
    needed.needed_on,
    case
        when needed.from_currency = needed.to_currency then cast(1 as {{ decimal_type() }})
        else spans.rate
    end as rate,
    case
        when needed.from_currency = needed.to_currency then needed.needed_on
        else spans.rate_date
    end as rate_date,
    spans.rate_source,
    coalesce(spans.rate_date < needed.needed_on, false) as is_carried
from {{ ref('rate_days') }} as needed
left join {{ ref('rate_spans') }} as spans
    on
        needed.from_currency = spans.from_currency
        and needed.to_currency = spans.to_currency
        and needed.needed_on >= spans.rate_date
        and needed.needed_on < spans.next_rate_date
where needed.from_currency is not null and needed.needed_on is not null
