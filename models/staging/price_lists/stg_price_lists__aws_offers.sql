with source as (
    select * from {{ source('raw', 'aws_offers') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('offerCode') }} as offer_code,
    {{ raw_text('version') }} as offer_version,

    -- attributes
    {{ raw_text('products') }} as products,
    {{ raw_text('terms') }} as terms,

    -- times
    {{ raw_timestamp('publicationDate') }} as published_at
from source
