-- a row repeated word for word is one row
select distinct
    contract_id,
    version as contract_version,
    account_id,
    meter_id,
    period,
    overage_policy,
    included_quantity,
    coalesce(tolerance_percent, 0) as tolerance_percent,
    coalesce(rollover_quantity, 0) as rollover_quantity,
    pool,
    effective_from,
    coalesce(effective_to, date '9999-12-31') as effective_to
from {{ ref('stg_entitlements__entitlements') }}
