-- A delivery is what one feed delivers for one billing period at one time: the files of one manifest, or
-- else the files that share a delivery key. Of a `replace` feed the newest usable one is current, of an
-- `append` feed every usable one. Usable: complete, not more unsound than declared, not one of two that
-- claim the same time. What is not usable and newer than the current one waits, and says why.
create or replace table landing.deliveries as
with
manifests as (
    select *
    from landing.manifests
    where manifest_id is not null
    -- copies of one manifest are one, and a corrected one counts
    qualify row_number() over (partition by folder, manifest_id order by modified_ns desc, path) = 1
),

listed as (
    select
        manifests.folder, manifests.manifest_id, manifests.delivered_at, parts.listed, parts.path,
        contents.file_id,
        case
            when parts.path is null then parts.listed || ' is missing'
            when contents.file_id is null then parts.path || ' cannot be used'
            when parts.row_count != contents.rows_total
                then parts.path || ' has ' || contents.rows_total || ' rows, the manifest says ' || parts.row_count
            when parts.bytes != contents.bytes
                then parts.path || ' has ' || contents.bytes || ' bytes, the manifest says ' || parts.bytes
        end as fault
    from manifests
    inner join landing.manifest_files as parts
        on manifests.path = parts.manifest_path and manifests.sha256 = parts.manifest_sha256
    left join landing.path_contents as contents on parts.path = contents.path
),

-- The newest manifest that lists a path speaks for it.
spoken_for as (
    select *
    from listed
    where path is not null
    qualify row_number() over (partition by path order by delivered_at desc, manifest_id desc) = 1
),

faults as (
    select folder, manifest_id, list(fault order by fault) as faults
    from listed
    where fault is not null
    group by folder, manifest_id
),

governed as (
    select distinct regexp_replace(path, '[^/]*$', '') as below
    from landing.manifests
),

contents as (
    select
        files.source, files.feed, files.delivery_kind, files.file_id, files.rows_total,
        coalesce('manifest ' || spoken_for.manifest_id, files.delivery_key) as delivery_key,
        coalesce(spoken_for.delivered_at, files.delivered_at) as delivered_at,
        case
            when spoken_for.manifest_id is not null then coalesce(faults.faults, [])
            when exists (select 1 from governed where starts_with(files.path, governed.below))
                then ['no manifest lists ' || files.path]
            else []
        end as faults
    from landing.path_contents as files
    left join spoken_for on files.path = spoken_for.path
    left join faults on spoken_for.folder = faults.folder and spoken_for.manifest_id = faults.manifest_id
),

bad as (
    select source, file_id, count(*) as row_count, coalesce(sum(abs(amount)), 0) as amount
    from landing.quarantined_rows
    group by source, file_id
),

good as (
    select source, file_id, sum(row_count) as row_count, sum(abs(amount)) as amount
    from landing.file_totals
    group by source, file_id
),

periods as (
    select source, file_id, billing_period, sum(row_count) as row_count
    from landing.file_totals
    group by source, file_id, billing_period
),

deliveries as (
    select
        contents.source, contents.feed, periods.billing_period, contents.delivery_kind, contents.delivery_key,
        max(contents.delivered_at) as delivered_at,
        list(distinct contents.file_id order by contents.file_id) as contents,
        sum(periods.row_count) as row_count,
        coalesce(sum(bad.row_count), 0) as rows_quarantined,
        list_sort(list_distinct(flatten(list(contents.faults)))) as missing_files,
        -- shares of the whole files: a row without a period belongs to none
        coalesce(sum(bad.row_count), 0) > any_value(sources.max_bad_share) * sum(contents.rows_total)
        or coalesce(sum(bad.amount), 0)
        > any_value(sources.max_bad_share) * (coalesce(sum(bad.amount), 0) + sum(good.amount)) as is_bad
    from (select distinct * from contents) as contents
    inner join landing.sources as sources on contents.source = sources.source
    inner join periods on contents.source = periods.source and contents.file_id = periods.file_id
    left join good on contents.source = good.source and contents.file_id = good.file_id
    left join bad on contents.source = bad.source and contents.file_id = bad.file_id
    group by contents.source, contents.feed, periods.billing_period, contents.delivery_kind, contents.delivery_key
),

judged as (
    select
        *,
        len(missing_files) = 0 as is_complete,
        delivery_kind = 'replace' and len(missing_files) = 0 and count(distinct contents) filter (
            where len(missing_files) = 0
        ) over (partition by source, feed, billing_period, delivered_at) > 1 as is_tied
    from deliveries
),

-- A delivery is refused as too unsound only where an older one can stay in its place.
ranked as (
    select
        *,
        is_complete and not is_tied and (
            delivery_kind = 'append'
            or not is_bad
            or count(*) filter (where is_complete and not is_tied and not is_bad) over (
                partition by source, feed, billing_period order by delivered_at
                rows between unbounded preceding and 1 preceding
            ) = 0
        ) as is_usable
    from judged
),

current_times as (
    select source, feed, billing_period, max(delivered_at) as delivered_at
    from ranked
    where is_usable and delivery_kind = 'replace'
    group by source, feed, billing_period
)

select
    ranked.source, ranked.feed, ranked.billing_period, ranked.delivery_kind, ranked.delivery_key,
    md5(concat_ws(
        '|', ranked.source, ranked.feed, ranked.billing_period, array_to_string(ranked.contents, ',')
    )) as delivery_id,
    ranked.delivered_at, ranked.contents, ranked.row_count, ranked.rows_quarantined, ranked.missing_files,
    case
        when ranked.is_usable and (
            ranked.delivery_kind = 'append' or ranked.delivered_at = current_times.delivered_at
        ) then 'current'
        when ranked.delivered_at <= current_times.delivered_at then 'superseded'
        when not ranked.is_complete then 'incomplete'
        when ranked.is_tied then 'tied'
        else 'refused'
    end as status,
    case
        when ranked.is_usable or ranked.delivered_at <= current_times.delivered_at then null
        when not ranked.is_complete then array_to_string(ranked.missing_files[1:3], '; ')
        when ranked.is_tied then 'another delivery of the same time has other content'
        else 'more of its rows or money is unsound than declared'
    end as reason
from ranked
left join current_times
    on ranked.source = current_times.source
    and ranked.feed = current_times.feed
    and ranked.billing_period is not distinct from current_times.billing_period;
