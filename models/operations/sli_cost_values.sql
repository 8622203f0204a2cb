-- What ingestion costs: the landed operating costs of the window's months, else the seconds of its runs at a rate.
with

windows as (
    select * from {{ ref('sli_windows') }}
    where sli_id = 'EM5'
),

stated as (
    select
        windows.sli_id,
        sum(operating.amount) as stated_amount
    from windows
    inner join {{ ref('stg_operating_costs__costs') }} as operating
        on
            windows.window_starts_at < operating.billing_period + interval 1 month
            and windows.window_ends_at >= operating.billing_period
    where operating.currency = '{{ var("reporting_currency") }}'
    group by windows.sli_id
),

counted as (
    select
        windows.sli_id,
        sum({{ exact_product('cast(runs.seconds as decimal(38, 18))', 'rates.rate') }}) as amount_by_the_hour
    from windows
    inner join {{ ref('refresh_runs') }} as runs
        on windows.window_starts_at < runs.as_of and windows.window_ends_at >= runs.as_of
    inner join {{ ref('operating_rates') }} as rates
        on
            rates.item = 'run_hour'
            and runs.as_of >= rates.valid_from
            and runs.as_of < coalesce(rates.valid_to, date '9999-12-31')
    group by windows.sli_id
)

select
    windows.sli_id,
    coalesce(cast(stated.stated_amount as decimal(38, 6)), {{ exact_ratio('counted.amount_by_the_hour', '3600') }})
        as sli_value
from windows
left join stated on windows.sli_id = stated.sli_id
left join counted on windows.sli_id = counted.sli_id
