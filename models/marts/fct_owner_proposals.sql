select
    provider,
    account_id,
    resource_id,
    resource_name,
    proposed_owner,
    method,
    evidence,
    share_percent,
    evidence_cost_reporting,
    cast(charge_count as bigint) as charge_count,
    billed_cost_reporting,
    first_unattributed_at,
    last_unattributed_at,
    last_known_owner,
    last_owned_at,
    lost_tags_at
from {{ ref('owner_proposals') }}
