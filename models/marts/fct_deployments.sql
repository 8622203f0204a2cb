select
    deployment_id,
    service,
    version,
    commit_id,
    owner,
    resource_pattern,
    deployed_at
from {{ ref('deployments') }}
