-- a row repeated word for word is one row
select distinct
    {{ identity(['service', 'version', 'deployed_at']) }} as deployment_id,
    service,
    version,
    commit_id,
    owner,
    resource_pattern,
    deployed_at
from {{ ref('stg_deployments__deployments') }}
