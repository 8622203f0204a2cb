{{ config(materialized='table') }}

with

records as (
    select
        *,
        coalesce(revision_key, record_key) as revised_together
    from {{ ref('record_keys') }}
),

repeated as (
    select revised_together
    from records
    where fault_reason is null
    group by revised_together
    having count(*) > 1
),

versions as (
    select
        records.*,
        max(records.revision) over (partition by records.revised_together) > records.revision as is_superseded
    from records
    inner join repeated on records.revised_together = repeated.revised_together
    where records.fault_reason is null
),

twins as (
    select
        *,
        count(*) over same as copies,
        min(payload) over same != max(payload) over same as is_contradicted,
        row_number() over (
            partition by record_key, is_superseded order by preference desc, file_id asc, file_row asc
        ) > 1 as is_repeated,
        first_value(concat('row ', file_row, ' of ', file_id)) over (
            partition by record_key, is_superseded order by preference desc, file_id asc, file_row asc
        ) as first_copy
    from versions
    window same as (partition by record_key, is_superseded)
)

select
    source,
    file_id,
    file_row,
    'quarantined' as disposition,
    fault_column as column_name,
    fault_value as value,
    fault_reason as reason,
    billing_period,
    currency,
    amount
from records
where fault_reason is not null

union all

select
    source,
    file_id,
    file_row,
    case
        when is_superseded then 'superseded'
        when is_contradicted then 'quarantined'
        else 'duplicate'
    end as disposition,
    cast(null as varchar) as column_name,
    cast(null as varchar) as value,
    case
        when is_superseded then 'a later revision of it has landed'
        when is_contradicted
            then
                'stands ' || copies || ' times and not always with the same content, see ' || first_copy
                || '; deliver the right one again with a higher revision'
        else 'delivered before, as ' || first_copy
    end as reason,
    billing_period,
    currency,
    amount
from twins
where is_superseded or is_contradicted or is_repeated
