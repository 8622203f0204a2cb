with

files as (
    select
        *,
        -- the same content under several paths: the first path holds it, the others are duplicates
        row_number() over (partition by source, sha256 order by status, path) > 1 as is_copy
    from {{ source('landing', 'files') }}
),

quarantined as (
    select
        file_id,
        count(*) as row_count,
        sum(amount) as amount_known,
        count(*) filter (where amount is null) as rows_amount_unknown
    from {{ source('landing', 'quarantined_rows') }}
    group by file_id
),

waiting as (
    select
        file_id,
        min('The delivery is ' || status || ': ' || reason || '.') as reason
    from (
        select
            *,
            unnest(contents) as file_id
        from {{ source('landing', 'deliveries') }}
        where reason is not null
    )
    group by file_id
),

dispositions as (
    select
        file_id,
        sum(rows_accepted) as rows_accepted,
        sum(amount_accepted) as amount_accepted,
        sum(rows_duplicate) as rows_duplicate,
        sum(amount_duplicate) as amount_duplicate,
        sum(rows_superseded) as rows_superseded,
        sum(amount_superseded) as amount_superseded,
        sum(rows_refused) as rows_refused,
        sum(amount_refused) as amount_refused,
        sum(rows_held) as rows_held,
        sum(amount_held) as amount_held,
        sum(amount_sound) as amount_sound
    from {{ ref('file_dispositions') }}
    group by file_id
)

select
    files.file_id,
    files.source,
    files.feed,
    files.path,
    files.sha256,
    files.bytes,
    files.rows_total,
    case when files.is_copy then 0 else coalesce(held.rows_accepted, 0) end as rows_accepted,
    case when files.is_copy then files.rows_total else coalesce(held.rows_duplicate, 0) end as rows_duplicate,
    case when files.is_copy then 0 else coalesce(held.rows_superseded, 0) end as rows_superseded,
    case
        when files.is_copy then 0
        else coalesce(bad.row_count, 0) + coalesce(held.rows_refused, 0) + coalesce(held.rows_held, 0)
    end as rows_quarantined,
    case when files.is_copy then 0 else coalesce(bad.rows_amount_unknown, 0) end as rows_quarantined_amount_unknown,
    held.amount_sound + coalesce(bad.amount_known, 0) as amount_total,
    case when files.is_copy then 0 else coalesce(held.amount_accepted, 0) end as amount_accepted,
    case
        when files.is_copy then held.amount_sound + coalesce(bad.amount_known, 0)
        else coalesce(held.amount_duplicate, 0)
    end as amount_duplicate,
    case when files.is_copy then 0 else coalesce(held.amount_superseded, 0) end as amount_superseded,
    case
        when files.is_copy then 0
        else coalesce(bad.amount_known, 0) + coalesce(held.amount_refused, 0) + coalesce(held.amount_held, 0)
    end as amount_quarantined,
    case
        when files.status = 'quarantined' then 'quarantined'
        when files.is_copy then 'duplicate'
        when held.rows_held > 0 then 'quarantined'
        when held.rows_superseded > 0 and held.rows_accepted = 0 then 'superseded'
        else 'accepted'
    end as status,
    coalesce(files.reason, waiting.reason) as reason,
    files.delivered_at,
    files.landed_at
from files
left join dispositions as held on files.file_id = held.file_id
left join quarantined as bad on files.file_id = bad.file_id
left join waiting on files.file_id = waiting.file_id
