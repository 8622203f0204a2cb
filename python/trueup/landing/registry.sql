-- The registry: what has ever been seen in the landing folder and what became of it.
-- One row per path and content. Money and rows per file stand in file_totals, so that every later
-- layer can be checked against figures that were taken from the raw text before any model ran.
create schema if not exists landing;
create schema if not exists raw;

create table if not exists landing.files (
    source text not null,
    path text not null,               -- below the landing folder
    sha256 text not null,
    file_id text not null,            -- identity of the content: source and first 16 hex digits
    bytes bigint not null,
    modified_ns bigint not null,      -- file time when last read, to skip unchanged files
    delivered_at timestamp not null,  -- run date in the path, else the file time
    delivery_key text not null,       -- parts of one delivery share it
    delivery_kind text not null,      -- replace | append
    feed text not null,
    status text not null,             -- archived | quarantined
    reason text,
    rows_total bigint,                -- null when the file cannot be read
    columns text[],
    archive_path text,                -- below the archive folder
    landed_at timestamp not null,
    run_id text not null,
    primary key (source, path, sha256)
);

create table if not exists landing.file_totals (
    source text not null,
    file_id text not null,
    billing_period date,              -- null for sources without billing periods
    currency text,
    row_count bigint not null,        -- sound rows
    amount decimal(38, 18) not null   -- their billed money, from the raw text
);

create table if not exists landing.quarantined_rows (
    source text not null,
    file_id text not null,
    file_row bigint not null,
    column_name text not null,        -- the first column that is unsound
    value text,
    reason text not null,
    amount decimal(38, 18),           -- null when the amount itself cannot be read
    currency text,
    billing_period date
);

create table if not exists landing.runs (
    run_id text not null,
    as_of timestamp not null,
    step text not null,
    started_at timestamp not null,
    seconds decimal(12, 3) not null,
    row_count bigint,
    peak_memory_bytes bigint,
    status text not null,             -- ok | failed | unchanged
    detail text
);

-- Of each path only the newest readable content counts.
create or replace view landing.path_contents as
select *
from landing.files
where status = 'archived'
qualify row_number() over (partition by source, path order by delivered_at desc, sha256 desc) = 1;

-- A delivery is what one feed delivers for one billing period at one time: the files that share a
-- delivery key. The newest one of a `replace` feed is current, all of an `append` feed are.
create or replace view landing.current_files as
with
deliveries as (
    select
        files.source, files.feed, totals.billing_period, files.delivery_kind, files.delivery_key,
        max(files.delivered_at) as delivered_at,
        list(distinct files.file_id order by files.file_id) as contents
    from landing.path_contents as files
    inner join (select distinct source, file_id, billing_period from landing.file_totals) as totals
        on files.source = totals.source and files.file_id = totals.file_id
    group by all
),

current_deliveries as (
    select *
    from deliveries
    qualify delivery_kind = 'append' or row_number() over (
        partition by source, feed, billing_period order by delivered_at desc, contents desc
    ) = 1
)

-- One content counts once in a period, whatever feeds or deliveries hold it.
select
    source, min(feed) as feed, billing_period, file_id, min(delivery_id) as delivery_id
from (
    select
        source, feed, billing_period, unnest(contents) as file_id,
        md5(concat_ws('|', source, feed, billing_period, array_to_string(contents, ','))) as delivery_id
    from current_deliveries
)
group by source, billing_period, file_id;

-- What others on this machine could read or write: one row per run, source and kind.
create table if not exists landing.access_violations (
    run_id text not null,
    source text,                      -- null for a folder of the home
    kind text not null,               -- home_open | landing_writable | landing_readable
    path text not null,               -- the first of the files or folders
    file_count bigint not null,
    found_at timestamp not null       -- as-of time of the run
);
