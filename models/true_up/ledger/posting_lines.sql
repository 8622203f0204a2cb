{{ config(materialized='table') }}

-- Events with both their sides, by the rule for their kind of charge, else by that for all; an amount below zero changes
-- the sides. Amounts are in whole subunits of the currency.
with

events as (
    select * from {{ ref('accrual_events') }}
    union all
    select * from {{ ref('correction_events') }}
    union all
    select * from {{ ref('invoice_events') }}
    union all
    select * from {{ ref('claim_events') }}
    union all
    select * from {{ ref('transfer_events') }}
    union all
    select * from {{ ref('revenue_events') }}
),

ruled as (
    select
        events.*,
        {{ rounded_to('events.amount', 'coalesce(currencies.subunit_digits, 2)') }} as booked,
        rules.debit as debit_account,
        rules.credit as credit_account
    from events
    inner join {{ ref('posting_rules') }} as rules
        on
            events.event = rules.event
            and rules.charge_kind in (events.charge_kind, '*')
            and events.effective_at >= rules.valid_from
            and events.effective_at < coalesce(rules.valid_to, date '9999-12-31')
    left join {{ ref('currencies') }} as currencies on events.currency = currencies.currency
    qualify
        row_number() over (
            partition by events.idempotency_key, events.charge_kind order by rules.charge_kind = '*', rules.valid_from desc
        ) = 1
),

sides as (
    select
        * exclude (booked, debit_account, credit_account, debit_cost_center, credit_cost_center, amount),
        debit_account as gl_account,
        debit_cost_center as cost_center,
        greatest(booked, 0) as debit,
        greatest(-booked, 0) as credit
    from ruled
    where booked != 0
    union all by name
    select
        * exclude (booked, debit_account, credit_account, debit_cost_center, credit_cost_center, amount),
        credit_account as gl_account,
        credit_cost_center as cost_center,
        greatest(-booked, 0) as debit,
        greatest(booked, 0) as credit
    from ruled
    where booked != 0
),

numbered as (
    select
        idempotency_key,
        cast(row_number() over (
            partition by idempotency_key order by credit, charge_kind, gl_account, cost_center, debit
        ) as integer) as line_no,
        event,
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
    booked.* exclude (closing_period, debit, credit),
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
