{{ config(materialized='table') }}

-- Both sides of each event; an amount below zero changes them.
with

ruled as (
    select *
    from {{ ref('ruled_events') }}
    where booked != 0
),

sides as (
    select
        * exclude (booked, debit_account, credit_account, debit_cost_center, credit_cost_center, amount),
        debit_account as gl_account,
        debit_cost_center as cost_center,
        greatest(booked, 0) as debit,
        greatest(-booked, 0) as credit
    from ruled
    union all by name
    select
        * exclude (booked, debit_account, credit_account, debit_cost_center, credit_cost_center, amount),
        credit_account as gl_account,
        credit_cost_center as cost_center,
        greatest(-booked, 0) as debit,
        greatest(booked, 0) as credit
    from ruled
),

numbered as (
    select
        idempotency_key,
        cast(row_number() over (
            partition by idempotency_key order by credit, charge_kind, gl_account, cost_center, debit
        ) as integer) as line_no,
        event_type,
        direction,
        charge_kind,
        effective_at,
        origin_period,
        closing_period,
        gl_account,
        cost_center,
        debit,
        credit,
        currency,
        reference,
        cast(null as varchar) as reverses
    from sides
),

booked as (
    select * from numbered
    union all by name
    select * from {{ ref('reversal_lines') }}
)

select
    booked.idempotency_key,
    booked.line_no,
    booked.event_type,
    booked.direction,
    booked.charge_kind,
    booked.effective_at,
    booked.origin_period,
    booked.gl_account,
    booked.cost_center,
    booked.currency,
    booked.reference,
    booked.reverses,
    cast(booked.debit as {{ decimal_type() }}) as debit,
    cast(booked.credit as {{ decimal_type() }}) as credit,
    -- what belongs to a close is posted to its period until that is done
    case
        when booked.closing_period is not null and sealed.posting_period is null then booked.closing_period
        else open_periods.posting_period
    end as posting_period,
    case
        when booked.closing_period is not null and sealed.posting_period is null
            then cast(booked.closing_period + interval 1 month - interval 1 second as timestamp)
        else {{ as_of() }}
    end as posted_at
from booked
inner join {{ ref('open_periods') }} as open_periods on booked.direction = open_periods.direction
left join {{ ref('sealed_periods') }} as sealed
    on booked.direction = sealed.direction and booked.closing_period = sealed.posting_period
