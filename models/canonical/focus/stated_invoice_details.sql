-- A file may hold several periods of which a newer delivery has replaced one.
select details.*
from {{ ref('stg_focus__invoice_details') }} as details
inner join {{ ref('partition_files') }} as files
    on
        details.file_id = files.file_id
        and files.billing_period = cast(date_trunc('month', details.billing_period_start) as date)
qualify row_number() over (
    partition by details.invoice_detail_id
    order by details.invoice_detail_last_updated desc nulls last, details.file_id asc, details.file_row asc
) = 1
