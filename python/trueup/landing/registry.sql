-- The registry: what has ever been seen in the landing folder and what became of it.
-- One row per path and content. Money and rows per file stand in file_totals, so that every later
-- layer can be checked against figures that were taken from the raw text before any model ran.
create schema if not exists landing;
create schema if not exists raw;

-- The declarations of models/staging, as of the last landing.
create table if not exists landing.sources (
    source text primary key,
    folder text not null,
    delivery_kind text not null,      -- replace | append
    holds text not null,              -- charges | records
    period_grain text not null,       -- month | day
    max_bad_share decimal(9, 6) not null,
    shown text not null               -- signature of declaration and files that raw.<source> shows
);

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
    columns text[],                   -- as delivered
    missing_columns text[],           -- required ones that it lacks
    archive_path text,                -- below the archive folder
    landed_at timestamp not null,
    run_id text not null,
    primary key (source, path, sha256)
);

alter table landing.files add column if not exists missing_columns text[];
alter table landing.files add column if not exists expired_at timestamp;  -- archive removed by `trueup retain`

create table if not exists landing.file_totals (
    source text not null,
    file_id text not null,
    billing_period date,              -- first day of month or day; null without billing periods
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

-- What a manifest lists. A delivery with a manifest is used only when all of it is there.
create table if not exists landing.manifests (
    folder text not null,
    path text not null,
    sha256 text not null,
    manifest_id text,                 -- null when the manifest cannot be read
    delivered_at timestamp not null,
    modified_ns bigint not null,
    reason text,                      -- why it cannot be read
    primary key (path, sha256)
);

create table if not exists landing.manifest_files (
    manifest_path text not null,
    manifest_sha256 text not null,
    listed text not null,             -- as the manifest names it
    path text,                        -- below the landing folder; null while the file is not there
    row_count bigint,
    bytes bigint
);

-- Rewritten by every landing from deliveries.sql: what each feed delivered for each period, and which
-- delivery counts.
create table if not exists landing.deliveries (
    source text not null,
    feed text not null,
    billing_period date,
    delivery_kind text not null,
    delivery_key text not null,
    delivery_id text not null,
    delivered_at timestamp not null,
    contents text[] not null,         -- file ids
    row_count bigint not null,        -- sound rows
    rows_quarantined bigint not null,
    missing_files text[] not null,
    status text not null,             -- current | superseded | incomplete | refused | tied
    reason text                       -- why it is neither current nor superseded
);

create table if not exists landing.runs (
    run_id text not null,
    as_of timestamp not null,
    step text not null,
    started_at timestamp not null,
    seconds decimal(12, 3) not null,
    row_count bigint,
    peak_memory_bytes bigint,
    status text not null,             -- ok | partial | failed | unchanged
    detail text
);

-- Transactions that the ledger did not take.
create table if not exists landing.ledger_refusals (
    run_id text not null,
    recorded_at timestamp not null,
    idempotency_key text,
    reason text not null,
    payload_hash text not null,
    held_payload_hash text            -- of the transaction that the ledger has under this key
);

-- What a run could not read, which is no fault of the data: the next run tries it again.
create table if not exists landing.read_failures (
    run_id text not null,
    source text not null,             -- folder
    path text not null,               -- below the landing folder, or URL of an object or location
    reason text not null,
    attempts integer not null,        -- requests made before it was given up
    failed_at timestamp not null
);

-- Of each path only the newest readable content counts.
create or replace view landing.path_contents as
select *
from landing.files
where status = 'archived'
qualify row_number() over (partition by path order by delivered_at desc, sha256 desc) = 1;

-- One content counts once in a period, whatever feeds or deliveries hold it.
create or replace view landing.current_files as
select
    source, min(feed) as feed, billing_period, file_id, min(delivery_id) as delivery_id
from (
    select source, feed, billing_period, unnest(contents) as file_id, delivery_id
    from landing.deliveries
    where status = 'current'
)
group by source, billing_period, file_id;

-- What became of a content in a period: current, or the best reason why it is not.
create or replace view landing.file_standing as
select
    source, billing_period, file_id,
    case
        when bool_or(status = 'current') then 'current'
        when bool_or(status != 'superseded') then 'held'
        else 'superseded'
    end as standing
from (select *, unnest(contents) as file_id from landing.deliveries)
group by source, billing_period, file_id;

-- One row per source and set of columns.
create or replace view landing.schemas as
select
    source, md5(array_to_string(list_sort(columns), chr(10))) as schema_id,
    list_sort(columns) as columns, count(*) as file_count,
    min_by(file_id, (delivered_at, file_id)) as first_file_id, min(delivered_at) as first_seen_at
from landing.files
where columns is not null
group by source, list_sort(columns);

-- What changed between the columns of a file and those of the last good file of its feed before it, in
-- the order of delivery, whatever the order of landing.
create or replace view landing.schema_changes as
with
contents as (
    select
        *, md5(array_to_string(list_sort(columns), chr(10))) as schema_id,
        -- of a refused file only its path says which feed it belongs to
        status = 'archived' as has_feed
    from landing.files
    where columns is not null
    qualify row_number() over (partition by source, sha256 order by delivered_at, path) = 1
),

compared as (
    select
        later.*, earlier.columns as previous_columns, earlier.schema_id as previous_schema_id
    from contents as later
    inner join contents as earlier
        on later.source = earlier.source
        and earlier.status = 'archived'
        and (
            later.feed = earlier.feed
            or not later.has_feed and (later.feed = '' or starts_with(earlier.feed, later.feed || '/'))
        )
        and (earlier.delivered_at, earlier.file_id) < (later.delivered_at, later.file_id)
    qualify row_number() over (
        partition by later.source, later.file_id order by earlier.delivered_at desc, earlier.file_id desc
    ) = 1
),

columns_changed as (
    select *, unnest(list_filter(columns, c -> not list_contains(previous_columns, c))) as column_name, 'added' as change
    from compared
    where schema_id != previous_schema_id
    union all
    select *, unnest(list_filter(previous_columns, c -> not list_contains(columns, c))) as column_name, 'removed' as change
    from compared
    where schema_id != previous_schema_id
),

values_changed as (
    select
        files.*, null as previous_columns, null as previous_schema_id, bad.column_name, 'retyped' as change
    from contents as files
    inner join landing.sources as sources using (source)
    inner join (
        select source, file_id, column_name, count(*) as row_count
        from landing.quarantined_rows
        group by all
    ) as bad using (source, file_id)
    where bad.row_count > files.rows_total * sources.max_bad_share
)

select
    source, feed, file_id, path, column_name,
    case
        -- another name stands where this one stood
        when change = 'removed'
            and list_position(previous_columns, column_name) <= len(columns)
            and not list_contains(previous_columns, columns[list_position(previous_columns, column_name)])
        then 'renamed'
        else change
    end as change,
    case
        when change = 'removed'
            and list_position(previous_columns, column_name) <= len(columns)
            and not list_contains(previous_columns, columns[list_position(previous_columns, column_name)])
        then columns[list_position(previous_columns, column_name)]
    end as renamed_to,
    change = 'retyped' or coalesce(list_contains(missing_columns, column_name), false) as is_breaking,
    case when status = 'quarantined' or change = 'retyped' then 'quarantined' else 'accepted' end as action,
    previous_schema_id, schema_id, delivered_at as found_at
from (select * from columns_changed union all by name select * from values_changed);

-- What others on this machine could read or write: one row per run, folder and kind.
create table if not exists landing.access_violations (
    run_id text not null,
    folder text,                      -- of the landing folder; null for one of the home
    kind text not null,               -- home_open | landing_writable | landing_readable
    path text not null,               -- the first of the files, or the folder of the home
    file_count bigint not null,
    found_at timestamp not null       -- as-of time of the run
);
