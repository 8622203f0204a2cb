select * from {{ source('landing', 'ledger_refusals') }}
