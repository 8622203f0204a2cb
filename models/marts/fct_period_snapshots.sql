select
    direction,
    source,
    provider,
    billing_account_id,
    billing_period,
    charge_kind,
    currency,
    charge_count,
    billed_cost,
    effective_cost,
    files,
    closed_at,
    final_at,
    frozen_at,
    rows_of_period,
    seal
from {{ ref('period_snapshots') }}
