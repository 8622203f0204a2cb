{{ config(materialized='table') }}

-- depends_on: {{ ref('gate_canonical') }}
-- A partition is priced anew when what it reads or any rate card, price list, contract, commitment or credit changes.
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
    inputs.partition_id,
    inputs.direction,
    inputs.billing_period,
    max(inputs.input_version) filter (
        where inputs.direction = 'payable' and inputs.input_period = inputs.billing_period
    ) as charges_version,
    md5(concat_ws(
        '|', inputs.partition_id, string_agg(
            concat_ws(':', inputs.input_version, inputs.beside), ',' order by inputs.input_version
        ),
        any_value(rates.contents)
    )) as partition_version
from {{ ref('partition_inputs') }} as inputs
cross join rates
group by inputs.partition_id, inputs.direction, inputs.billing_period
