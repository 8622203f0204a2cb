select * from {{ ref('stg_focus__contract_commitments') }}
qualify row_number() over (
    partition by contract_commitment_id
    order by contract_commitment_last_updated desc nulls last, file_id asc, file_row asc
) = 1
