-- The register of disputes: as landed, and exceptions that were decided to be disputed and stand in no landed one.
with

exceptions as (
    select * from {{ ref('exceptions') }}
),

landed as (
    select
        disputes.dispute_id,
        disputes.kind,
        disputes.subject_id,
        exceptions.exception_id,
        coalesce(exceptions.invoice_id, disputes.subject_id) as invoice_name,
        disputes.claimed_amount,
        coalesce(disputes.recovered_amount, 0) as recovered_amount,
        disputes.currency,
        disputes.status,
        coalesce(statuses.is_closed, false) as is_closed,
        disputes.reference,
        disputes.opened_at,
        exceptions.resolved_at,
        disputes.file_id,
        disputes.file_row
    from {{ ref('stg_disputes__disputes') }} as disputes
    left join exceptions on try_cast(disputes.subject_id as uuid) = exceptions.exception_id
    left join {{ ref('dispute_statuses') }} as statuses on disputes.status = statuses.status
    left join {{ ref('partition_file_times') }} as times
        on times.source = 'disputes' and disputes.file_id = times.file_id
    -- a dispute that is delivered again is as it was delivered last
    qualify row_number() over (
        partition by disputes.dispute_id order by times.received_at desc, disputes.file_id desc, disputes.file_row desc
    ) = 1
),

-- what is billed right after it was disputed is recovered
decided as (
    select
        'exception/' || exceptions.exception_id as dispute_id,
        case exceptions.direction when 'payable' then 'vendor' else 'customer' end as kind,
        cast(exceptions.exception_id as varchar) as subject_id,
        exceptions.exception_id,
        exceptions.invoice_id as invoice_name,
        coalesce(exceptions.decided_amount, exceptions.amount_at_risk) as claimed_amount,
        case when exceptions.status = 'disputed' then 0 else exceptions.decided_amount end as recovered_amount,
        exceptions.currency,
        case when exceptions.status = 'disputed' then 'open' else 'settled' end as status,
        exceptions.status != 'disputed' as is_closed,
        exceptions.reference,
        exceptions.decided_at as opened_at,
        exceptions.resolved_at
    from exceptions
    anti join landed on exceptions.exception_id = landed.exception_id
    where exceptions.action = 'dispute' and exceptions.decided_by is not null
),

registered as (
    select * from landed
    union all by name
    select * from decided
)

select
    registered.dispute_id,
    registered.kind,
    registered.subject_id,
    registered.exception_id,
    registered.claimed_amount,
    registered.recovered_amount,
    registered.currency,
    registered.status,
    registered.reference,
    registered.opened_at,
    registered.file_id,
    registered.file_row,
    invoices.issuer as invoice_issuer,
    invoices.invoice_id,
    case
        when registered.recovered_amount >= registered.claimed_amount then 'recovered'
        when not registered.is_closed then 'open'
        when registered.recovered_amount > 0 then 'part_recovered'
        else 'lost'
    end as outcome,
    -- nobody says when a landed one was closed
    case when registered.is_closed then registered.resolved_at else {{ as_of() }} end as aged_until
from registered
left join {{ ref('invoice_names') }} as invoices on registered.invoice_name = invoices.invoice_name
