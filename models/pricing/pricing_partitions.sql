-- A partition is priced anew when its charges or any rate card, price list, contract, commitment or credit change.
with

rates as (
    select
        string_agg(concat_ws(':', files.file_id, files.delivery_id), ',' order by files.file_id, files.delivery_id)
            as contents
    from {{ source('landing', 'current_files') }} as files
    inner join {{ source('landing', 'sources') }} as sources on files.source = sources.source
    where sources.folder in ('rate_cards', 'price_lists', 'contracts', 'commitments', 'credits')
)

select
    partitions.partition_id,
    partitions.partition_version as charges_version,
    md5(concat_ws('|', partitions.partition_version, rates.contents)) as partition_version
from {{ ref('partitions') }} as partitions
cross join rates
